package kernel

import (
	"context"
	"errors"

	"possim/reader/emv"
)

// concludeTap is what the reader makes of the card's answer (JR/T 0025.12, 7.8): the card
// never approves more than it said, and the reader may hold less of it.
func (s *session) concludeTap(ctx context.Context) error {
	if s.last.cid.Type() == emv.AAC {
		return s.refuse(nil)
	}
	if s.Hot != nil && s.Hot(s.pan(), s.sequence()) {
		return s.refuse(errors.New("the card is on the terminal's exception file"))
	}
	s.goOnline = s.last.cid.Type() == emv.ARQC
	for _, check := range []func() error{s.barCash, s.checkExpiry, s.checkSignature} {
		if err := check(); err != nil || s.decision == Declined {
			return err
		}
	}
	if err := s.verifyTap(ctx); err != nil || s.decision == Declined {
		return err
	}
	switch {
	case s.goOnline && s.offlineOnly():
		return s.refuse(errors.New("the card wants its issuer asked, and this terminal cannot"))
	case s.goOnline:
		s.decision = Online
	default:
		s.decision, s.code = Approved, emv.OfflineApproved
	}
	return nil
}

// refuse declines; why is what made an approval a decline.
func (s *session) refuse(why error) error {
	s.decision, s.code, s.spoiled = Declined, emv.OfflineDeclined, why
	return nil
}

// ctq returns what the card wants, and whether it said so.
func (s *session) ctq() (emv.CTQ, bool) {
	q, err := emv.ParseCTQ(s.icc.Value(emv.TagCTQ))
	return q, err == nil
}

// barCash sees to cash, cash back and cash machines that the card does not serve, or
// wants served by its contacts (bits 4 to 1 of the CTQ are those of Book C-3 5.5; that
// kernel 7 has them so is unverified).
func (s *session) barCash() error {
	q, _ := s.ctq()
	bar, by := false, emv.CTQBit(0)
	switch {
	case s.atm() && q.Has(emv.CTQNotATM):
		bar, by = true, emv.CTQNotATM
	case s.tx.Type == Cash:
		bar, by = !s.usable(), emv.CTQSwitchForCash
	case s.cashback():
		bar, by = !s.usable(), emv.CTQSwitchForCashback
	}
	switch {
	case !bar:
		return nil
	case q.Has(by) && s.ttq.Has(emv.TTQContact):
		return s.other(CauseCard, "the card is not tapped for this: %s", by)
	}
	return s.refuse(errors.New("the card is not for cash, or not here"))
}

// checkExpiry looks at a card that approved. One that does not say until when it is good
// counts as expired.
func (s *session) checkExpiry() error {
	today, _ := dateOf(s.terminal.Value(emv.TagTransactionDate))
	until, _ := dateOf(s.icc.Value(emv.TagExpirationDate))
	if s.goOnline || until >= today {
		return nil
	}
	if q, _ := s.ctq(); q.Has(emv.CTQOnlineIfExpired) && !s.offlineOnly() {
		s.goOnline = true
		return nil
	}
	return s.refuse(errors.New("the card has expired"))
}

// checkSignature looks at the signature of a card that approved: without it, anybody
// could have. The card says what to do where it is wrong (JR/T 0025.12 annex B).
func (s *session) checkSignature() error {
	if s.goOnline {
		return nil
	}
	why := s.fastDynamic()
	if why == nil {
		return nil
	}
	q, _ := s.ctq()
	switch {
	case q.Has(emv.CTQOnlineIfODAFailed) && !s.offlineOnly():
		s.goOnline, s.spoiled = true, why
		return nil
	case q.Has(emv.CTQSwitchIfODAFailed) && s.ttq.Has(emv.TTQContact):
		return s.other(CauseAuthentication, "fDDA: %w", why)
	}
	return s.refuse(why)
}

// fastDynamic is fDDA of version 01 (JR/T 0025.12 annex B; Book C-3 annex C): the card
// signed the terminal's unpredictable number, amount and currency and its own data, in
// this transaction, to approve it.
func (s *session) fastDynamic() error {
	related := s.icc.Value(emv.TagCardAuthenticationData)
	switch {
	case !s.aip.Has(emv.AIPDDA):
		return errors.New("the card has no dynamic data authentication (AIP)")
	case len(related) == 0:
		return errors.New("the card gives no card authentication related data (9F69): fDDA of version 00 is not taken")
	case related[0] != 0x01:
		return errors.New("the card's fDDA is not of version 01 (9F69)")
	}
	if err := s.need(emv.TagSDAD); err != nil {
		return err
	}
	if err := s.keysOfCard(authenticateDDA); err != nil {
		return err
	}
	var signed []byte
	for _, t := range []emv.Tag{emv.TagUnpredictableNumber, emv.TagAmountAuthorised, emv.TagTransactionCurrency} {
		signed = append(signed, s.terminal.Value(t)...)
	}
	d, err := s.key.VerifyFast(s.icc.Value(emv.TagSDAD), append(signed, related...), false)
	if err != nil {
		return err
	}
	s.icc.Set(emv.TagDynamicNumber, append([]byte(nil), d.Number...))
	return nil
}
