package server

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/host/wire"
)

// echo answers with the frame itself, and leaves "silent" unanswered.
func echo(_ context.Context, frame []byte) ([]byte, bool) {
	return frame, string(frame) != "silent"
}

// log is a buffer that many may write to.
type log struct {
	mu    sync.Mutex
	b     bytes.Buffer
	on    string // calls back on the line that holds this
	reach func()
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reach != nil && strings.Contains(string(p), l.on) {
		l.reach()
	}
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// started is a server that a test talks to.
type started struct {
	t    *testing.T
	addr string
	stop context.CancelFunc
	done chan error
	once sync.Once
	log  *log
}

func start(t *testing.T, c Config) *started {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &started{t: t, addr: listener.Addr().String(), stop: stop, done: make(chan error, 1), log: &log{}}
	c.Log, c.Now = zerolog.New(s.log), time.Now
	if c.Handle == nil {
		c.Handle = echo
	}
	go func() { s.done <- Serve(ctx, listener, c) }()
	t.Cleanup(func() { s.end() })
	return s
}

// end stops the server and waits for it.
func (s *started) end() {
	s.once.Do(func() {
		s.stop()
		if err := <-s.done; err != nil {
			s.t.Errorf("Serve: %v", err)
		}
	})
}

func (s *started) dial() net.Conn {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

func ask(t *testing.T, conn net.Conn, frame string) string {
	t.Helper()
	if err := wire.WriteFrame(conn, []byte(frame)); err != nil {
		t.Fatal(err)
	}
	answer, err := wire.ReadFrame(conn, 0)
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// ended waits until the server closes the connection.
func ended(t *testing.T, conn net.Conn) {
	t.Helper()
	if n, err := io.Copy(io.Discard, conn); n != 0 {
		t.Errorf("got %d bytes, %v; want the end", n, err)
	}
}

func TestAnswersInOrder(t *testing.T) {
	conn := start(t, Config{}).dial()
	var burst []byte
	for i := range 50 {
		burst, _ = wire.AppendFrame(burst, fmt.Appendf(nil, "frame %d", i))
		burst, _ = wire.AppendFrame(burst, []byte("silent"))
		burst, _ = wire.AppendFrame(burst, nil) // keep-alive
	}
	for _, piece := range [][]byte{burst[:1], burst[1:3], burst[3:200], burst[200:]} {
		if _, err := conn.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	answers := bufio.NewReader(conn)
	for i := range 50 {
		got, err := wire.ReadFrame(answers, 0)
		if want := fmt.Sprintf("frame %d", i); err != nil || string(got) != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestManyConnections(t *testing.T) {
	s := start(t, Config{})
	var wg sync.WaitGroup
	for i := range 30 {
		conn := s.dial()
		wg.Go(func() {
			for n := range 20 {
				if want := fmt.Sprintf("%d.%d", i, n); ask(t, conn, want) != want {
					t.Errorf("answers are mixed up")
				}
			}
		})
	}
	wg.Wait()
}

func TestTooLongAFrameEndsTheConnectionOnly(t *testing.T) {
	s := start(t, Config{MaxFrame: 10})
	bad, good := s.dial(), s.dial()
	if _, err := bad.Write([]byte{0, 11}); err != nil {
		t.Fatal(err)
	}
	ended(t, bad)
	if got := ask(t, good, "0123456789"); got != "0123456789" {
		t.Errorf("got %q", got)
	}
	s.end()
	if !strings.Contains(s.log.String(), "no frame can be read") || !strings.Contains(s.log.String(), "11 bytes") {
		t.Errorf("the log does not say why:\n%s", s.log)
	}
}

func TestCutOff(t *testing.T) {
	s := start(t, Config{})
	conn := s.dial().(*net.TCPConn)
	if _, err := conn.Write([]byte{0, 11, 1, 2}); err != nil {
		t.Fatal(err)
	}
	conn.CloseWrite()
	ended(t, conn)
	s.end()
	if !strings.Contains(s.log.String(), "no frame can be read") {
		t.Errorf("the log does not say why:\n%s", s.log)
	}
}

// TestIdle: half a frame and nothing more is no reason to wait longer.
func TestIdle(t *testing.T) {
	s := start(t, Config{Idle: 30 * time.Millisecond})
	silent, half := s.dial(), s.dial()
	if _, err := half.Write([]byte{0, 11, 1, 2}); err != nil {
		t.Fatal(err)
	}
	ended(t, silent)
	ended(t, half)
	s.end()
	if got := strings.Count(s.log.String(), "idle"); got != 2 {
		t.Errorf("want two idle connections in the log:\n%s", s.log)
	}
}

func TestMaxConns(t *testing.T) {
	s := start(t, Config{MaxConns: 2})
	a, b := s.dial(), s.dial()
	ask(t, a, "a")
	ask(t, b, "b")
	ended(t, s.dial())
	if !strings.Contains(s.log.String(), "too many") {
		t.Errorf("the log does not say why:\n%s", s.log)
	}
	a.Close()
	for { // until the server has seen it
		c := s.dial()
		if wire.WriteFrame(c, []byte("c")) != nil {
			continue
		}
		if answer, err := wire.ReadFrame(c, 0); err == nil && string(answer) == "c" {
			return
		}
	}
}

// TestGracefulStop: a frame in work when the host stops is answered.
func TestGracefulStop(t *testing.T) {
	working, finish := make(chan struct{}), make(chan struct{})
	s := start(t, Config{Handle: func(ctx context.Context, frame []byte) ([]byte, bool) {
		close(working)
		<-finish
		return frame, ctx.Err() == nil
	}})
	conn, idle := s.dial(), s.dial()
	if err := wire.WriteFrame(conn, []byte("sale")); err != nil {
		t.Fatal(err)
	}
	<-working
	s.stop()
	ended(t, idle)
	for { // until nobody listens
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			break
		}
		c.Close()
	}
	close(finish)
	if got, err := wire.ReadFrame(conn, 0); err != nil || string(got) != "sale" {
		t.Errorf("got %q, %v", got, err)
	}
	ended(t, conn)
	s.end()
}

// TestPanic: a fault in the handler ends its connection, and no other.
func TestPanic(t *testing.T) {
	s := start(t, Config{Handle: func(_ context.Context, frame []byte) ([]byte, bool) {
		if string(frame) == "bug" {
			panic("bug")
		}
		return frame, true
	}})
	bad, good := s.dial(), s.dial()
	if err := wire.WriteFrame(bad, []byte("bug")); err != nil {
		t.Fatal(err)
	}
	ended(t, bad)
	ask(t, good, "good")
}

// tagged is a Link as a fault or a recorder is one.
type tagged struct{ wire.Link }

func (l tagged) Send(ctx context.Context, frame []byte) error {
	return l.Link.Send(ctx, append([]byte("wrapped "), frame...))
}

func TestWrap(t *testing.T) {
	conn := start(t, Config{Wrap: func(l wire.Link) wire.Link { return tagged{l} }}).dial()
	if got := ask(t, conn, "x"); got != "wrapped x" {
		t.Errorf("got %q", got)
	}
}

// broken is a listener that fails once while a connection is open, then for good.
type broken struct {
	net.Listener
	calls int
}

func (l *broken) Accept() (net.Conn, error) {
	if l.calls++; l.calls > 1 {
		return nil, errors.New("too many open files")
	}
	return l.Listener.Accept()
}

func TestListenerThatBreaks(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	waiting := make(chan struct{})
	out := &log{on: "waiting for another", reach: func() { close(waiting) }}
	go func() {
		done <- Serve(context.Background(), &broken{Listener: inner}, Config{Handle: echo, Now: time.Now, Log: zerolog.New(out)})
	}()
	conn, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	<-waiting
	conn.Close()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "too many open files") {
		t.Errorf("got %v", err)
	}
}

func ExampleServe() {
	listener, _ := net.Listen("tcp", "127.0.0.1:0")
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- Serve(ctx, listener, Config{Now: time.Now, Handle: func(_ context.Context, frame []byte) ([]byte, bool) {
			return append(frame, '!'), true
		}})
	}()
	link, _ := wire.Dial(ctx, listener.Addr().String(), time.Now)
	_ = link.Send(ctx, []byte("hello"))
	answer, _ := link.Receive(ctx, time.Minute)
	link.Close()
	stop()
	fmt.Println(string(answer), <-done)
	// Output: hello! <nil>
}
