package kernel

import (
	"context"
	"errors"
	"fmt"

	"possim/reader/emv"
)

// authentication is a method of offline data authentication.
type authentication int

// The methods. XDA, on elliptic curves, is not one of this kernel's.
const (
	authenticateNot authentication = iota
	authenticateSDA
	authenticateDDA
	authenticateCDA
)

// bit is what the TVR says of the method when it fails.
func (a authentication) bit() emv.TVRBit {
	return [...]emv.TVRBit{emv.TVRODANotPerformed, emv.TVRSDAFailed, emv.TVRDDAFailed, emv.TVRCDAFailed}[a]
}

// authenticateData proves that the card's data are its issuer's and, by DDA and CDA, that
// the card is (EMV Book 3, 10.3; Book 2, 5 and 6). The best method of both is taken.
func (s *session) authenticateData(ctx context.Context) error {
	switch can := s.Capabilities; {
	case s.aip.Has(emv.AIPCDA) && can.Has(emv.CanCDA):
		s.method = authenticateCDA
	case s.aip.Has(emv.AIPDDA) && can.Has(emv.CanDDA):
		s.method = authenticateDDA
	case s.aip.Has(emv.AIPSDA) && can.Has(emv.CanSDA):
		s.method = authenticateSDA
		s.tvr.Set(emv.TVRSDASelected)
	default:
		s.tvr.Set(emv.TVRODANotPerformed)
		return nil
	}
	err := s.keysOfCard(s.method)
	switch {
	case err == nil && s.method == authenticateCDA: // the rest comes with the cryptogram
		return nil
	case err == nil && s.method == authenticateDDA:
		err = s.dynamic(ctx)
	case err == nil:
		err = s.signedStatic()
	}
	s.tsi.Set(emv.TSIODAPerformed)
	if err != nil {
		s.tvr.Set(s.method.bit())
	}
	var e *stop
	if errors.As(err, &e) { // the card fell silent
		return err
	}
	return nil
}

// errAbsent marks a certificate or signature that the card does not have.
var errAbsent = errors.New("the card does not have it")

// need fails where the card lacks an object of its authentication (Book 3, 7.2, tables 29
// and 30).
func (s *session) need(tags ...emv.Tag) error {
	for _, t := range tags {
		if len(s.icc.Value(t)) == 0 {
			s.tvr.Set(emv.TVRICCDataMissing)
			return fmt.Errorf("%s (%s): %w", t, t.Name(), errAbsent)
		}
	}
	return nil
}

// keysOfCard walks from the authority's key to the issuer's and, but for SDA, the card's.
func (s *session) keysOfCard(m authentication) error {
	if err := s.need(emv.TagCAPKIndex, emv.TagIssuerCertificate, emv.TagIssuerExponent); err != nil {
		return err
	}
	if m == authenticateSDA {
		if err := s.need(emv.TagSSAD); err != nil {
			return err
		}
	} else if err := s.need(emv.TagICCCertificate, emv.TagICCExponent); err != nil {
		return err
	}
	var err error
	if s.static, err = emv.StaticData(s.records, s.icc.Value(emv.TagSDATagList), s.aip[:]); err != nil {
		return err
	}
	if err := s.issuerKey(); err != nil || m == authenticateSDA {
		return err
	}
	return s.cardKey()
}

// issuerKey recovers the issuer's key from its certificate (Book 2, 5.3).
func (s *session) issuerKey() error {
	index := s.icc.Value(emv.TagCAPKIndex)
	rid, ok := emv.RIDOf(s.chosen.AID)
	if len(index) != 1 || !ok {
		return fmt.Errorf("the index of the authority's key (8F) has %d bytes; want 1", len(index))
	}
	ca, ok := s.CAPKs.Find(rid, index[0])
	if !ok {
		return fmt.Errorf("the terminal does not know the authority's key %s %02X", rid, index[0])
	}
	s.terminal.Set(emv.TagTerminalCAPKIndex, index)
	k, err := ca.Recover(emv.IssuerCertificate(s.icc), s.pan())
	switch {
	case err != nil:
		return err
	case k.Expires.Expired(s.tx.At):
		return errors.New("the issuer's certificate has expired")
	case s.Revoked != nil && s.Revoked(rid, index[0], k.Serial):
		return errors.New("the issuer's certificate was revoked")
	}
	s.issuer = &k
	return nil
}

// cardKey recovers the card's own key; its certificate vouches for the static data too
// (Book 2, 6.4).
func (s *session) cardKey() error {
	k, err := s.issuer.Recover(emv.ICCCertificate(s.icc), s.static, s.pan())
	switch {
	case err != nil:
		return err
	case k.Expires.Expired(s.tx.At):
		return errors.New("the card's certificate has expired")
	}
	s.key = &k
	return nil
}

// signedStatic checks the issuer's signature over the static data (Book 2, 5.4).
func (s *session) signedStatic() error {
	code, err := s.issuer.VerifyStatic(s.icc.Value(emv.TagSSAD), s.static)
	if err == nil {
		s.icc.Set(emv.TagDataAuthenticationCode, code[:])
	}
	return err
}
