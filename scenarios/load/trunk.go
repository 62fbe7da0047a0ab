package load

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"possim/host/wire"
)

// trunk is a connection that many terminals share. Each has a port of its own, a
// wire.Link to the terminal. The trunk dials when a terminal needs it, and again after it
// broke.
type trunk struct {
	dial    wire.Dialer
	dialect *wire.Dialect
	within  func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	clock   func() time.Time
	tally   *tally

	ctx     context.Context // the run's: the connection outlives the order that dialled it
	readers *sync.WaitGroup

	dialling sync.Mutex
	mu       sync.Mutex
	now      *session // nil while there is none
	closed   bool
}

func (t *trunk) run(ctx context.Context, readers *sync.WaitGroup) { t.ctx, t.readers = ctx, readers }

// connect opens the port of a terminal. lost is set when the connection breaks while it
// waits.
func (t *trunk) connect(ctx context.Context, tid string, lost *bool) (wire.Link, error) {
	t.dialling.Lock() // the others that wait here take the connection it brings
	defer t.dialling.Unlock()
	s := t.current()
	if s == nil {
		link, err := t.dial(ctx)
		if err != nil {
			return nil, err
		}
		s = &session{trunk: t, link: link, over: make(chan struct{}), ports: map[string]*port{}}
		t.mu.Lock()
		t.now = s
		t.mu.Unlock()
		t.tally.connected()
		t.readers.Go(s.read)
	}
	return s.open(tid, lost), nil
}

func (t *trunk) current() *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.now
}

// close hangs up for good.
func (t *trunk) close() {
	t.mu.Lock()
	t.closed = true
	s := t.now
	t.mu.Unlock()
	if s != nil {
		s.link.Close()
	}
}

// session is a trunk from its dial until it breaks.
type session struct {
	*trunk
	link wire.Link
	over chan struct{} // closed when it broke
	err  error         // why; set before over is closed

	ports map[string]*port // by TID; guarded by trunk.mu
}

// quiet is how long a connection may bring nothing: for ever, in pieces.
const quiet = time.Hour

// read gives what comes to the terminal it is for, until the connection breaks.
func (s *session) read() {
	for {
		frame, err := s.link.Receive(s.ctx, quiet)
		if errors.Is(err, wire.ErrNoAnswer) {
			continue
		}
		if err != nil {
			s.end(err)
			return
		}
		s.deliver(frame)
	}
}

func (s *session) end(err error) {
	s.link.Close()
	s.mu.Lock()
	if s.now == s {
		s.now = nil
	}
	planned := s.closed || s.ctx.Err() != nil
	s.mu.Unlock()
	if !planned {
		s.tally.lost()
	}
	s.err = err
	close(s.over)
}

// deliver routes a frame by F41, message class and F11. A terminal is given whatever
// names it while it waits: whether it is its answer is for the terminal to say. What is
// nobody's is counted.
func (s *session) deliver(frame []byte) {
	address, err := s.dialect.Address(frame)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.to(address, err)
	if p == nil || !p.listening {
		s.tally.stray(err != nil && p == nil)
		return
	}
	if err == nil && !address.Answers(p.asked) {
		s.tally.stray(false)
	} else {
		p.asked = wire.Address{} // a second one is one too many
	}
	select {
	case p.in <- frame:
	default: // a host that babbles fills nobody's memory
	}
}

// to finds the port of a frame. On a connection of its own a terminal takes all that
// comes, readable or not.
func (s *session) to(a wire.Address, err error) *port {
	if len(s.ports) == 1 {
		for _, p := range s.ports {
			return p
		}
	}
	if a.TID != "" {
		return s.ports[a.TID]
	}
	var found *port
	for _, p := range s.ports {
		if err == nil && p.listening && p.asked.MTI != "" && a.STAN != "" && a.Answers(p.asked) {
			if found != nil {
				return nil // two wait for that number, and it does not say which it means
			}
			found = p
		}
	}
	return found
}

// open returns the port of a terminal, which has one order at a time.
func (s *session) open(tid string, lost *bool) *port {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.ports[tid]
	if p == nil {
		p = &port{session: s, in: make(chan []byte, 8)}
		s.ports[tid] = p
	}
	p.lost = lost
	return p
}

// port is a terminal's end of a trunk.
type port struct {
	*session
	in        chan []byte
	asked     wire.Address // what its last request was; guarded by trunk.mu
	listening bool         // guarded by trunk.mu
	lost      *bool        // the terminal's own
	patience  patience
}

// patience is a context that bounds a wait. It stays for the next one, which most often is
// as long and of the same context: to make one for every answer costs more than the rest.
type patience struct {
	context.Context
	release context.CancelFunc
	of      <-chan struct{} // the end of the context it is made of
	ends    time.Time
}

func (p *patience) end() {
	if p.release != nil {
		p.release()
	}
	*p = patience{}
}

// Send implements wire.Link.
func (p *port) Send(ctx context.Context, frame []byte) error {
	asked, err := p.dialect.Address(frame)
	if err != nil {
		return fmt.Errorf("%w: %w", wire.ErrNotSent, err)
	}
	p.mu.Lock()
	p.asked, p.listening = asked, true
	p.mu.Unlock()
	err = p.link.Send(ctx, frame)
	if err != nil && !errors.Is(err, wire.ErrNotSent) {
		*p.lost = true
	}
	return err
}

// Receive implements wire.Link.
func (p *port) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	select {
	case frame := <-p.in:
		return frame, nil
	default:
	}
	until := p.clock().Add(wait)
	for own := false; ; {
		if w := &p.patience; w.release == nil || w.of != ctx.Done() || w.ends.After(until) {
			w.end()
			own, w.of, w.ends = true, ctx.Done(), until
			w.Context, w.release = p.within(ctx, until.Sub(p.clock()))
		}
		select {
		case frame := <-p.in:
			return frame, nil
		case <-p.over:
			p.patience.end()
			select {
			case frame := <-p.in: // it came before the end
				return frame, nil
			default:
			}
			*p.lost = true
			return nil, fmt.Errorf("%w: %w", wire.ErrLinkClosed, p.err)
		case <-p.patience.Done():
			p.patience.end()
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			select {
			case frame := <-p.in: // it came in time, and nobody had looked yet
				return frame, nil
			default:
			}
			if own { // else it was an earlier wait's
				return nil, fmt.Errorf("%w within %v", wire.ErrNoAnswer, wait)
			}
		}
	}
}

// Close ends an order; the connection stays for the next one.
func (p *port) Close() error {
	p.mu.Lock()
	p.listening, p.asked = false, wire.Address{}
	p.mu.Unlock()
	for {
		select {
		case <-p.in: // what nobody took was counted when it came
		default:
			return nil
		}
	}
}
