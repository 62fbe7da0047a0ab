package kernel

import (
	"bytes"
	"context"
	"errors"

	"possim/reader/emv"
)

// verifyTap verifies the cardholder as the card wants it (9F6C): an online PIN before the
// device's own verification before a signature (Book C-3, 5.7; that kernel 7 has the same
// order is unverified). A payment small enough needs neither PIN nor signature.
//
// What terminals put into 9F34 after a tap was not found in public: here it is the method,
// 00 for its condition, and how it ended.
func (s *session) verifyTap(ctx context.Context) error {
	q, said := s.ctq()
	limits, amount := s.contactless(s.app), s.tx.Amount.Minor
	if !said && s.ttq.Has(emv.TTQCVMRequired) { // the reader chooses (JR/T 0025.12, 7.6)
		switch {
		case s.ttq.Has(emv.TTQSignature):
			q.Set(emv.CTQSignature)
		case s.ttq.Has(emv.TTQOnlinePIN):
			q.Set(emv.CTQOnlinePIN)
		default:
			return s.refuse(errors.New("the cardholder is to be verified, and card and terminal have no way in common"))
		}
	}
	pin := q.Has(emv.CTQOnlinePIN) && s.ttq.Has(emv.TTQOnlinePIN)
	signature := q.Has(emv.CTQSignature) && s.ttq.Has(emv.TTQSignature)
	if !pin && q.Has(emv.CTQCDCVM) {
		if !s.deviceVerified(q) {
			return s.refuse(errors.New("the card says another thing of its device's verification in 9F6C than in 9F69"))
		}
		s.cdcvm, signature = true, false
	}
	pin, signature = pin && amount > limits.NoPIN, signature && amount > limits.NoSignature
	s.noPIN, s.noSignature = !pin && amount <= limits.NoPIN, !signature && amount <= limits.NoSignature
	s.signature = signature
	s.cvm = emv.CVMResults{byte(emv.CVMNone), 0, byte(emv.CVMSuccessful)}
	if signature {
		s.cvm = emv.CVMResults{byte(emv.CVMSignature), 0, byte(emv.CVMUnknown)}
	}
	if pin {
		return s.tapPIN(ctx)
	}
	return nil
}

// tapPIN takes the PIN for the issuer. Where none comes, the issuer is asked all the same
// and told so.
func (s *session) tapPIN(ctx context.Context) error {
	_, ok, err := s.askPIN(ctx, PINRequest{Online: true, Tries: -1})
	s.goOnline, s.pinTaken = true, ok
	s.cvm = emv.CVMResults{byte(emv.CVMOnlinePIN), 0, byte(emv.CVMUnknown)}
	if !ok {
		s.cvm[2] = byte(emv.CVMFailed)
	}
	return err
}

// deviceVerified reports whether the device's verification is to be believed: what was
// signed has to say the same and, where nothing was, the issuer will check the cryptogram
// (Book C-3, 5.7.1).
func (s *session) deviceVerified(q emv.CTQ) bool {
	related := s.icc.Value(emv.TagCardAuthenticationData)
	if len(related) == 0 {
		return s.goOnline
	}
	return len(related) >= 7 && bytes.Equal(related[5:7], q[:])
}
