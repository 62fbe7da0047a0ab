package kernel

import (
	"context"

	"possim/reader/emv"
)

// authenticateIssuer hands the issuer's proof (91) to the card. One whose AIP says so
// checks it in EXTERNAL AUTHENTICATE; any other finds it in what CDOL2 asks for (EMV Book
// 3, 10.9). An issuer that sent none was not authenticated, and that is no failure here:
// it is the card's to say what it makes of it.
func (s *session) authenticateIssuer(ctx context.Context, f55 emv.List) error {
	proof, ok := f55.Get(emv.TagIssuerAuthenticationData)
	if !ok {
		return nil
	}
	s.terminal.Set(emv.TagIssuerAuthenticationData, proof)
	if !s.aip.Has(emv.AIPIssuerAuthentication) {
		return nil
	}
	s.tsi.Set(emv.TSIIssuerAuthenticationPerformed)
	if len(proof) < 8 || len(proof) > 16 {
		s.tvr.Set(emv.TVRIssuerAuthenticationFailed)
		return nil
	}
	_, w, err := s.do(ctx, command{name: "EXTERNAL AUTHENTICATE", ins: 0x82, data: proof})
	if err == nil && w != statusOK {
		s.tvr.Set(emv.TVRIssuerAuthenticationFailed)
	}
	return err
}
