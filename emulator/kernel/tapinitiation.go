package kernel

import (
	"bytes"
	"context"

	"possim/reader/emv"
)

// initiateTap sends GET PROCESSING OPTIONS, which is the whole transaction to the card
// (JR/T 0025.12, 6.4). again is true where the application refuses it (6985) and another
// may be taken.
func (s *session) initiateTap(ctx context.Context, c Candidate, fci emv.List) (again bool, err error) {
	s.take(c, fci)
	s.terminal.Set(emv.TagTTQ, bytes.Clone(s.ttq[:]))
	pdol, err := emv.ParseDOL(fci.Value(emv.TagPDOL))
	switch {
	case err != nil:
		return false, s.unreadable(CauseFormat, "PDOL (9F38): %w", err)
	case !pdol.Has(emv.TagTTQ):
		return false, s.other(CauseMode, "the PDOL (9F38) does not ask for the TTQ (9F66): the card has no qPBOC")
	}
	s.pdolData = s.build(pdol)
	raw, w, err := s.do(ctx, command{name: "GET PROCESSING OPTIONS", cla: 0x80, ins: 0xA8,
		data: emv.New(emv.TagCommandTemplate, s.pdolData).Bytes(), answer: true})
	switch {
	case err != nil:
		return false, err
	case w == statusConditions:
		return true, nil
	case w == statusOtherInterface: // Book C-3, 5.2; from memory for kernel 7
		return false, s.other(CauseConditions, "GET PROCESSING OPTIONS: the card answers 6984: it wants another interface")
	case w == statusNotAllowed:
		return false, &stop{TryAgain, CauseSeePhone, errSeePhone}
	case w != statusOK:
		return false, s.unreadable(CauseStatus, "GET PROCESSING OPTIONS: the card answers %s", w)
	}
	return false, s.tapAnswer(raw)
}

// tapAnswer takes the answer apart. It is a list of objects; which of them have to be
// there is what the message to the issuer needs.
func (s *session) tapAnswer(raw []byte) error {
	tag, value, _, err := emv.Cut(raw)
	switch {
	case err != nil:
		return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: %w", err)
	case tag == emv.TagResponseFormat1:
		return s.noCryptogram()
	case tag != emv.TagResponseFormat2:
		return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: an answer in template %s; want 77", tag)
	}
	l, err := emv.Parse(value)
	if err != nil {
		return s.unreadable(CauseFormat, "GET PROCESSING OPTIONS: %w", err)
	}
	if t, twice := l.Duplicate(); twice {
		return s.terminate(CauseFormat, "GET PROCESSING OPTIONS: %s (%s) comes twice", t, t.Name())
	}
	if s.aip, err = emv.ParseAIP(l.Value(emv.TagAIP)); err != nil {
		return s.missing("%v", err)
	}
	if !l.Has(emv.TagCryptogram) {
		return s.noCryptogram()
	}
	return s.tapCryptogram(l)
}

// noCryptogram is the answer of a card that does not do qPBOC with this reader.
func (s *session) noCryptogram() error {
	return s.other(CauseMode, "the card gives no cryptogram (9F26) to GET PROCESSING OPTIONS: "+
		"it wants mag-stripe mode or full debit/credit, and this kernel has qPBOC alone")
}

// tapCryptogram keeps the card's answer. A card need not say what its cryptogram is (9F27):
// the card verification results in 9F10 do.
func (s *session) tapCryptogram(l emv.List) error {
	cid := l.Value(emv.TagCID)
	if len(cid) == 0 {
		if iad, err := emv.ParseIAD(l.Value(emv.TagIAD)); err == nil && len(iad.CVR) == 4 {
			cid = []byte{byte(resultsKind[iad.CVR[1]>>4&3])}
			l.Add(emv.TagCID, cid)
		}
	}
	if len(cid) != 1 || len(l.Value(emv.TagATC)) != 2 || len(l.Value(emv.TagCryptogram)) != 8 || len(l.Value(emv.TagIAD)) == 0 {
		return s.missing("GET PROCESSING OPTIONS: the answer lacks a CID, an ATC, a cryptogram or issuer data (9F27, 9F36, 9F26, 9F10), or one has a wrong length")
	}
	g := generated{cid: emv.CID(cid[0]), cryptogram: l.Value(emv.TagCryptogram), objects: l}
	s.asked = true
	s.keep(g)
	most := emv.TC
	if s.ttq.Has(emv.TTQOnlineCryptogram) {
		most = emv.ARQC
	}
	if !lower(g.cid.Type(), most) {
		return s.terminate(CauseCryptogramType, "GET PROCESSING OPTIONS: asked for %s, the card answers with %s", most, g.cid.Type())
	}
	return nil
}

// resultsKind is bits 6 and 5 of byte 2 of the card verification results (VIS, PBOC):
// what the card answered to the first GENERATE AC or, here, in its place. The last is none.
var resultsKind = [4]emv.CryptogramType{emv.AAC, emv.TC, emv.ARQC, 0xC0}
