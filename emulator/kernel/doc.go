// Package kernel is EMV level 2 for contact cards: what a terminal and a card say to each
// other, from application selection to the second GENERATE AC (EMV Books 1 to 4).
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
// XDA and the elliptic curves, biometrics, contactless kernels, electronic cash. Referrals
// are the issuer's alone (Refer): cards have asked for none since EMV 4.1. The books were
// not at hand when this was written. What follows from public implementations and tables of
// them is most of it; where memory alone stands behind a rule the code says so.
//
// # What prints
//
// A PIN never does, a number prints masked, and a Result with its lists is safe to print.
// The same randomness, transaction and card give the same commands, byte for byte.
package kernel
