package server

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rs/zerolog"

	"possim/host/wire"
)

// named is a frame whose terminal stands before the colon.
type named handled

func (n named) Whose() string {
	name, _, _ := strings.Cut(string(n.frame), ":")
	return name
}

func (n named) Answer(ctx context.Context, dst []byte) ([]byte, bool) {
	answer, ok := n.handle(ctx, n.frame)
	return append(dst, answer...), ok
}

// naming is a Read for tests.
func naming(h Handler) func(frame []byte) Request {
	return func(frame []byte) Request { return named{h, frame} }
}

// gates is a handler whose frames wait until they are let go.
type gates struct {
	begun chan string
	open  map[string]chan struct{}
}

func newGates(frames ...string) gates {
	g := gates{make(chan string, len(frames)), map[string]chan struct{}{}}
	for _, f := range frames {
		g.open[f] = make(chan struct{})
	}
	return g
}

func (g gates) handle(_ context.Context, frame []byte) ([]byte, bool) {
	if gate := g.open[string(frame)]; gate != nil {
		g.begun <- string(frame)
		<-gate
	}
	return frame, true
}

// read wants the next answer to be this.
func (s *started) read(conn interface{ Read([]byte) (int, error) }, want string) {
	s.t.Helper()
	got, err := wire.ReadFrame(conn, 0)
	if err != nil || string(got) != want {
		s.t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func send(t *testing.T, conn interface{ Write([]byte) (int, error) }, frames ...string) {
	t.Helper()
	for _, f := range frames {
		if err := wire.WriteFrame(conn, []byte(f)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTerminalsSideBySide: a terminal whose decision takes long holds up its own next
// message, and nobody else's.
func TestTerminalsSideBySide(t *testing.T) {
	g := newGates("b:1", "c:1")
	s := start(t, Config{Read: naming(g.handle)})
	conn := s.dial()
	send(t, conn, "a:1")
	s.read(conn, "a:1")
	send(t, conn, "b:1", "b:2", "c:1", "a:2")
	s.read(conn, "a:2") // though b and c came first
	close(g.open["c:1"])
	s.read(conn, "c:1")
	close(g.open["b:1"])
	s.read(conn, "b:1")
	s.read(conn, "b:2")
}

// TestOneTerminalsOrder: whatever the others do, the messages of each are answered in
// the order in which it sent them, and none is lost.
func TestOneTerminalsOrder(t *testing.T) {
	const terminals, each = 7, 200
	s := start(t, Config{Read: naming(echo), MaxPending: 16})
	conn := s.dial()
	go func() {
		for n := range each {
			for i := range terminals {
				_ = wire.WriteFrame(conn, fmt.Appendf(nil, "%d:%d", i, n)) // a lost one is missed below
			}
		}
	}()
	next := map[string]int{}
	for range terminals * each {
		frame, err := wire.ReadFrame(conn, 0)
		if err != nil {
			t.Fatal(err)
		}
		name, n, _ := strings.Cut(string(frame), ":")
		if want := fmt.Sprint(next[name]); n != want {
			t.Fatalf("%s answers %s, want %s", name, n, want)
		}
		next[name]++
	}
}

// TestMaxPending: with two under way a third is not begun before one is answered.
func TestMaxPending(t *testing.T) {
	g := newGates("b:1", "c:1", "d:1")
	var now, most atomic.Int64
	s := start(t, Config{MaxPending: 2, Read: naming(func(ctx context.Context, frame []byte) ([]byte, bool) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		return g.handle(ctx, frame)
	})})
	conn := s.dial()
	send(t, conn, "a:1")
	s.read(conn, "a:1")
	send(t, conn, "b:1", "c:1", "d:1")
	first := map[string]bool{<-g.begun: true, <-g.begun: true}
	if !first["b:1"] || !first["c:1"] {
		t.Errorf("begun: %v", first)
	}
	close(g.open["b:1"])
	s.read(conn, "b:1")
	if f := <-g.begun; f != "d:1" {
		t.Errorf("%s is begun, want d:1", f)
	}
	close(g.open["c:1"])
	s.read(conn, "c:1")
	close(g.open["d:1"])
	s.read(conn, "d:1")
	if n := most.Load(); n != 2 {
		t.Errorf("%d were under way at once, want 2", n)
	}
}

// bursts is a link whose first write waits, and that notes what goes together.
type bursts struct {
	wire.Link
	begun, done chan struct{}
	sent        [][]string
}

func (l *bursts) SendAll(_ context.Context, frames ...[]byte) error {
	var burst []string
	for _, f := range frames {
		burst = append(burst, string(f))
	}
	if l.sent = append(l.sent, burst); len(l.sent) == 1 {
		close(l.begun)
		<-l.done
	}
	return nil
}

// TestAnswersGoTogether: what is answered while an answer is being sent goes in one write
// behind it, and each keeps its place under way until it is written.
func TestAnswersGoTogether(t *testing.T) {
	link := &bursts{begun: make(chan struct{}), done: make(chan struct{})}
	c := (&server{Config: Config{MaxPending: 3}}).crew(link, zerolog.Nop())
	c.room = make(chan struct{}, 3)
	for range 3 {
		c.room <- struct{}{}
	}
	go func() {
		defer close(link.done)
		<-link.begun
		c.send(t.Context(), []byte("b"))
		c.send(t.Context(), []byte("c"))
		if len(c.room) != 3 {
			t.Errorf("%d are under way while none is written, want 3", len(c.room))
		}
	}()
	c.send(t.Context(), []byte("a"))
	if got := fmt.Sprint(link.sent); got != "[[a] [b c]]" || len(c.room) != 0 {
		t.Errorf("sent %s, and %d are still under way", got, len(c.room))
	}
}

// TestStopFinishesAll: what was received when the host stops is answered, all of it.
func TestStopFinishesAll(t *testing.T) {
	g := newGates("b:1", "c:1")
	s := start(t, Config{Read: naming(g.handle)})
	conn := s.dial()
	send(t, conn, "a:1")
	s.read(conn, "a:1")
	send(t, conn, "b:1", "c:1")
	<-g.begun
	<-g.begun
	s.stop()
	close(g.open["b:1"])
	s.read(conn, "b:1")
	close(g.open["c:1"])
	s.read(conn, "c:1")
	ended(t, conn)
}

// TestFaultBesideOthers: a fault in the decision of one frame ends its connection alone.
func TestFaultBesideOthers(t *testing.T) {
	s := start(t, Config{Read: naming(func(_ context.Context, frame []byte) ([]byte, bool) {
		if string(frame) == "b:bug" {
			panic("a bug")
		}
		return frame, true
	})})
	conn, other := s.dial(), s.dial()
	send(t, conn, "a:1")
	s.read(conn, "a:1")
	send(t, conn, "b:bug")
	ended(t, conn)
	if got := ask(t, other, "a:1"); got != "a:1" {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(s.log.String(), "a fault in the host") {
		t.Errorf("the log says nothing of it: %s", s.log)
	}
}
