package kernel

import (
	"context"
	"errors"
	"io"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
)

// Kernel is a terminal as EMV level 2 sees it. Its fields are set once; Start and Finish,
// or Tap, then run one transaction after the other. It is not for use by two goroutines at once.
type Kernel struct {
	Type         byte                 // 9F35: 22 is a merchant's, attended, offline with online capability
	Capabilities emv.Capabilities     // 9F33: what Start lets a card make of it
	More         emv.MoreCapabilities // 9F40
	Country      string               // 9F1A, ISO 3166 numeric: "156"
	Applications []Application        // in the terminal's order
	CAPKs        emv.CAPKs            // the authorities it knows; without its own, a card's signatures fail
	SkipPSE      bool                 // go through the list of AIDs without asking for the directory
	Data         emv.List             // what else a DOL may ask for: 9F1C, 9F1E, 9F15, 9F16, 9F4E, 9F1D
	Field55      []emv.Tag            // of Result.Tags; UnionPay's list when left out
	Contactless  Contactless          // what Tap takes

	// Random gives 9F37, the filling of enciphered PINs and the dice of random selection.
	Random io.Reader
	// Choose has the cardholder choose, or confirm where there is one: an index, or less
	// than 0 to refuse. nil: the terminal takes the first that needs no confirmation.
	Choose func(ctx context.Context, from []Candidate) (int, error)
	// PIN has the cardholder type. nil: there is no PIN pad, whatever Capabilities say.
	PIN func(context.Context, PINRequest) (PINEntry, error)
	// Refer says what the issuer's bank said on the telephone after a referral (codes 01
	// and 02). nil: no.
	Refer func(ctx context.Context, code string) (bool, error)
	// Hot reports whether a card stands on the terminal's exception file. nil: none does.
	Hot func(pan card.PAN, sequence string) bool
	// Recent returns what the card paid here lately: split sales add up (floor limit).
	Recent func(pan card.PAN, sequence string) int64
	// Revoked reports whether a certificate was revoked, by the serial number in it.
	Revoked func(rid emv.RID, index byte, serial [3]byte) bool

	open *session // between a Start that went online and its Finish
	read *session // between an Identify and its Proceed
}

// Application is one the terminal takes, and how.
type Application struct {
	AID     []byte // 5 to 16 bytes
	Partial bool   // takes cards whose AID goes on after these bytes
	Version []byte // 9F09, two bytes

	FloorLimit int64 // 9F1B, minor units; 0 is a floor every sale reaches
	Threshold  int64 // of biased random selection; below it sales are selected at Target
	Target     int   // percent selected at random, 0 to 99
	MaxTarget  int   // percent selected just under the floor

	Denial, Online, Default emv.TVR // TAC: the terminal's action codes

	DDOL []byte // where the card has none; 9F3704 when left out
	TDOL []byte // where the card has none

	Contactless *Contactless // of taps with this application; nil: the terminal's
}

// errNotOpen is a caller's mistake.
var errNotOpen = errors.New("kernel: Finish without a Start that went online")

// Start runs a transaction as far as a card and a terminal get without the issuer: from
// application selection to the first GENERATE AC (EMV Book 3, 10; Book 4, 6.3). When the
// result says Online, the caller asks the issuer and then calls Finish, while the card
// stays where it is.
//
// Whatever the card does is a Result. An error says that the caller's world failed: ctx
// was cancelled, a callback or the randomness failed, the kernel is set up wrong. The
// Result then says Terminated, and how far it went.
func (k *Kernel) Start(ctx context.Context, t reader.Transceiver, tx Transaction) (Result, error) {
	s, err := k.newSession(t, tx)
	if err != nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: err}, err
	}
	err = s.start(ctx)
	r, err := s.result(ctx, err)
	if r.Decision == Online {
		k.open = s
	}
	return r, err
}

// Finish tells the card what the issuer said, or that it said nothing, and brings the
// transaction to its end (EMV Book 3, 10.9 to 10.11; Book 4, 6.3.8). Its errors are as
// Start's.
func (k *Kernel) Finish(ctx context.Context, a HostAnswer) (Result, error) {
	s := k.open
	if s == nil {
		return Result{Decision: Terminated, Cause: CauseTerminal, Err: errNotOpen}, errNotOpen
	}
	k.open = nil
	err := s.finish(ctx, a)
	return s.result(ctx, err)
}

// start is the order of the books.
func (s *session) start(ctx context.Context) error {
	if err := inOrder(ctx, s.selectApplication, s.readRecords); err != nil {
		return err
	}
	return s.pay(ctx)
}

// pay is what follows when the card was read.
func (s *session) pay(ctx context.Context) error {
	return inOrder(ctx, s.authenticateData, s.restrict, s.verifyCardholder, s.manageRisk, s.firstCryptogram)
}

// inOrder takes steps until one ends the transaction.
func inOrder(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}
