// Package kernel is EMV level 2: what a terminal and a card say to each other, by contacts
// from application selection to the second GENERATE AC (EMV Books 1 to 4), and in a
// reader's field the one tap of UnionPay's qPBOC (kernel 7).
//
// It knows no host, no screen and no wire. It talks to a card through a
// reader.Transceiver, to people through callbacks, and leaves to its caller what lies
// between its two calls:
//
//	k := &kernel.Kernel{Type: 0x22, Capabilities: ..., Applications: ..., CAPKs: ..., Random: ...}
//	r, err := k.Start(ctx, card, kernel.Transaction{Amount: money.Yuan(1234), At: now})
//	if r.Decision == kernel.Online {
//		// send a request with r.Tags as field 55, and the PIN where r.OnlinePIN
//		r, err = k.Finish(ctx, kernel.HostAnswer{Code: "00", F55: answer})
//	}
//	// r.Reverse: the issuer said yes and the card no; take it back
//
// # The steps
//
// Start: the candidates, from the directory or the list of AIDs (directory.go,
// aidlist.go), the choice and GET PROCESSING OPTIONS (selection.go, initiate.go), the
// records, offline data authentication by SDA, DDA or CDA (authentication.go, dynamic.go,
// combined.go), processing restrictions, cardholder verification (cvm.go, pin.go),
// terminal risk management, terminal action analysis, the first GENERATE AC.
//
// Finish: issuer authentication, scripts 71, the second GENERATE AC, scripts 72. Without
// an answer (HostAnswer.Code "") the default action codes decide, and 8A is Y3 or Z3.
//
// # A tap
//
//	r, err := k.Tap(ctx, card, kernel.Transaction{Amount: money.Yuan(1234), At: now})
//	switch r.Decision {
//	case kernel.Online:         // send a request as above; there is no Finish, the card is gone
//	case kernel.Approved:       // the card paid by itself, and proved that it did
//	case kernel.OtherInterface: // insert the card: Cause says why
//	case kernel.TryAgain:       // it was gone too early, or is a phone to be unlocked
//	}
//
// Before it asks the card, Tap holds the amount against the limits of Contactless and
// makes the TTQ (9F66) of them (contactless.go). Then come the directory and the choice
// (tapselection.go), GET PROCESSING OPTIONS, which is the whole transaction to the card
// (tapinitiation.go), and the records (tap.go). With the card gone, the reader looks at
// expiry and exception file, at the signature (fDDA) of a card that approved, and at what
// the card wants of the cardholder (CTQ, 9F6C): tapoutcome.go, tapcvm.go. An approval
// without a right signature is none. The slip of a small payment takes its words from
// NoPIN, NoSignature and CDCVM.
//
// # What comes out
//
// A Result at any point: the Decision, TVR, TSI and CVM results as far as they went, and
// all data objects (Pick). Nothing a card does is an error: a card that cannot be used
// is Terminated, one whose chip could not be read is Fallback, and Cause and Err say why.
// Fallback is said only before the first GENERATE AC; how many of them make a stripe
// acceptable is for the terminal (RULES: the terminal). An error of Start or Finish is the
// caller's own: a cancelled ctx, a callback that failed, a Kernel set up wrong. A card
// that never answers is waited for until ctx ends; a deadline that passes is a card that
// was mute.
//
// # What it does not do
//
// XDA and the elliptic curves, biometrics, electronic cash. Of the contactless kernels it
// has UnionPay's alone (kernel 7), and of that one qPBOC: no mag-stripe mode (MSD), no full
// debit/credit through the air, no fDDA of version 00, no SM algorithms, no scripts after
// a tap, no recovery of a card that was torn away after it had paid. Visa's (kernel 3) is
// close to it and is not here. Referrals are the issuer's alone (Refer): cards have asked for none since
// EMV 4.1. The books were not at hand when this was written. What follows from public
// implementations and tables of them is most of it; where memory alone stands behind a rule
// the code says so.
//
// # What prints
//
// A PIN never does, a number prints masked, and a Result with its lists is safe to print.
// The same randomness, transaction and card give the same commands, byte for byte.
package kernel
