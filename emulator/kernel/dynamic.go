package kernel

import (
	"bytes"
	"context"
	"errors"

	"possim/reader/emv"
)

// defaultDDOL asks for the unpredictable number alone (EMV Book 2, 6.5.1).
var defaultDDOL = []byte{0x9F, 0x37, 0x04}

// dynamic has the card sign what its DDOL asks for (Book 2, 6.5). A card that refuses
// INTERNAL AUTHENTICATE, or answers what is no answer, ends the transaction (Book 3,
// 6.5.9).
func (s *session) dynamic(ctx context.Context) error {
	raw := s.icc.Value(emv.TagDDOL)
	if raw == nil {
		if raw = s.app.DDOL; raw == nil {
			raw = defaultDDOL
		}
	}
	ddol, err := emv.ParseDOL(raw)
	if err != nil {
		return err
	}
	if !ddol.Has(emv.TagUnpredictableNumber) {
		return errors.New("the DDOL (9F49) does not ask for the unpredictable number: whoever signs it proves nothing")
	}
	data := s.build(ddol)
	answer, err := s.want(ctx, command{name: "INTERNAL AUTHENTICATE", ins: 0x88, data: data, answer: true})
	if err != nil {
		return err
	}
	signature, err := s.signatureIn(answer)
	if err != nil {
		return err
	}
	d, err := s.key.VerifyDynamic(signature, data)
	if err != nil {
		return err
	}
	s.icc.Set(emv.TagDynamicNumber, bytes.Clone(d.Number))
	return nil
}

// signatureIn takes format 1 or 2 of INTERNAL AUTHENTICATE apart (Book 3, 6.5.9.4).
func (s *session) signatureIn(answer []byte) ([]byte, error) {
	tag, value, _, err := emv.Cut(answer)
	switch {
	case err != nil:
		return nil, s.unreadable(CauseFormat, "INTERNAL AUTHENTICATE: %w", err)
	case tag == emv.TagResponseFormat1:
		return value, nil
	case tag != emv.TagResponseFormat2:
		return nil, s.unreadable(CauseFormat, "INTERNAL AUTHENTICATE: an answer in template %s; want 80 or 77", tag)
	}
	l, err := emv.Parse(value)
	if err != nil {
		return nil, s.unreadable(CauseFormat, "INTERNAL AUTHENTICATE: %w", err)
	}
	sdad, ok := l.Get(emv.TagSDAD)
	if !ok {
		return nil, s.missing("INTERNAL AUTHENTICATE: the answer has no signature (9F4B)")
	}
	return sdad, nil
}
