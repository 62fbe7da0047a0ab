package kernel

import (
	"context"

	"possim/reader/emv"
)

// verifyCardholder takes the rules of the card's CVM list in order until one is
// performed, or one fails that has no next (EMV Book 3, 10.5; Book 4, 6.3.4).
func (s *session) verifyCardholder(ctx context.Context) error {
	if !s.aip.Has(emv.AIPCardholderVerification) {
		return nil
	}
	raw, ok := s.icc.Get(emv.TagCVMList)
	if !ok {
		s.tvr.Set(emv.TVRICCDataMissing)
		return nil
	}
	list, err := emv.ParseCVMList(raw)
	if err != nil {
		return s.terminate(CauseFormat, "%w", err)
	}
	if len(list.Rules) == 0 {
		return nil
	}
	s.tsi.Set(emv.TSICVMPerformed)
	// 3F, no condition, failed stays where no condition was met, and where no method whose
	// condition was met could be performed: the results are of methods performed alone
	// (Book 4, 6.3.4.5 and table 2).
	s.cvm = emv.CVMResults{byte(emv.CVMNotPerformed), 0, byte(emv.CVMFailed)}
	for _, r := range list.Rules {
		if !s.applies(r, list) {
			continue
		}
		outcome, performed, err := s.perform(ctx, r.Method)
		if err != nil {
			return err
		}
		if performed {
			s.cvm = emv.ResultOf(r, outcome)
		}
		if outcome != emv.CVMFailed {
			return nil
		}
		if !r.Next || r.Method == emv.CVMFail {
			break
		}
	}
	s.tvr.Set(emv.TVRCVMFailed)
	return nil
}

// applies reports whether a rule's condition is met (Book 3 Annex C3, table 44).
func (s *session) applies(r emv.CVMRule, l emv.CVMList) bool {
	cash := s.tx.Type == Cash
	amount := s.tx.Amount.Minor
	mine := hexText(s.icc.Value(emv.TagApplicationCurrency)) == hexText(s.terminal.Value(emv.TagTransactionCurrency))
	switch r.Condition {
	case emv.CVMAlways:
		return true
	case emv.CVMUnattendedCash:
		return cash && s.unattended()
	case emv.CVMNotCash:
		return !cash && !s.cashback()
	case emv.CVMIfSupported:
		return r.Method == emv.CVMFail || s.supports(r.Method)
	case emv.CVMManualCash:
		return cash && !s.unattended()
	case emv.CVMCashback:
		return s.cashback()
	case emv.CVMUnderX:
		return mine && amount < int64(l.X)
	case emv.CVMOverX:
		return mine && amount > int64(l.X)
	case emv.CVMUnderY:
		return mine && amount < int64(l.Y)
	case emv.CVMOverY:
		return mine && amount > int64(l.Y)
	}
	return false
}

// supports reports whether the terminal can perform a method.
func (s *session) supports(m emv.CVM) bool {
	can := s.Capabilities
	switch m {
	case emv.CVMPlainPIN:
		return can.Has(emv.CanPlainPIN)
	case emv.CVMOnlinePIN:
		return can.Has(emv.CanOnlinePIN)
	case emv.CVMEncipheredPIN:
		return can.Has(emv.CanEncipheredPIN)
	case emv.CVMPlainPINSignature:
		return can.Has(emv.CanPlainPIN) && can.Has(emv.CanSignature)
	case emv.CVMEncipheredPINSignature:
		return can.Has(emv.CanEncipheredPIN) && can.Has(emv.CanSignature)
	case emv.CVMSignature:
		return can.Has(emv.CanSignature)
	case emv.CVMNone:
		return can.Has(emv.CanNoCVM)
	}
	return false
}

// perform performs a method. One that the books do not define has a bit of its own, and
// so has a PIN without a pad; neither those nor one that the terminal does not support
// count as performed.
func (s *session) perform(ctx context.Context, m emv.CVM) (outcome emv.CVMOutcome, performed bool, err error) {
	switch {
	case m == emv.CVMFail:
		return emv.CVMFailed, true, nil
	case !m.Known():
		s.tvr.Set(emv.TVRCVMUnrecognised)
		return emv.CVMFailed, false, nil
	case needsPIN(m) && (!s.supports(m) || s.PIN == nil):
		s.tvr.Set(emv.TVRPINPadFailed)
		return emv.CVMFailed, false, nil
	case !s.supports(m):
		return emv.CVMFailed, false, nil
	}
	ok := true
	outcome = emv.CVMSuccessful
	switch {
	case m == emv.CVMOnlinePIN:
		ok, err = s.onlinePIN(ctx)
	case needsPIN(m):
		ok, err = s.offlinePIN(ctx, m == emv.CVMEncipheredPIN || m == emv.CVMEncipheredPINSignature)
	}
	if !ok || err != nil {
		return emv.CVMFailed, true, err
	}
	if s.signature = signs(m); s.signature || m == emv.CVMOnlinePIN {
		outcome = emv.CVMUnknown
	}
	return outcome, true, nil
}

// needsPIN reports whether a method wants a PIN pad.
func needsPIN(m emv.CVM) bool { return m >= emv.CVMPlainPIN && m <= emv.CVMEncipheredPINSignature }

// signs reports whether a method wants a signature on the slip.
func signs(m emv.CVM) bool {
	return m == emv.CVMSignature || m == emv.CVMPlainPINSignature || m == emv.CVMEncipheredPINSignature
}
