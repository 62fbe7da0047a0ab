package fault

import (
	"context"
	"errors"
	"slices"
	"time"

	"possim/host/wire"
)

// link spoils one connection.
type link struct {
	in     *Injector
	next   wire.Link
	out    []held // requests on their way, delayed
	back   []held // answers on their way, delayed or doubled
	owed   int    // delayed requests that After will send
	closed bool
}

// held is a frame that arrives later.
type held struct {
	at    time.Time
	frame []byte
}

// Send passes a request on, unless a rule says otherwise.
func (l *link) Send(ctx context.Context, frame []byte) error {
	rule, frame := l.in.spoil(frame)
	if rule == nil {
		return l.next.Send(ctx, frame)
	}
	switch rule.Do {
	case Delay:
		l.later(ctx, rule.Delay, slices.Clone(frame))
		return nil
	case Garble, Tamper, Alter:
		return l.next.Send(ctx, frame)
	case Duplicate:
		if err := l.next.Send(ctx, frame); err != nil {
			return err
		}
		return l.next.Send(ctx, frame)
	}
	return nil // dropped: to its sender it looks sent
}

// later sends a request once d has passed.
func (l *link) later(ctx context.Context, d time.Duration, frame []byte) {
	if l.in.After == nil {
		l.out = insert(l.out, held{l.in.now().Add(d), frame})
		return
	}
	l.owed++
	l.in.After(d, func() {
		l.owed--
		_ = l.next.Send(context.WithoutCancel(ctx), frame) // nobody waits for its fate
		if l.closed && l.owed == 0 {
			_ = l.next.Close()
		}
	})
}

// Receive returns the next answer that is due, spoiled as ordered.
func (l *link) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	deadline := l.in.now().Add(wait)
	for {
		if frame := l.due(); frame != nil {
			return frame, nil
		}
		if err := l.flush(ctx); err != nil {
			return nil, err
		}
		frame, err := l.next.Receive(ctx, max(0, l.until(deadline).Sub(l.in.now())))
		switch {
		case errors.Is(err, wire.ErrNoAnswer):
			if now := l.in.now(); !now.Before(deadline) && !l.ready(now) {
				return nil, err
			}
		case err != nil:
			return nil, err
		default:
			if frame = l.answer(frame); frame != nil {
				return frame, nil
			}
		}
	}
}

// answer spoils one answer; nil means that nothing arrives now.
func (l *link) answer(frame []byte) []byte {
	rule, frame := l.in.spoil(frame)
	if rule == nil {
		return frame
	}
	switch rule.Do {
	case Delay:
		l.back = insert(l.back, held{l.in.now().Add(rule.Delay), frame})
		return nil
	case Garble, Tamper, Alter:
		return frame
	case Duplicate:
		l.back = insert(l.back, held{l.in.now(), slices.Clone(frame)})
		return frame
	}
	return nil
}

// due takes the first delayed answer whose time has come.
func (l *link) due() []byte {
	if len(l.back) == 0 || l.back[0].at.After(l.in.now()) {
		return nil
	}
	frame := l.back[0].frame
	l.back = l.back[1:]
	return frame
}

// flush sends the delayed requests whose time has come.
func (l *link) flush(ctx context.Context) error {
	for len(l.out) > 0 && !l.out[0].at.After(l.in.now()) {
		frame := l.out[0].frame
		l.out = l.out[1:]
		if err := l.next.Send(ctx, frame); err != nil {
			return err
		}
	}
	return nil
}

// until is when Receive must look up next.
func (l *link) until(deadline time.Time) time.Time {
	for _, q := range [][]held{l.out, l.back} {
		if len(q) > 0 && q[0].at.Before(deadline) {
			deadline = q[0].at
		}
	}
	return deadline
}

// ready reports whether something held is due.
func (l *link) ready(now time.Time) bool {
	return len(l.out) > 0 && !l.out[0].at.After(now) || len(l.back) > 0 && !l.back[0].at.After(now)
}

// Close closes the connection once every delayed request has left.
func (l *link) Close() error {
	l.closed = true
	if l.owed > 0 {
		return nil
	}
	return l.next.Close()
}

// insert keeps what is held in the order of time, first come first.
func insert(q []held, h held) []held {
	i := len(q)
	for i > 0 && q[i-1].at.After(h.at) {
		i--
	}
	return slices.Insert(q, i, h)
}
