// Package icc is an emulated chip card: a profile and an issuer's keys go in, answers to
// APDUs come out. Other people's terminals accept it, as it does nothing by heart: its
// cryptograms, signatures and MACs are computed by reader/emv for the transaction at
// hand, and verify with the public half of its keys.
//
//	p, err := icc.Shipped("unionpay-debit", icc.Person{Seed: "a test", Holder: icc.Holder{
//		PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}, PIN: "1234"}})
//	c, err := icc.New(p, icc.State{})
//	answer, err := c.Transmit(ctx, apdu)
//	saved := c.State()
//
// A Card does no I/O, has no clock, starts nothing and draws no randomness but from the
// seed of its profile: the same profile, state and commands give the same answers.
//
// # What it does
//
//	SELECT                  by AID, whole or in part, P2 02 for the next; 1PAY.SYS.DDF01; 2PAY.SYS.DDF01
//	GET PROCESSING OPTIONS  PDOL data in 83; AIP and AFL in 80 or 77
//	READ RECORD             of the application, of the PSE (SFI 1), of the log (SFI 11)
//	GET DATA                9F36 9F13 9F17 9F4F; 9F54 9F58 9F59 where they are set
//	GET CHALLENGE           eight bytes
//	VERIFY                  plain (80) and enciphered (88); without data the tries left
//	INTERNAL AUTHENTICATE   DDA
//	GENERATE AC             first and second; with CDA where asked; downwards only
//	EXTERNAL AUTHENTICATE   the issuer's answer, once
//	scripts                 84 or 04: 1E 18 16 24 DA, under a MAC of this transaction
//
// With Profile.Contactless the card is in the field of a contactless reader: there is a
// PPSE and no PSE, and GET PROCESSING OPTIONS is UnionPay's qPBOC (Tap), with fDDA.
//
// # Transport
//
// With T=0 data is fetched: a command that carries data is answered 61xx, and GET
// RESPONSE gets it; one without data that does not ask for the right length is told it by
// 6Cxx. A Le after data makes no difference, so that terminals that send it and those
// that drop it are both served. With T=1 data comes at once. A terminal that speaks to
// either needs no more than what every PC/SC program does. In the field of a contactless
// reader answers come whole too, whatever Profile.Protocol says.
//
// # What lasts
//
// State is what a card remembers without power: counters, PIN and tries, blocks, log. It
// is a value: hand it to New, take it from Card.State whenever the card leaves the
// reader. State.Encode writes it for a file, with PINs in clear; anything else that
// prints a State, a Profile or a Card shows no PIN, no name, no key and no full number.
//
// # Risk
//
// What a card thinks for itself is Risk. It answers a TC asked with an ARQC when the last
// online transaction was not completed or not authenticated, when the issuer said so, or
// when its limits are reached; it never answers more than was asked. After an ARQC, a
// failed issuer authentication makes the end an AAC, and so does, with CVN 18 and 22, a
// Card Status Update that does not approve (byte 2, bit 8).
//
// # Faults
//
// Profile.Faults makes the card a damaged one, by name (ParseFault): mute, wrong-atr,
// timeout@N, pulled-out@N, blocked, application-blocked, wrong-certificate, stale-data.
// Counting by instruction, pulled-out@AE:2 is the second GENERATE AC. Transmit then
// returns ErrMute, ErrTimeout or ErrRemoved, at once: whoever waits for a card, waits.
//
// # What is not here
//
// Secure channels other than script MACs, UPDATE RECORD, XDA, extended lengths, logical
// channels, M/Chip's 9F10, SM2, SM3 and SM4, electronic cash.
package icc
