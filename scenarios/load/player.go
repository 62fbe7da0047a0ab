package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader"
)

// A Player has a terminal do what it says, in place of a Mix.
type Player interface {
	// Play is one iteration: orders at the player's Seat, and what lies between them. It
	// ends with ctx. An error is counted as one, by the cause "script-error".
	Play(ctx context.Context) error
}

// Seat is a Player's place at its terminal. It is for one goroutine, that of Play.
type Seat struct {
	*till
	run  context.Context // ends when no new order is to begin
	late time.Duration   // that the iteration began after it was due, until its first order
	off  bool            // the last order found no host to serve it
	cut  bool            // an order was under way when the run's overtime was over
}

// Hand is who stands at the terminal for one order.
type Hand struct {
	Present func() (reader.Presentation, error) // of a card, once; nil has none
	PIN     hsm.PIN                             // typed when it is asked for; the zero PIN types nothing
	Tag     string                              // a word to count the order under; "" is none
}

// TID is the terminal's number, eight digits.
func (s *Seat) TID() string { return s.tid }

// Number counts the terminals of the whole run from 1, through all of its parts.
func (s *Seat) Number() int { return s.load.First + s.index + 1 }

// Rand is the terminal's own source of chance: the run's seed and its number give it.
func (s *Seat) Rand() *rand.Rand { return s.rng }

// Cards are those of the run. Nobody changes them.
func (s *Seat) Cards() []Card { return s.load.Cards }

// Now is the time on the run's clock.
func (s *Seat) Now() time.Time { return s.load.Now() }

// Do carries out an order and counts it. The latency of the first of an iteration has in it
// how late the iteration began. The error is that of a terminal that could not act, or of a
// run that ends.
func (s *Seat) Do(ctx context.Context, o emulator.Order, h Hand) (emulator.Outcome, error) {
	if err := s.run.Err(); err != nil {
		return emulator.Outcome{}, err
	}
	begun := s.load.Now().Add(-s.late)
	s.late, s.hand = 0, h
	defer func() { s.hand = Hand{} }()
	out, err := s.do(ctx, o)
	s.tell(ctx, o.Kind, out, err, begun)
	s.off, s.cut = unserved(out), err != nil && ctx.Err() != nil
	return out, err
}

// Over reports whether the run is: no order is begun any more.
func (s *Seat) Over() bool { return s.run.Err() != nil }

// Sleep waits, and not beyond the end of the run: once its Duration is over what is under
// way goes on without a wait. The error is that of a run that was interrupted.
func (s *Seat) Sleep(d time.Duration) error {
	if s.load.Duration > 0 {
		over := s.load.tally.started.Add(s.load.Duration)
		d = min(d, max(over.Sub(s.load.Now()), 0))
	}
	return s.load.Sleep(s.run, d)
}

// Check counts whether something was as it should be.
func (s *Seat) Check(name string, ok bool) { s.load.tally.plays.check(name, ok) }

// Count adds to a counter of the player's own.
func (s *Seat) Count(name string, n float64) { s.load.tally.plays.add(name, n) }

// Lend gives the terminal to someone who works it in another way, over its own
// connections: with its state as it is, which goes on from the one that comes back.
func (s *Seat) Lend(to func(emulator.State, wire.Dialer) (emulator.State, error)) error {
	state, err := to(s.terminal.State(), s.dial)
	if err == nil {
		s.start(state)
	}
	return err
}

// play is an iteration. It reports whether the host, or the player, needs a rest.
func (t *till) play(ctx context.Context, intended time.Time) (rest bool) {
	s := t.seat
	s.late, s.off, s.cut = max(t.load.Now().Sub(intended), 0), false, false
	err := t.player.Play(ctx)
	switch {
	case s.run.Err() != nil:
	case ctx.Err() != nil: // there was no end to it
		if !s.cut { // or its order is counted so
			t.load.tally.missed(causeInterrupted, 1)
		}
	default:
		t.load.tally.plays.iteration()
		if err != nil {
			t.load.tally.missed(causeScript, 1)
		}
	}
	return s.off || err != nil
}

// seated gives each terminal its player.
func (l *Load) seated(ctx context.Context) (err error) {
	if l.Player == nil {
		return nil
	}
	for _, t := range l.tills {
		t.seat = &Seat{till: t, run: ctx}
		if t.player, err = l.Player(ctx, t.seat); err != nil {
			return fmt.Errorf("terminal %s: %w", t.tid, err)
		}
	}
	return nil
}
