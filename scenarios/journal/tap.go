package journal

import (
	"context"
	"errors"
	"slices"
	"time"

	"possim/host/wire"
)

// Event is something that happened on a Link.
type Event struct {
	At      time.Time
	Conn    int  // which connection, from 1
	Out     bool // left the terminal
	Frame   []byte
	Message *wire.Message // nil when the frame could not be decoded
}

// Arrow returns ">" for what left the terminal and "<" for what reached it.
func (e Event) Arrow() string {
	if e.Out {
		return ">"
	}
	return "<"
}

// Tap listens to every Link that a Dialer opens.
type Tap struct {
	Now     func() time.Time
	Dialect *wire.Dialect
	// On hears every frame that left or arrived. An event without a frame is a wait
	// that ended with nothing.
	On    func(Event)
	conns int
}

// Dial wraps a Dialer.
func (t *Tap) Dial(next wire.Dialer) wire.Dialer {
	return func(ctx context.Context) (wire.Link, error) {
		l, err := next(ctx)
		if err != nil {
			return nil, err
		}
		t.conns++
		return &tapped{tap: t, conn: t.conns, next: l}, nil
	}
}

type tapped struct {
	tap  *Tap
	conn int
	next wire.Link
}

// Send passes a frame on and reports it once it has left.
func (l *tapped) Send(ctx context.Context, frame []byte) error {
	err := l.next.Send(ctx, frame)
	if !errors.Is(err, wire.ErrNotSent) {
		l.report(true, frame)
	}
	return err
}

// Receive passes a frame on and reports it.
func (l *tapped) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	frame, err := l.next.Receive(ctx, wait)
	switch {
	case err == nil:
		l.report(false, frame)
	case errors.Is(err, wire.ErrNoAnswer) && wait > 0:
		l.tap.On(Event{At: l.tap.Now(), Conn: l.conn})
	}
	return frame, err
}

// Close closes the connection.
func (l *tapped) Close() error { return l.next.Close() }

func (l *tapped) report(out bool, frame []byte) {
	e := Event{At: l.tap.Now(), Conn: l.conn, Out: out, Frame: slices.Clone(frame)}
	if e.Frame == nil {
		e.Frame = []byte{}
	}
	var m wire.Message
	if _, err := l.tap.Dialect.Decode(e.Frame, &m); err == nil {
		e.Message = &m
	}
	l.tap.On(e)
}
