package keyboard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"possim/reader"
	"possim/reader/protocol"
)

// Source is where typing comes from.
type Source interface {
	// Read waits for characters until ctx ends or, where wait is more than 0, until
	// wait has passed: then it returns none and no error. Its errors are the Reader's.
	Read(ctx context.Context, wait time.Duration) ([]Typed, error)
	Close() error
}

// Reader is a reader.Reader over a Source.
type Reader struct {
	source Source
	note   func(string)

	turn   sync.Mutex // held by the one Next that runs, for what follows
	typist *typist
	swipes []*reader.Swipe // read, and not yet asked for
	failed error           // of the source, once what it left was handed out

	mu     sync.Mutex // guards what follows
	closed bool
	wake   context.CancelFunc // ends the Read of the Next that waits
}

// New returns a Reader of what comes from source.
func New(source Source, o Options) *Reader {
	o = o.filled()
	return &Reader{source: source, note: o.Note, typist: newTypist(o)}
}

// Next implements reader.Reader.
func (r *Reader) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	if len(a.Accept) > 0 && !slices.Contains(a.Accept, reader.KindSwipe) {
		return nil, fmt.Errorf("a keyboard-wedge reader gives swipes, not %v: attach another reader", a.Accept)
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	awake, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		switch {
		case r.ended(cancel):
			return nil, reader.ErrClosed
		case len(r.swipes) > 0:
			s := r.swipes[0]
			r.swipes = r.swipes[1:]
			return s, nil
		case r.failed != nil:
			return nil, r.failed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		r.step(awake)
	}
}

// ended reports whether Close was called, and has it wake this Next otherwise.
func (r *Reader) ended(wake context.CancelFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake = wake
	return r.closed
}

// step reads once.
func (r *Reader) step(ctx context.Context) {
	typed, err := r.source.Read(ctx, r.typist.wait())
	for _, c := range typed {
		r.tell(r.typist.take(c))
	}
	switch {
	case err == nil && len(typed) == 0:
		r.tell(r.typist.idle())
	case err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled):
		r.finish(err)
	}
}

// finish ends the line under way. One that a device broke off by going away is no
// swipe: its other tracks may be missing.
func (r *Reader) finish(err error) {
	r.failed = err
	if errors.Is(err, reader.ErrGone) && r.typist.count > 0 {
		r.note("the reader disappeared in the middle of a line, which is dropped: swipe again")
		r.tell(r.typist.settle(nil))
		return
	}
	r.tell(r.typist.settle(r.typist.end(true)))
}

func (r *Reader) tell(events []protocol.Event) {
	for _, e := range events {
		if e.Swipe != nil {
			r.swipes = append(r.swipes, e.Swipe)
		} else {
			r.note(e.Note)
		}
	}
}

// Close implements reader.Reader.
func (r *Reader) Close() error {
	r.mu.Lock()
	wake, was := r.wake, r.closed
	r.closed = true
	r.mu.Unlock()
	if wake != nil {
		wake()
	}
	if was {
		return nil
	}
	return r.source.Close()
}
