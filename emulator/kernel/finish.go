package kernel

import (
	"context"
	"fmt"

	"possim/reader/emv"
)

// finish tells the card what came of it: issuer authentication, the scripts that go
// before, the second GENERATE AC, the scripts that go after (EMV Book 3, 10.9 to 10.11).
func (s *session) finish(ctx context.Context, a HostAnswer) error {
	s.decision = Terminated
	ask, err := s.verdict(ctx, a)
	if err != nil {
		return err
	}
	if len(a.Auth) > 0 {
		s.terminal.Set(emv.TagAuthorisationCode, []byte(a.Auth))
	}
	if err := s.authenticateIssuer(ctx, a.F55); err != nil {
		return err
	}
	if err := s.runScripts(ctx, a.F55, emv.TagScriptTemplate1, emv.TVRScriptFailedBefore); err != nil {
		return err
	}
	if err := s.secondCryptogram(ctx, ask); err != nil {
		return err
	}
	// The decision is made: a card that is pulled out now has lost a script, not the sale.
	if err := s.runScripts(ctx, a.F55, emv.TagScriptTemplate2, emv.TVRScriptFailedAfter); err != nil && s.spoiled == nil {
		s.spoiled = err
	}
	return nil
}

// verdict turns the issuer's answer, or its silence, into what to ask the card for (Book
// 4, 6.3.8). The code of a referral stays the issuer's.
func (s *session) verdict(ctx context.Context, a HostAnswer) (emv.CryptogramType, error) {
	s.code = a.Code
	switch {
	case a.Code == "":
		ask := s.decideByDefault()
		s.code = emv.UnableOnlineDeclined
		if ask == emv.TC {
			s.code = emv.UnableOnlineApproved
		}
		return ask, nil
	case a.referral() && s.Refer != nil:
		yes, err := s.Refer(ctx, a.Code)
		if err != nil {
			return emv.AAC, fmt.Errorf("kernel: referral: %w", err)
		}
		s.hostApproved = yes
	default:
		s.hostApproved = approved[a.Code]
	}
	if s.hostApproved {
		return emv.TC, nil
	}
	return emv.AAC, nil
}

// secondCryptogram asks for the TC or the AAC that ends it. A TC whose CDA fails is none.
func (s *session) secondCryptogram(ctx context.Context, ask emv.CryptogramType) error {
	sign := s.signs(ask)
	data := s.list(emv.TagCDOL2)
	g, err := s.generate(ctx, ask, sign, data)
	if err != nil {
		return err
	}
	if g.cid.Type() == emv.ARQC {
		return s.terminate(CauseCryptogramType, "the second GENERATE AC: the card answers with an ARQC")
	}
	s.decision = Declined
	if g.cid.Type() == emv.TC {
		s.decision = Approved
		if sign {
			s.spoiled = s.combined(&g, s.cdol1Data, data)
		}
		if s.spoiled != nil {
			s.decision = Declined
		}
	}
	s.keep(g)
	return nil
}
