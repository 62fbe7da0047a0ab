package kernel

import (
	"bytes"
	"context"
	"crypto/sha1"

	"possim/reader/emv"
)

// generated is a card's answer to GENERATE AC.
type generated struct {
	cid        emv.CID
	cryptogram []byte
	content    []byte   // of template 77, as it came
	objects    emv.List // of it
}

// firstCryptogram analyses what was found, asks the card, and sees what it says (EMV
// Book 3, 10.7 and 10.8; Book 4, 6.3.7).
func (s *session) firstCryptogram(ctx context.Context) error {
	ask := s.decide()
	sign := s.signs(ask)
	if ask == emv.AAC {
		s.unsigned()
	}
	switch ask {
	case emv.AAC:
		s.code = emv.OfflineDeclined
	case emv.TC:
		s.code = emv.OfflineApproved
	}
	s.cdol1Data = s.list(emv.TagCDOL1)
	g, err := s.generate(ctx, ask, sign, s.cdol1Data)
	if err != nil {
		return err
	}
	s.tsi.Set(emv.TSICardRiskPerformed)
	switch {
	case sign && g.cid.Type() == emv.AAC:
		s.unsigned()
	case sign:
		if err := s.combined(&g, s.cdol1Data); err != nil {
			s.keep(g)
			return s.distrust(ctx, g, err)
		}
	}
	s.keep(g)
	switch g.cid.Type() {
	case emv.ARQC:
		s.decision = Online
		s.code = ""
	case emv.TC:
		s.decision = Approved
	default:
		s.decision, s.code = Declined, emv.OfflineDeclined
	}
	return nil
}

// signs reports whether to ask for CDA with a cryptogram: always, but for an AAC and once
// it has failed (Book 4, 6.3.2.1, mode 1).
func (s *session) signs(ask emv.CryptogramType) bool {
	return s.method == authenticateCDA && s.key != nil && ask != emv.AAC && !s.tvr.Has(emv.TVRCDAFailed)
}

// unsigned says in the TVR that CDA, which was to come with the cryptogram, will not: an
// AAC is never signed (Book 2, 6.6; from memory of it, no copy was at hand).
func (s *session) unsigned() {
	if s.method == authenticateCDA && !s.tvr.Has(emv.TVRCDAFailed) {
		s.tvr.Set(emv.TVRODANotPerformed)
	}
}

// distrust ends a transaction whose CDA failed: a TC is declined as it stands; an ARQC is
// answered with a second GENERATE AC for an AAC, and never goes online (Book 2, 6.6.2).
func (s *session) distrust(ctx context.Context, g generated, why error) error {
	s.decision, s.code, s.spoiled = Declined, emv.OfflineDeclined, why
	if g.cid.Type() != emv.ARQC {
		return nil
	}
	// Whatever becomes of it, the decline stands.
	if second, err := s.generate(ctx, emv.AAC, false, s.list(emv.TagCDOL2)); err == nil {
		s.keep(second)
	}
	return nil
}

// list fills CDOL1 or CDOL2. One that asks for the TC hash has it made first, of the
// card's TDOL or the terminal's (Book 3, 9.2.2).
func (s *session) list(t emv.Tag) []byte {
	d, err := emv.ParseDOL(s.icc.Value(t))
	if err != nil { // mandatory has looked
		return nil
	}
	if d.Has(emv.TagTCHash) {
		raw, ok := s.icc.Get(emv.TagTDOL)
		if !ok {
			raw = s.app.TDOL
			s.tvr.Set(emv.TVRDefaultTDOL)
		}
		tdol, _ := emv.ParseDOL(raw)
		sum := sha1.Sum(s.build(tdol))
		s.terminal.Set(emv.TagTCHash, sum[:])
	}
	return s.build(d)
}

// generate sends GENERATE AC. From here on the card has counted the transaction.
func (s *session) generate(ctx context.Context, ask emv.CryptogramType, sign bool, data []byte) (generated, error) {
	s.asked = true
	p1 := byte(ask)
	if sign {
		p1 |= emv.AskCDA
	}
	raw, w, err := s.do(ctx, command{name: "GENERATE AC", cla: 0x80, ins: 0xAE, p1: p1, data: data, answer: true})
	switch {
	case err != nil:
		return generated{}, err
	case w == statusConditions:
		return generated{}, s.terminate(CauseConditions, "GENERATE AC: the card answers 6985")
	case w != statusOK:
		return generated{}, s.terminate(CauseStatus, "GENERATE AC: the card answers %s", w)
	}
	g, err := s.answer(raw, sign)
	if err == nil && !lower(g.cid.Type(), ask) {
		err = s.terminate(CauseCryptogramType, "GENERATE AC: asked for %s, the card answers with %s", ask, g.cid.Type())
	}
	return g, err
}

// lower reports whether a card may answer got where ask was asked for: the same, or down
// (Book 3, table 34). A TC is above an ARQC, which is above an AAC.
func lower(got, ask emv.CryptogramType) bool {
	rank := map[emv.CryptogramType]int{emv.AAC: 1, emv.ARQC: 2, emv.TC: 3}
	return rank[got] != 0 && rank[got] <= rank[ask]
}

// answer takes format 1 or 2 of GENERATE AC apart (Book 3, 6.5.5.4).
func (s *session) answer(raw []byte, signed bool) (generated, error) {
	tag, value, _, err := emv.Cut(raw)
	if err != nil {
		return generated{}, s.terminate(CauseFormat, "GENERATE AC: %w", err)
	}
	var l emv.List
	switch tag {
	case emv.TagResponseFormat1:
		if len(value) < 11 || len(value) > 43 {
			return generated{}, s.terminate(CauseFormat, "GENERATE AC: %d bytes in template 80; want 11 to 43", len(value))
		}
		l.Add(emv.TagCID, value[:1])
		l.Add(emv.TagATC, value[1:3])
		l.Add(emv.TagCryptogram, value[3:11])
		if len(value) > 11 {
			l.Add(emv.TagIAD, value[11:])
		}
		value = nil
	case emv.TagResponseFormat2:
		if l, err = emv.Parse(value); err != nil {
			return generated{}, s.terminate(CauseFormat, "GENERATE AC: %w", err)
		}
	default:
		return generated{}, s.terminate(CauseFormat, "GENERATE AC: an answer in template %s; want 80 or 77", tag)
	}
	cid, atc, ac := l.Value(emv.TagCID), l.Value(emv.TagATC), l.Value(emv.TagCryptogram)
	hidden := signed && l.Has(emv.TagSDAD) // the cryptogram is in the signature
	if len(cid) != 1 || len(atc) != 2 || len(ac) != 8 && !(hidden && len(ac) == 0) {
		return generated{}, s.missing("GENERATE AC: the answer lacks a CID, an ATC or a cryptogram, or one has a wrong length")
	}
	return generated{cid: emv.CID(cid[0]), cryptogram: ac, content: value, objects: l}, nil
}

// keep makes the answer the card's last.
func (s *session) keep(g generated) {
	s.last = g
	for _, o := range g.objects {
		if !o.Tag.Constructed() {
			s.icc.Set(o.Tag, bytes.Clone(o.Value))
		}
	}
	if len(g.cryptogram) > 0 {
		s.icc.Set(emv.TagCryptogram, bytes.Clone(g.cryptogram))
	}
}
