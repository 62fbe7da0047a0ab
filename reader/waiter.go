package reader

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Waiter is what Readers of swipes have in common that read their source in the goroutine
// of Next and start none: one Next at a time, what was read and not asked for yet, and a
// Close that ends the read under way. The zero value is ready.
type Waiter struct {
	turn   sync.Mutex // held by the one Next that runs, and by the end of Close; for what follows
	ready  []Presentation
	failed error

	mu     sync.Mutex // guards what follows
	closed bool
	wake   context.CancelFunc // ends the read of the Next that waits
}

// Next is the Reader's Next. It calls step until step has given something or failed; step
// reads once, and returns when its ctx ends. What is what the device is called.
func (w *Waiter) Next(ctx context.Context, a Ask, what string, step func(context.Context)) (Presentation, error) {
	if len(a.Accept) > 0 && !slices.Contains(a.Accept, KindSwipe) {
		return nil, fmt.Errorf("%s gives swipes, not %v: attach another reader", what, a.Accept)
	}
	w.turn.Lock()
	defer w.turn.Unlock()
	awake, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		switch {
		case w.ended(cancel):
			return nil, ErrClosed
		case len(w.ready) > 0:
			p := w.ready[0]
			w.ready = w.ready[1:]
			return p, nil
		case w.failed != nil:
			return nil, w.failed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		step(awake)
	}
}

// Give hands out a presentation, and Fail an error once what was given is out. They are
// for step.
func (w *Waiter) Give(p Presentation) { w.ready = append(w.ready, p) }

// Fail is the end of the source. The first error counts.
func (w *Waiter) Fail(err error) {
	if w.failed == nil {
		w.failed = err
	}
}

// ended reports whether Close was called, and has it wake this Next otherwise.
func (w *Waiter) ended(wake context.CancelFunc) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake = wake
	return w.closed
}

// Close makes Next return ErrClosed. The first time it runs end, once no Next is left,
// with what the source has failed with so far.
func (w *Waiter) Close(end func(failed error) error) error {
	w.mu.Lock()
	wake, was := w.wake, w.closed
	w.closed = true
	w.mu.Unlock()
	if wake != nil {
		wake()
	}
	if was {
		return nil
	}
	w.turn.Lock()
	defer w.turn.Unlock()
	return end(w.failed)
}
