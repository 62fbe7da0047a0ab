package kernel

import (
	"bytes"
	"context"

	"possim/reader/emv"
)

// readRecords reads the card's records and takes what stands in them (EMV Book 3, 10.2).
func (s *session) readRecords(ctx context.Context) error {
	seen, err := s.readFiles(ctx)
	if err != nil {
		return err
	}
	for o := range seen.All() {
		if own := o.Tag == emv.TagAIP || o.Tag == emv.TagAFL || o.Tag == emv.TagDFName; !own && !o.Tag.Constructed() {
			s.icc.Set(o.Tag, o.Value)
		}
	}
	return s.mandatory()
}

// readFiles reads what the AFL names: every record of files 1 to 10 is a template 70 of
// data objects, none of which may come twice; those of files 11 to 30 are the payment
// system's, and are read for what is signed.
func (s *session) readFiles(ctx context.Context) (seen emv.List, err error) {
	for _, e := range s.afl {
		for n := e.First; n <= e.Last; n++ {
			raw, err := s.want(ctx, readRecord(e.SFI, n))
			if err != nil {
				return nil, err
			}
			if n < e.First+e.Signed {
				s.records = append(s.records, emv.Record{SFI: e.SFI, Data: raw})
			}
			l, err := emv.Parse(raw)
			if e.SFI > 10 {
				continue
			}
			if err != nil {
				return nil, s.unreadable(CauseFormat, "record %d of file %d: %w", n, e.SFI, err)
			}
			if len(l) != 1 || l[0].Tag != emv.TagRecordTemplate {
				return nil, s.unreadable(CauseFormat, "record %d of file %d is not one template 70", n, e.SFI)
			}
			seen = append(seen, l[0].List...)
		}
	}
	if t, twice := seen.Duplicate(); twice {
		return nil, s.terminate(CauseFormat, "%s (%s) stands in the card's records twice", t, t.Name())
	}
	return seen, nil
}

// mandatory checks for the data objects that every card has (Book 3, 7.2, table 28).
func (s *session) mandatory() error {
	for _, t := range []emv.Tag{emv.TagExpirationDate, emv.TagPAN, emv.TagCDOL1, emv.TagCDOL2} {
		if !s.icc.Has(t) {
			return s.missing("the card has no %s (%s)", t, t.Name())
		}
	}
	if _, ok := panOf(s.icc.Value(emv.TagPAN)); !ok {
		return s.terminate(CauseFormat, "the card's number (5A) is none")
	}
	if _, ok := dateOf(s.icc.Value(emv.TagExpirationDate)); !ok {
		return s.terminate(CauseFormat, "the card's expiration date (5F24) is none")
	}
	for _, t := range []emv.Tag{emv.TagCDOL1, emv.TagCDOL2} {
		d, err := emv.ParseDOL(s.icc.Value(t))
		if err != nil || d.Length() > 0xFF {
			return s.terminate(CauseFormat, "%s (%s) is no list that fits a command", t, t.Name())
		}
	}
	return nil
}

// dateOf takes YYMMDD. Years from 50 are of the last century (Book 4, 6.7.3).
func dateOf(b []byte) (int, bool) {
	if len(b) != 3 || !bcd(b) {
		return 0, false
	}
	n := func(c byte) int { return int(c>>4)*10 + int(c&0x0F) }
	year, month, day := n(b[0])+2000, n(b[1]), n(b[2])
	if year >= 2050 {
		year -= 100
	}
	return year*10000 + month*100 + day, month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// bcd reports whether every nibble is a digit.
func bcd(b []byte) bool {
	return bytes.IndexFunc([]byte(hexText(b)), func(r rune) bool { return r > '9' }) < 0
}
