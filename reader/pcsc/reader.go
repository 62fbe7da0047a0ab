package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"possim/reader"
)

// Options is the world of a Reader.
type Options struct {
	// Sleep waits for d or until ctx ends, and then returns ctx's error. Required.
	Sleep func(ctx context.Context, d time.Duration) error
	// Every is the time between two looks at the reader; a tenth of a second if zero.
	Every time.Duration
	// Keep has Next wait for a reader that was unplugged, and for pcscd; without, that is
	// reader.ErrGone.
	Keep bool
	// Note is told what the person at the reader should know; nil: nobody is.
	Note func(string)

	dial func() (session, error) // of tests
}

// Reader is a reader.Reader over one slot of pcscd's.
type Reader struct {
	name string
	o    Options

	turn   sync.Mutex // held by the one Next that runs, for what follows
	watch  session    // what the slot is looked at through; nil: dial
	card   standing   // how things stand with the card that is in
	absent bool       // the reader was away at the last look
	hushed string     // what was told last of why nothing comes

	recount bool // another pcscd may count events anew

	mu     sync.Mutex // guards what follows
	closed bool
	wake   context.CancelFunc // ends the Next that waits
}

// standing is what is known of a card that is in, by pcscd's event counter.
type standing struct {
	known  bool // the rest is of this counter
	events uint32
	done   bool        // it was delivered
	kind   reader.Kind // it was found to be of this kind and, so far, nobody wanted that
	tries  int         // to get a reset answered
	busy   int         // times that another program had it
}

// Open opens a reader: that of this name, the only one with this text in its name, or for
// "" the first there is.
func Open(ctx context.Context, name string, o Options) (*Reader, error) {
	if o.dial == nil {
		o.dial = dial
	}
	if o.Every <= 0 {
		o.Every = 100 * time.Millisecond
	}
	if o.Note == nil {
		o.Note = func(string) {}
	}
	all, err := readers(ctx, o.dial)
	if err != nil {
		return nil, err
	}
	slot, others, err := pick(all, name)
	if err != nil {
		return nil, err
	}
	if others {
		o.Note(fmt.Sprintf("reading with %q, the first of %s", slot.Name, quoted(all)))
	}
	return &Reader{name: slot.Name, o: o}, nil
}

// Name returns the reader's name as pcscd has it.
func (r *Reader) Name() string { return r.name }

// Next implements reader.Reader.
func (r *Reader) Next(ctx context.Context, ask reader.Ask) (reader.Presentation, error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	wait, cancel := context.WithCancel(ctx)
	defer cancel()
	if !r.waiting(cancel) {
		return nil, reader.ErrClosed
	}
	for {
		p, err := r.look(wait, ask)
		if p != nil {
			return p, nil
		}
		if err == nil {
			err = r.o.Sleep(wait, r.o.Every)
		}
		switch {
		case !r.waiting(cancel):
			return nil, reader.ErrClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, err
		}
	}
}

// waiting says how a Next that waits is woken, and reports whether the reader is open.
func (r *Reader) waiting(wake context.CancelFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake = wake
	return !r.closed
}

// look looks at the slot once. Neither a presentation nor an error: look again.
func (r *Reader) look(ctx context.Context, ask reader.Ask) (reader.Presentation, error) {
	slot, err := r.slot(ctx)
	if err != nil {
		return nil, r.gone(ctx, err)
	}
	if r.absent {
		r.absent = false
		r.o.Note(r.name + " is attached")
	}
	if !slot.Present {
		r.card, r.hushed = standing{}, ""
		return nil, nil
	}
	if r.recount && r.card.known {
		r.card.events = slot.events
	}
	r.recount = false
	if !r.card.known || r.card.events != slot.events {
		r.card = standing{known: true, events: slot.events}
	}
	switch c := r.card; {
	case c.done, c.kind != "" && !accepts(ask, c.kind):
		return nil, nil
	case contactless(slot.ATR) && !accepts(ask, reader.KindTap):
		return nil, nil
	case len(slot.ATR) > 0 && !contactless(slot.ATR) && !accepts(ask, reader.KindChip):
		return nil, nil
	}
	if slot.shared {
		defer r.patient(ctx)()
	}
	return r.take(ctx, ask, slot)
}

// slot asks pcscd how things stand. A pcscd that was restarted is dialled once more.
func (r *Reader) slot(ctx context.Context) (Slot, error) {
	again := r.watch != nil
	for {
		if r.watch == nil {
			s, err := r.o.dial()
			if err != nil {
				r.recount = true
				return Slot{}, err
			}
			r.watch = s
		}
		all, err := within(ctx, r.watch, r.watch.slots)
		if err == nil {
			return at(all, r.name)
		}
		r.watch.close()
		r.watch = nil
		if ctx.Err() != nil {
			return Slot{}, err
		}
		r.recount = true
		if !again {
			return Slot{}, err
		}
		again = false
	}
}

// gone says what becomes of Next when the slot cannot be looked at.
func (r *Reader) gone(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrDenied), errors.Is(err, ErrUnsupported):
		return err
	case !r.o.Keep:
		return fmt.Errorf("%s: %w: %w", r.name, err, reader.ErrGone)
	}
	if !r.absent {
		r.absent = true
		r.o.Note(fmt.Sprintf("%s is gone (%v): waiting for it to come back", r.name, err))
	}
	if errors.Is(err, errAbsent) {
		r.card = standing{}
	}
	return nil
}

// hush tells a reason why nothing comes, once.
func (r *Reader) hush(text string) {
	if text != r.hushed {
		r.hushed = text
		r.o.Note(r.name + ": " + text)
	}
}

// Close implements reader.Reader. A card that was delivered stays its holder's.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	if r.wake != nil {
		r.wake()
	}
	r.mu.Unlock()
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.watch != nil {
		r.watch.close()
		r.watch = nil
	}
	return nil
}
