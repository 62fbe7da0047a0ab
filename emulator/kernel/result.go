package kernel

import (
	"context"
	"errors"
	"fmt"

	"possim/reader/card"
	"possim/reader/emv"
)

// Decision is how a transaction stands.
type Decision string

// The decisions.
const (
	Online     Decision = "online"     // ask the issuer, then Finish
	Approved   Decision = "approved"   // the card gave a TC
	Declined   Decision = "declined"   // the card gave an AAC, or its approval is not to be trusted
	Terminated Decision = "terminated" // the card cannot be used, or is gone; nothing was decided
	Identified Decision = "identified" // of Identify: the card was read, and nothing asked of it
	Fallback   Decision = "fallback"   // the chip could not be read: a failed chip read (RULES: the terminal)

	// Of a tap, for the terminal to go on with.
	OtherInterface Decision = "other-interface" // insert the card, or swipe it
	TryAgain       Decision = "try-again"       // present the card again, for longer; or the phone, unlocked
)

// Cause says why a transaction came to no decision.
type Cause string

// The causes.
const (
	CauseNone           Cause = ""
	CauseNoApplication  Cause = "no-application"      // card and terminal have none in common
	CauseCardBlocked    Cause = "card-blocked"        // 6A81
	CauseAppBlocked     Cause = "application-blocked" // 6283 for each that would do
	CauseRefused        Cause = "refused"             // the cardholder wants none of the applications
	CauseNoAnswer       Cause = "no-answer"           // mute, pulled out, or too late
	CauseStatus         Cause = "status"              // SW1 SW2 that ends a transaction
	CauseFormat         Cause = "format"              // an answer that is not what the books say
	CauseDataMissing    Cause = "data-missing"        // a mandatory data object
	CauseConditions     Cause = "conditions"          // 6985: the card is not for this transaction
	CauseCryptogramType Cause = "cryptogram-type"     // the card answered with more than it was asked for
	CauseCancelled      Cause = "cancelled"           // by the terminal
	CauseTerminal       Cause = "terminal"            // the terminal failed, not the card
	CauseLimit          Cause = "limit"               // of a tap: the amount
	CauseMode           Cause = "mode"                // the card has no qPBOC, or not for this reader
	CauseCard           Cause = "card"                // the card wants another interface (9F6C)
	CauseAuthentication Cause = "authentication"      // so it does where its signature is wrong
	CauseSeePhone       Cause = "see-phone"           // 6986: the phone is to be unlocked first
)

// Result is a transaction as it stands after Start, Finish or Tap. It prints with numbers
// masked.
type Result struct {
	Decision Decision
	Cause    Cause // of all but Online, Approved and Declined
	Err      error // the same, in words; also what made an approval a decline or a question to the issuer, or lost its last script

	TVR emv.TVR
	TSI emv.TSI
	CVM emv.CVMResults // 9F34

	Application Candidate
	PAN         card.PAN
	Sequence    string      // 5F34, two digits, or ""
	Expiry      card.Expiry // of 5F24
	Track2      card.TrackData
	Cryptogram  emv.CryptogramType // of the card's last answer
	CID         emv.CID
	Code        string // 8A: the issuer's, or Y1, Z1, Y3, Z3

	OnlinePIN bool // the PIN entered goes with the request
	Signature bool // the slip is to be signed
	Advice    bool // the card wants its issuer told
	Reverse   bool // the issuer approved and the card did not: take it back

	CDCVM       bool // of a tap: the cardholder's own device verified them
	NoPIN       bool // of a tap: no PIN, as the amount is within Contactless.NoPIN
	NoSignature bool // of a tap: no signature, as the amount is within Contactless.NoSignature

	// Tags is field 55; Data is all there is, of terminal and card, for other lists (Pick).
	Tags, Data emv.List
	// Scripts is the results of issuer scripts (9F5B, DF31), five bytes a script.
	Scripts []byte
}

// Pick returns those of r.Data with the tags, in their order.
func (r Result) Pick(tags ...emv.Tag) emv.List {
	var l emv.List
	for _, t := range tags {
		if v, ok := r.Data.Get(t); ok {
			l.Add(t, v)
		}
	}
	return l
}

// errSeePhone is what 6986 means to who pays.
var errSeePhone = errors.New("GET PROCESSING OPTIONS: the card answers 6986: unlock the phone, and tap again")

// stop ends a transaction short of a cryptogram.
type stop struct {
	decision Decision
	cause    Cause
	err      error
}

func (e *stop) Error() string { return e.err.Error() }

func (e *stop) Unwrap() error { return e.err }

// terminate ends a transaction that a card's chip cannot make. A card that did answer,
// and wrongly, is a chip that could not be read until it has given a cryptogram.
func (s *session) terminate(c Cause, format string, args ...any) error {
	return &stop{Terminated, c, fmt.Errorf(format, args...)}
}

// unreadable is a failed chip read up to the first GENERATE AC, and an end after it. A
// card that left the field is to come again.
func (s *session) unreadable(c Cause, format string, args ...any) error {
	d := Fallback
	switch {
	case s.tapped && c == CauseNoAnswer:
		d = TryAgain
	case s.asked || s.tapped:
		d = Terminated
	}
	return &stop{d, c, fmt.Errorf(format, args...)}
}

// result makes a Result of the session and of what ended it. A stop is the card's doing
// and no error; anything else is the caller's.
func (s *session) result(ctx context.Context, err error) (Result, error) {
	r := s.report()
	r.Decision, r.Err = s.decision, s.spoiled
	var e *stop
	switch {
	case err == nil:
	case errors.Is(ctx.Err(), context.Canceled):
		r.Decision, r.Cause, r.Err = Terminated, CauseCancelled, err
	case errors.As(err, &e):
		r.Decision, r.Cause, r.Err = e.decision, e.cause, e.err
		err = nil
	default:
		r.Decision, r.Cause, r.Err = Terminated, CauseTerminal, err
	}
	r.Reverse = s.hostApproved && r.Decision != Approved
	return r, err
}
