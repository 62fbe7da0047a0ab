package keyboard

import (
	"context"
	"errors"
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

	waiter reader.Waiter
	typist *typist
}

// New returns a Reader of what comes from source.
func New(source Source, o Options) *Reader {
	o = o.filled()
	return &Reader{source: source, note: o.Note, typist: newTypist(o)}
}

// Next implements reader.Reader.
func (r *Reader) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	return r.waiter.Next(ctx, a, "a keyboard-wedge reader", r.step)
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
	r.waiter.Fail(err)
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
			r.waiter.Give(e.Swipe)
		} else {
			r.note(e.Note)
		}
	}
}

// Close implements reader.Reader.
func (r *Reader) Close() error {
	return r.waiter.Close(func(error) error { return r.source.Close() })
}
