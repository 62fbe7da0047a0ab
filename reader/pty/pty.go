// Package pty stands up an emulated reader: a pseudo-terminal that behaves as a
// serial reader does, byte for byte, for whatever program opens it.
//
//	d, err := protocol.NewDevice("msr605")
//	p, err := pty.Open()
//	err = p.Link("./reader0")
//	err = pty.Serve(ctx, p, pty.Reader{Device: d, Source: source, Sleep: sleep, Since: since})
//
// The cards come from any reader.Reader: a scripted one swipes through the physics
// of package magstripe, so that a bad swipe is told as that model of reader tells it.
// A card comes when the device wants one: as soon as its client armed it, or, of a
// reader that sends unasked, a moment after a client opened the port. A chip card stays
// in the slot until the next one comes, or the reader asks to have it taken out; where it
// has a method Reset(), that is called whenever the reader powers it.
//
// # What a pseudo-terminal is not
//
// It has no speed, parity or modem lines: a client may set any, and a sign-on after
// DTR cannot be played. The kernel hands a slave out in line mode with echo, so Open
// makes it raw before the first byte; a client that sets its own mode is free to. The
// path changes from run to run, the link does not. When nobody has the port open, what
// the device would say is dropped, as a cable with nobody at the other end does.
//
// Only Linux has it so far: elsewhere Open returns ErrUnsupported.
package pty

import (
	"context"
	"errors"
	"fmt"
	"time"

	"possim/reader"
	"possim/reader/protocol"
)

// ErrUnsupported is what Open returns outside Linux.
var ErrUnsupported = errors.New("emulated serial readers need Linux (pseudo-terminals): run possim there")

// Reader is an emulated reader and the hand that swipes at it.
type Reader struct {
	Device protocol.Device
	Source reader.Reader // gives swipes, and chips to a protocol.Slot, until reader.ErrEnd
	// Since is the time since any fixed moment.
	Since func() time.Duration
	// Every is how long after one card the next comes at a reader that reads unasked (the
	// first comes half a second after a client opened the port); 0 is never: one card for
	// each time a client opens the port. A Source that waits by itself, for a line of text
	// say, wants Always instead.
	Every time.Duration
	// Always takes cards at a reader that reads unasked as they come.
	Always bool
	// EMV does a part of a chip transaction for a protocol.Pinpad, with the card in its
	// slot; nil is a pinpad that knows no application.
	EMV func(ctx context.Context, card reader.Transceiver, job protocol.EMVJob) (protocol.EMVResult, error)
	// Event is told what happens, in a sentence; nil is nobody.
	Event func(string)
}

// settle is how long after a client opened the port the first card comes at a reader
// that reads unasked. Clients flush their input when they open a port.
const settle = 500 * time.Millisecond

// turn is how long the device goes without being told that time passed, and beat how
// long it goes while a card is on its way.
const (
	turn = 20 * time.Millisecond
	beat = 2 * time.Millisecond
)

// port is the master's side of a line.
type port interface {
	// read waits for bytes of the client, at most for a time. It returns none when
	// there are none.
	read(b []byte, wait time.Duration) (n int, a attendance, err error)
	// write sends everything, unless no client has the port open or ctx ends.
	write(ctx context.Context, b []byte) error
	// reset drops what a client that left did not read, and takes its settings back.
	reset() error
}

// attendance says who is at the other end.
type attendance struct {
	open   bool // a client has the port open
	opened bool // one opened it in this turn
}

// card is what the source gave.
type card struct {
	reader.Presentation
	err error
}

// server is Serve's state.
type server struct {
	Reader
	port
	open   bool          // a client has the port
	since  time.Duration // since when it has, or the last card came
	fresh  bool          // no card came since the client opened
	spoken bool          // the client has sent something
	asked  bool          // the source was asked for a card
	ended  bool          // it has no more
	chip   *reader.Chip  // in the slot, or the last one that was
	want   chan struct{}
	cards  chan card
	buffer [4096]byte
}

// Serve plays the reader until ctx ends, and returns nil then. Errors are the line's
// or the source's; a source that ended leaves the reader answering commands.
func (p *PTY) Serve(ctx context.Context, r Reader) error { return serve(ctx, r, p) }

func serve(ctx context.Context, r Reader, line port) error {
	if r.Event == nil {
		r.Event = func(string) {}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{Reader: r, port: line, want: make(chan struct{}, 1), cards: make(chan card, 1)}
	go s.swipes(ctx) // a source may wait, while commands are answered
	for ctx.Err() == nil {
		if err := s.step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// swipes asks the source for a card each time one is wanted.
func (s *server) swipes(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.want:
		}
		p, err := s.Source.Next(ctx, reader.Ask{Accept: s.kinds()})
		s.cards <- card{p, err}
	}
}

// kinds is what the device can read: a head, a slot, or both.
func (s *server) kinds() []reader.Kind {
	if _, slot := s.Device.(protocol.Slot); slot {
		return []reader.Kind{reader.KindSwipe, reader.KindChip}
	}
	return []reader.Kind{reader.KindSwipe}
}

// step is one turn: the client's bytes, the answers, a card.
func (s *server) step(ctx context.Context) error {
	wait := turn
	if s.asked {
		wait = beat
	}
	n, a, err := s.read(s.buffer[:], wait)
	if err != nil {
		return err
	}
	if err := s.attached(a); err != nil {
		return err
	}
	s.spoken = s.spoken || n > 0
	if out := s.Device.Receive(s.Since(), s.buffer[:n]); len(out) > 0 {
		if err := s.write(ctx, out); err != nil {
			return err
		}
	}
	if err := s.obey(ctx); err != nil {
		return err
	}
	s.ask()
	return s.give(ctx)
}

// attached notices that a client opened or closed the port.
func (s *server) attached(a attendance) error {
	if a.open && (a.opened || !s.open) { // a client that was quick is one too
		s.fresh, s.spoken, s.since = true, false, s.Since()
	}
	if a.open == s.open {
		return nil
	}
	if s.open = a.open; s.open {
		s.Event("a client opened the port")
		return nil
	}
	s.Event("the client closed the port")
	return s.reset()
}

// ask wants a card of the source, when the device would read one now.
func (s *server) ask() {
	if s.asked || s.ended || !s.due() {
		return
	}
	s.asked = true
	s.want <- struct{}{}
}

// due says whether it is time for a card. Nobody swipes while no client is there.
func (s *server) due() bool {
	if !s.open {
		return false
	}
	waited := s.Since() - s.since
	switch s.Device.Wants() {
	case protocol.WantCard: // that an earlier client left armed waits as one that is not
		return s.spoken || waited >= settle
	case protocol.WantAny:
		slot, ok := s.Device.(protocol.Slot)
		fresh := s.fresh && !(ok && slot.Occupied()) // a card that is in stays in
		if s.fresh && waited < settle {
			return false
		}
		return (fresh || s.Always) && waited >= settle || s.Every > 0 && waited >= s.Every
	}
	return false
}

// give swipes a card that came, if the device still wants one; else it waits in the
// hand until it does.
func (s *server) give(ctx context.Context) error {
	if !s.asked || !s.open || !s.due() {
		return nil
	}
	select {
	case c := <-s.cards:
		s.asked = false
		switch {
		case errors.Is(c.err, reader.ErrEnd):
			s.ended = true
			s.Event("no more cards")
			return nil
		case c.err != nil && ctx.Err() != nil:
			return nil
		case c.err != nil:
			return c.err
		}
		s.fresh, s.since = false, s.Since()
		return s.present(ctx, c.Presentation)
	default:
		return nil
	}
}

// present swipes a card, or puts it into the slot in place of the one there.
func (s *server) present(ctx context.Context, p reader.Presentation) error {
	slot, _ := s.Device.(protocol.Slot)
	switch p := p.(type) {
	case *reader.Swipe:
		s.Event("a card is swiped: " + summary(p))
		return s.write(ctx, s.Device.Swipe(p))
	case *reader.Chip:
		if slot == nil {
			break
		}
		var out []byte
		if slot.Occupied() {
			out = slot.Remove()
		}
		s.chip = p
		s.Event("a chip card is put in")
		if err := s.write(ctx, append(out, slot.Insert()...)); err != nil {
			return err
		}
		return s.obey(ctx)
	}
	return fmt.Errorf("this reader was given a %s, which it cannot read", p.Kind())
}

// obey has the card in the slot do what the reader wants of it.
func (s *server) obey(ctx context.Context) error {
	slot, ok := s.Device.(protocol.Slot)
	if !ok {
		return nil
	}
	for o := slot.Order(); o.Kind != protocol.OrderNone && ctx.Err() == nil; o = slot.Order() {
		data, err := s.chip.ATR, error(nil)
		if o.Kind == protocol.OrderEMV {
			if err := s.transact(ctx, *o.EMV); err != nil {
				return err
			}
			continue
		}
		if o.Kind == protocol.OrderCommand {
			data, err = s.chip.Card.Transmit(ctx, o.APDU)
		} else if card, ok := s.chip.Card.(interface{ Reset() }); ok {
			card.Reset()
		}
		if err := s.write(ctx, slot.Answer(data, err)); err != nil {
			return err
		}
	}
	return nil
}

// transact has a pinpad's kernel do EMV with the card in the slot.
func (s *server) transact(ctx context.Context, job protocol.EMVJob) error {
	r, err := protocol.EMVResult{Status: protocol.EMVNone}, error(nil)
	if s.EMV != nil {
		r, err = s.EMV(ctx, s.chip.Card, job)
	}
	if err != nil {
		return err
	}
	return s.write(ctx, s.Device.(protocol.Pinpad).Processed(r))
}

// summary says how a swipe went, without what is on the card.
func summary(s *reader.Swipe) string {
	return fmt.Sprintf("%v (track 1 %v, track 2 %v, track 3 %v)", s.Verdict, s.Tracks[0].Status, s.Tracks[1].Status, s.Tracks[2].Status)
}
