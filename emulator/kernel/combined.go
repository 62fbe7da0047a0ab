package kernel

import (
	"bytes"
	"errors"

	"possim/reader/emv"
)

// errCombined is a signature of CDA that is missing.
var errCombined = errors.New("CDA was asked for and the card signed nothing")

// combined checks the signature that came with a TC or an ARQC (EMV Book 2, 6.6.2): it
// covers all that was said from the PDOL on. The cryptogram is the one that was signed.
func (s *session) combined(g *generated, sent ...[]byte) error {
	s.tsi.Set(emv.TSIODAPerformed)
	err := s.verifyCombined(g, append([][]byte{s.pdolData}, sent...)...)
	if err != nil {
		s.tvr.Set(emv.TVRCDAFailed)
	}
	return err
}

func (s *session) verifyCombined(g *generated, sent ...[]byte) error {
	signature := g.objects.Value(emv.TagSDAD)
	if len(signature) == 0 {
		return errCombined
	}
	data, err := emv.CombinedData(g.content, sent...)
	if err != nil {
		return err
	}
	d, err := s.key.VerifyCombined(signature, s.terminal.Value(emv.TagUnpredictableNumber), data)
	if err != nil {
		return err
	}
	if d.CID != g.cid {
		return errors.New("the card signed another CID (9F27) than it sent")
	}
	g.cryptogram = bytes.Clone(d.Cryptogram)
	s.icc.Set(emv.TagDynamicNumber, bytes.Clone(d.Number))
	return nil
}
