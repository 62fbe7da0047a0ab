package kernel

import (
	"bytes"
	"context"

	"possim/reader/emv"
)

// restrict sees whether the application is for this: its version, where and for what it
// may be used, and when (EMV Book 3, 10.4).
func (s *session) restrict(context.Context) error {
	if v, ok := s.icc.Get(emv.TagCardVersion); ok && !bytes.Equal(v, s.app.Version) {
		s.tvr.Set(emv.TVRVersionsDiffer)
	}
	if !s.usable() {
		s.tvr.Set(emv.TVRServiceNotAllowed)
	}
	today, _ := dateOf(s.terminal.Value(emv.TagTransactionDate))
	if b, ok := s.icc.Get(emv.TagEffectiveDate); ok {
		if from, valid := dateOf(b); !valid || from > today {
			s.tvr.Set(emv.TVRNotEffective)
		}
	}
	if until, _ := dateOf(s.icc.Value(emv.TagExpirationDate)); until < today {
		s.tvr.Set(emv.TVRExpired)
	}
	return nil
}

// usable reads the application usage control (Book 3, 10.4.2). A card without one is
// good for everything; a card that does not say its country is good in all of them.
func (s *session) usable() bool {
	raw, ok := s.icc.Get(emv.TagAUC)
	if !ok {
		return true
	}
	auc, err := emv.ParseAUC(raw)
	if err != nil {
		return false
	}
	place := emv.AUCNonATM
	if s.atm() {
		place = emv.AUCATM
	}
	if !auc.Has(place) {
		return false
	}
	country, ok := s.icc.Get(emv.TagIssuerCountry)
	if !ok {
		return true
	}
	return s.allowed(auc, bytes.Equal(country, s.terminal.Value(emv.TagTerminalCountry)))
}

// allowed looks up the transaction type, at home and abroad (Book 3, table 36). A purchase
// with cash back needs both; transaction type 09 looks at cash back alone.
func (s *session) allowed(auc emv.AUC, domestic bool) bool {
	has := func(home, abroad emv.AUCBit) bool { return domestic && auc.Has(home) || !domestic && auc.Has(abroad) }
	goods := has(emv.AUCDomesticGoods, emv.AUCInternationalGoods) || has(emv.AUCDomesticServices, emv.AUCInternationalServices)
	switch {
	case s.tx.Type == Cash:
		return has(emv.AUCDomesticCash, emv.AUCInternationalCash)
	case s.cashback() && !has(emv.AUCDomesticCashback, emv.AUCInternationalCashback):
		return false
	case s.tx.Type == Purchase:
		return goods
	}
	return true
}

func (s *session) cashback() bool { return s.tx.Type == Cashback || s.tx.Other > 0 }

// atm reports whether this is a bank's unattended terminal that gives cash (Book 4
// Annex A1).
func (s *session) atm() bool {
	return s.Type >= 0x14 && s.Type <= 0x16 && s.More.Has(emv.HasCash)
}
