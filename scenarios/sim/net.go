package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"possim/host/wire"
)

// Net is a network between terminals and one host, on a Clock.
type Net struct {
	Clock   *Clock
	Latency time.Duration // one way
	// Serve is the host: it answers a frame, or stays silent with nil. It runs when
	// the frame arrives, and must not wait.
	Serve func(ctx context.Context, frame []byte) []byte

	down  bool
	links []*link
}

// Dial opens a connection; it fails with wire.ErrNotSent while the host is down.
func (n *Net) Dial(ctx context.Context) (wire.Link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n.down {
		return nil, fmt.Errorf("connection refused: the host is down: %w", wire.ErrNotSent)
	}
	l := &link{net: n}
	n.links = append(n.links, l)
	return l, nil
}

// Down takes the host away: every connection breaks, what is on its way is lost,
// and nobody can dial.
func (n *Net) Down() {
	n.down = true
	for _, l := range n.links {
		l.broken, l.inbox = true, nil
	}
	n.links = nil
}

// Up brings the host back.
func (n *Net) Up() { n.down = false }

// link is one connection, seen from the terminal.
type link struct {
	net    *Net
	inbox  [][]byte
	broken bool
}

// Send puts a frame on its way.
func (l *link) Send(ctx context.Context, frame []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.broken {
		return fmt.Errorf("%w: %w", wire.ErrLinkClosed, wire.ErrNotSent)
	}
	frame = slices.Clone(frame)
	l.net.Clock.After(l.net.Latency, func() { l.arrive(ctx, frame) })
	return nil
}

// arrive is the frame at the host. What a closed connection sent still arrives,
// as with TCP; its answer finds nobody.
func (l *link) arrive(ctx context.Context, frame []byte) {
	if l.net.down {
		return
	}
	answer := l.net.Serve(context.WithoutCancel(ctx), frame)
	if answer == nil {
		return
	}
	answer = slices.Clone(answer)
	l.net.Clock.After(l.net.Latency, func() {
		if !l.broken {
			l.inbox = append(l.inbox, answer)
		}
	})
}

// Receive lets time pass until a frame is there or wait is over.
func (l *link) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	end := l.net.Clock.Now().Add(max(wait, 0))
	for {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case l.broken:
			return nil, wire.ErrLinkClosed
		case len(l.inbox) > 0:
			frame := l.inbox[0]
			l.inbox = l.inbox[1:]
			return frame, nil
		}
		if !l.net.Clock.step(end) && len(l.inbox) == 0 && !l.broken {
			return nil, wire.ErrNoAnswer
		}
	}
}

// Close ends the connection; what arrives later is lost.
func (l *link) Close() error {
	l.broken, l.inbox = true, nil
	l.net.links = slices.DeleteFunc(l.net.links, func(o *link) bool { return o == l })
	return nil
}
