package kernel

import (
	"context"

	"possim/reader/emv"
)

// pseName is the name of the payment system environment of contact cards.
const pseName = "1PAY.SYS.DDF01"

// maxRecords is how many records a directory file can have (Book 1, 10.1.2).
const maxRecords = 255

// directory makes the candidate list from the card's payment system environment (EMV
// Book 1, 12.3.2). None, with no error, sends the terminal to its list of AIDs.
func (s *session) directory(ctx context.Context) ([]Candidate, error) {
	if s.SkipPSE {
		return nil, nil
	}
	fci, w, err := s.selectName(ctx, "SELECT PSE", []byte(pseName), false)
	if err != nil {
		return nil, err
	}
	switch w {
	case statusNotSupported: // 6A81: the card is blocked, or has no SELECT
		return nil, s.terminate(CauseCardBlocked, "the card answers 6A81 to its first SELECT: it is blocked")
	case statusOK:
	default: // 6A82: no PSE; 6283: a blocked one
		return nil, nil
	}
	sfi, table := fciOf(fci).Value(emv.TagSFI), fciOf(fci).Value(emv.TagCodeTableIndex)
	if len(sfi) != 1 || sfi[0] < 1 || sfi[0] > 10 {
		return nil, nil
	}
	var found []Candidate
	for n := 1; n <= maxRecords; n++ {
		raw, w, err := s.do(ctx, readRecord(int(sfi[0]), n))
		if err != nil {
			return nil, err
		}
		if w == statusNoRecord {
			return found, nil
		}
		l, err := emv.Parse(raw)
		if w != statusOK || err != nil || !l.Has(emv.TagRecordTemplate) {
			return nil, nil
		}
		found = s.entries(found, l.Inside(emv.TagRecordTemplate), table)
	}
	return found, nil
}

// entries adds the applications of a directory record that the terminal takes. Their names
// are written in the table (9F11) that the directory's FCI names: no entry says it.
func (s *session) entries(found []Candidate, record emv.List, table []byte) []Candidate {
	for _, o := range record {
		if o.Tag != emv.TagApplicationTemplate {
			continue
		}
		aid := o.List.Value(emv.TagADFName)
		if len(aid) < 5 || len(aid) > 16 {
			continue
		}
		if a, ok := s.takes(aid); ok {
			said := o.List
			if len(table) == 1 && !said.Has(emv.TagCodeTableIndex) {
				said = append(emv.List{emv.New(emv.TagCodeTableIndex, table)}, said...)
			}
			found = add(found, candidateOf(aid, a, said))
		}
	}
	return found
}

// selectName selects by name, the first or the next occurrence. The FCI is empty where
// it is not EMV's data objects.
func (s *session) selectName(ctx context.Context, name string, aid []byte, next bool) (emv.List, status, error) {
	c := command{name: name, ins: 0xA4, p1: 0x04, data: aid, answer: true}
	if next {
		c.p2 = 0x02
	}
	raw, w, err := s.do(ctx, c)
	if err != nil {
		return nil, w, err
	}
	l, err := emv.Parse(raw)
	if err != nil {
		return nil, w, nil
	}
	return l, w, nil
}

// readRecord is the command for a record of a file.
func readRecord(sfi, record int) command {
	return command{name: "READ RECORD", ins: 0xB2, p1: byte(record), p2: byte(sfi<<3) | 4, answer: true}
}
