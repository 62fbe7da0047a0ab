package kernel

import (
	"context"
	"errors"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
)

// Contents is what a card says of itself to whoever asks. It prints with numbers masked.
type Contents struct {
	Directory    string // the one that was read: 1PAY.SYS.DDF01, 2PAY.SYS.DDF01; "": it has none
	Applications []Held // in the card's order of priority
	Problem      error  // why the applications could not be found
}

// Held is an application on a card. Data is everything it gave out, the holder's name and
// tracks included, which print as asterisks: its answer to SELECT, its options, its
// records and its counters.
type Held struct {
	Candidate
	Blocked bool
	Data    emv.List
	Log     []emv.List // its transactions, the newest first, by its log format (9F4F)
	Problem error      // why something is missing
}

// PAN returns the number, of track 2 where the application has no 5A; "" where there is none.
func (h Held) PAN() card.PAN {
	if p, ok := panOf(h.Data.Value(emv.TagPAN)); ok {
		return p
	}
	return h.track2().PAN
}

// Expiry returns the month of 5F24, or that of track 2.
func (h Held) Expiry() card.Expiry {
	if e := expiryOf(h.Data); !e.Absent() {
		return e
	}
	return h.track2().Expiry
}

// ServiceCode returns that of track 2, "" where there is none.
func (h Held) ServiceCode() card.ServiceCode { return h.track2().ServiceCode }

func (h Held) track2() card.Track2 {
	t, _ := card.ParseTrack2(track2Of(h.Data)) // what cannot be read is none
	return t
}

// maxHeld bounds how many applications of a card are looked at.
const maxHeld = 32

// anyName takes every application: each AID begins with no bytes at all.
var anyName = []Application{{Partial: true}}

// Peek reads what a card gives out without being asked to pay: its directory, and of every
// application the answer to SELECT, the records, the counters and the log of transactions
// (EMV Book 1, 12; Book 3, 10.1, 10.2, Annex D). It asks for no cryptogram and shows no
// PIN. Opening an application (GET PROCESSING OPTIONS) makes most cards count a
// transaction (9F36) all the same.
//
// Whatever a card says is Contents. An error says that it stopped answering, with what was
// read until then, or that ctx ended.
func Peek(ctx context.Context, t reader.Transceiver, kind reader.Kind) (Contents, error) {
	s := &session{Kernel: &Kernel{Applications: anyName}, card: t}
	var c Contents
	list, err := s.peekDirectory(ctx, kind, &c)
	problem, err := blame(err)
	if err != nil {
		return c, err
	}
	c.Problem = problem
	byPriority(list)
	for _, found := range list[:min(len(list), maxHeld)] {
		s.icc, s.afl = nil, nil
		h := Held{Candidate: found}
		err = s.peekApplication(ctx, &h)
		c.Applications = append(c.Applications, h)
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// blame tells what a card said wrongly, which the next application may do better, from a
// card that says nothing any more.
func blame(err error) (problem, fatal error) {
	var e *stop
	switch {
	case !errors.As(err, &e):
		return nil, err
	case e.cause == CauseNoAnswer:
		return e.err, e.err
	}
	return e.err, nil
}

// peekDirectory finds the card's applications, by its directory or by asking for those of
// the payment systems one after the other.
func (s *session) peekDirectory(ctx context.Context, kind reader.Kind, c *Contents) ([]Candidate, error) {
	name, read := pseName, s.directory
	if kind == reader.KindTap {
		name, read = ppseName, s.peekProximity
	}
	list, err := read(ctx)
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		c.Directory = name
		return list, nil
	}
	s.Applications = paymentSystems
	defer func() { s.Applications = anyName }()
	list, blocked, err := s.listOfAIDs(ctx)
	if err == nil && len(list) == 0 && blocked > 0 {
		err = s.terminate(CauseAppBlocked, "the card's applications are blocked")
	}
	return list, err
}

// peekProximity reads the directory of contactless cards, entries of every kernel included.
func (s *session) peekProximity(ctx context.Context) ([]Candidate, error) {
	fci, w, err := s.selectName(ctx, "SELECT PPSE", []byte(ppseName), false)
	if err != nil || w != statusOK {
		return nil, err
	}
	return s.entries(nil, fciOf(fci).Inside(emv.TagFCIDiscretionary), nil), nil
}
