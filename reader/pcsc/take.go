package pcsc

import (
	"context"
	"errors"
	"slices"
	"time"

	"possim/reader"
)

// resets is how often a card is given power before it is called mute (EMV Book 1, 12.1:
// a terminal tries again once).
const resets = 2

// A card that another program has is nothing to tell of at once: one that looks at every
// new card (an agent, a PKCS #11 module) lets it go in a moment.
const (
	busyLooks = 5           // in a row that find it held
	busyFor   = time.Second // of waiting in pcscd for the end of the other's transaction
)

// accepts reports whether the terminal takes what is presented so.
func accepts(a reader.Ask, k reader.Kind) bool {
	return len(a.Accept) == 0 || slices.Contains(a.Accept, k)
}

// patient tells why it takes so long to get a card, should it. pcscd itself waits for the
// other program, and says nothing meanwhile.
func (r *Reader) patient(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if r.o.Sleep(ctx, busyFor) == nil {
			r.hush(ErrInUse.Error()) // Next is in pcscd, and waits for done before it goes on
		}
	}()
	return func() { cancel(); <-done }
}

// take connects to the card that is in and makes a presentation of it. Neither that nor
// an error: the card is gone again, another program's, or not wanted.
func (r *Reader) take(ctx context.Context, ask reader.Ask, seen Slot) (reader.Presentation, error) {
	s, err := r.o.dial()
	if err != nil {
		return nil, r.gone(ctx, err)
	}
	c, slot, err := r.connect(ctx, s)
	if err != nil {
		s.close()
		if errors.Is(err, ErrProtocol) && !resetAnswered(seen.ATR) {
			err = ErrMute
		}
		return r.failed(ctx, err)
	}
	kind := reader.KindChip
	if contactless(slot.ATR) {
		kind = reader.KindTap
	}
	if !accepts(ask, kind) {
		r.card.kind = kind
		return nil, errors.Join(s.disconnect(leave))
	}
	r.card.done, r.hushed = true, ""
	if kind == reader.KindChip {
		return &reader.Chip{ATR: slot.ATR, Card: c, Release: c.release}, nil
	}
	c.after = reset
	uid, err := c.uid(ctx)
	if err != nil { // it was in the field for too short a time, or nobody waits for it any more
		r.card.done = false
		return nil, errors.Join(c.release(), ctx.Err())
	}
	return &reader.Tap{UID: uid, ATR: slot.ATR, Card: c, Release: c.release}, nil
}

// resetAnswered reports whether an ATR begins as one does (TS; ISO/IEC 7816-3, 8.1).
// Drivers pass on what else they heard.
func resetAnswered(atr []byte) bool {
	return len(atr) > 1 && (atr[0] == 0x3B || atr[0] == 0x3F)
}

// connect connects and takes the card for this program alone. The slot is how it is then:
// the ATR is known for certain.
func (r *Reader) connect(ctx context.Context, s session) (*connected, Slot, error) {
	p, err := within(ctx, s, func() (protocol, error) { return s.connect(r.name) })
	if err != nil {
		return nil, Slot{}, err
	}
	if _, err := within(ctx, s, func() (struct{}, error) { return struct{}{}, s.begin() }); err != nil {
		_ = s.disconnect(leave) // the error that counts is the other
		return nil, Slot{}, err
	}
	all, err := within(ctx, s, s.slots)
	if err != nil {
		return nil, Slot{}, err
	}
	slot, err := at(all, r.name)
	if err == nil && !slot.Present {
		err = ErrRemoved
	}
	r.card.events = slot.events
	return &connected{name: r.name, session: s, protocol: p, after: powerOff}, slot, err
}

// failed says what becomes of a card that could not be connected to.
func (r *Reader) failed(ctx context.Context, err error) (reader.Presentation, error) {
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrRemoved), errors.Is(err, ErrReset), errors.Is(err, errAbsent):
		return nil, nil // the next look says more
	case errors.Is(err, ErrInUse):
		if r.card.busy++; r.card.busy >= busyLooks {
			r.hush(ErrInUse.Error())
		}
		return nil, nil
	case errors.Is(err, ErrMute):
		if r.card.tries++; r.card.tries < resets {
			return nil, nil
		}
	case !errors.Is(err, ErrProtocol):
		return nil, err
	}
	r.card.done = true
	return &reader.Chip{Card: dead{err}}, nil
}
