package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// pair is a Conn and the other end of its stream, over TCP on this machine.
func pair(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c, err := Dial(context.Background(), listener.Addr().String(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); far.Close() })
	return c, far
}

// countedWrites counts the Write calls that a stream sees.
type countedWrites struct {
	net.Conn
	writes int
}

func (c *countedWrites) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

// TestConnCarries sends and receives, one write a frame.
func TestConnCarries(t *testing.T) {
	c, far := pair(t)
	counted := &countedWrites{Conn: c.stream}
	c.stream = counted
	if err := c.Send(context.Background(), []byte("request")); err != nil || counted.writes != 1 {
		t.Fatalf("Send: %v in %d writes", err, counted.writes)
	}
	if got, err := ReadFrame(far, 0); err != nil || string(got) != "request" {
		t.Fatalf("ReadFrame: %q, %v", got, err)
	}
	if err := WriteFrame(far, []byte("answer")); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Receive(context.Background(), time.Minute); err != nil || string(got) != "answer" {
		t.Fatalf("Receive: %q, %v", got, err)
	}
}

// TestConnKeepsPartsAndOrder: frames that come in pieces, glued together, with
// keep-alives between them, and a wait that ends in the middle of one.
func TestConnKeepsPartsAndOrder(t *testing.T) {
	c, far := pair(t)
	ctx := context.Background()
	far.Write([]byte{0, 0, 0, 4, 'f', 'i'})
	if _, err := c.Receive(ctx, 50*time.Millisecond); !errors.Is(err, ErrNoAnswer) {
		t.Fatalf("half a frame: %v, want ErrNoAnswer", err)
	}
	far.Write([]byte{'r', 's', 0, 0, 0, 3, 't', 'w', 'o', 0, 5, 't', 'h', 'r', 'e', 'e'})
	for _, want := range []string{"firs", "two", "three"} {
		got, err := c.Receive(ctx, time.Minute)
		if err != nil || string(got) != want {
			t.Fatalf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := c.Receive(ctx, 0); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("nothing there: %v, want ErrNoAnswer", err)
	}
}

// TestConnPolls takes a frame that is there without waiting.
func TestConnPolls(t *testing.T) {
	c, far := pair(t)
	WriteFrame(far, []byte("a"))
	WriteFrame(far, []byte("b"))
	if got, err := c.Receive(context.Background(), time.Minute); err != nil || string(got) != "a" {
		t.Fatalf("got %q, %v", got, err)
	}
	for {
		got, err := c.Receive(context.Background(), 0)
		if err == nil {
			if string(got) != "b" {
				t.Errorf("got %q", got)
			}
			return
		}
		if !errors.Is(err, ErrNoAnswer) { // until the stack has delivered it
			t.Fatal(err)
		}
	}
}

// timed is a stream whose reads give what is next, and that remembers its deadlines.
type timed struct {
	net.Conn
	next []string // "" is that the deadline passed
	ends []time.Duration
}

var began = time.Unix(1_000_000, 0)

func (s *timed) SetReadDeadline(t time.Time) error {
	s.ends = append(s.ends, t.Sub(began))
	return nil
}

func (s *timed) Read(b []byte) (int, error) {
	text := s.next[0]
	s.next = s.next[1:]
	if text == "" {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(b, text), nil
}

// TestConnWaits: the deadline that an earlier call set stays where this one waits longer,
// which then sets its own, and gives way where this one waits no longer.
func TestConnWaits(t *testing.T) {
	s := &timed{next: []string{"\x00\x01a", "", "\x00\x01b", "\x00\x01c", "", "", "\x00\x01d"}}
	now := began
	c := NewConn(s, func() time.Time { return now })
	ctx, other := context.WithCancel(t.Context())
	defer other()
	for _, step := range []struct {
		ctx  context.Context
		at   time.Duration
		wait time.Duration
		want string
		ends []time.Duration
	}{
		{ctx, 0, 10 * time.Second, "a", []time.Duration{10 * time.Second}},
		{ctx, 5 * time.Second, 10 * time.Second, "b", []time.Duration{15 * time.Second}},
		{ctx, 6 * time.Second, 10 * time.Second, "c", nil},
		{ctx, 7 * time.Second, time.Second, "", []time.Duration{8 * time.Second}},
		{ctx, 8 * time.Second, time.Second, "", []time.Duration{9 * time.Second}},
		{t.Context(), 8 * time.Second, time.Hour, "d", []time.Duration{time.Hour + 8*time.Second}},
	} {
		now, s.ends = began.Add(step.at), nil
		got, err := c.Peek(step.ctx, step.wait)
		if string(got) != step.want || (step.want == "") != errors.Is(err, ErrNoAnswer) || !slices.Equal(s.ends, step.ends) {
			t.Errorf("at %v, waiting %v: got %q, %v, deadlines %v; want %q, %v", step.at, step.wait, got, err, s.ends, step.want, step.ends)
		}
	}
}

// TestConnCancel: whoever waits returns when its context ends, with the cause, and
// the next call is not disturbed.
func TestConnCancel(t *testing.T) {
	c, far := pair(t)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan error)
	go func() {
		_, err := c.Receive(ctx, time.Hour)
		done <- err
	}()
	cancel(enough)
	if err := <-done; !errors.Is(err, enough) {
		t.Fatalf("got %v, want the cause", err)
	}
	if _, err := c.Receive(ctx, time.Hour); !errors.Is(err, enough) {
		t.Errorf("a context that has ended: %v", err)
	}
	if err := c.Send(ctx, []byte("x")); !errors.Is(err, enough) || !errors.Is(err, ErrNotSent) {
		t.Errorf("Send with a context that has ended: %v, want ErrNotSent and the cause", err)
	}
	WriteFrame(far, []byte("later"))
	if got, err := c.Receive(context.Background(), time.Minute); err != nil || string(got) != "later" {
		t.Errorf("after a cancel: %q, %v", got, err)
	}
}

// TestConnAfterCancel: the deadline that ended one wait is not the next one's, be that for a context that
// never ends and by a clock that stood meanwhile.
func TestConnAfterCancel(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	at := time.Now()
	c := NewConn(near, func() time.Time { return at })
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		far.Write([]byte{0}) // the wait has begun
		cancel()
	}()
	if frame, err := c.Receive(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %q, %v", frame, err)
	}
	go far.Write([]byte{1, 'a'})
	if frame, err := c.Receive(context.Background(), time.Minute); err != nil || string(frame) != "a" {
		t.Errorf("got %q, %v", frame, err)
	}
}

// TestConnSendsAfterCancel: the end of a context that a frame was sent under before it is
// not the end of the next frame.
func TestConnSendsAfterCancel(t *testing.T) {
	c, far := pair(t)
	for _, text := range []string{"a", "b", "c"} {
		ctx, cancel := context.WithCancel(context.Background())
		if err := c.Send(ctx, []byte(text)); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got, err := ReadFrame(far, 0); err != nil || string(got) != text {
			t.Errorf("got %q, %v", got, err)
		}
		cancel()
	}
	if err := c.Send(context.Background(), []byte("d")); err != nil {
		t.Error(err)
	}
}

// TestConnEnds: the ways in which a connection is over.
func TestConnEnds(t *testing.T) {
	t.Run("hung up", func(t *testing.T) {
		c, far := pair(t)
		far.Close()
		if _, err := c.Receive(context.Background(), time.Minute); !errors.Is(err, ErrLinkClosed) || !errors.Is(err, io.EOF) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("hung up inside a frame", func(t *testing.T) {
		c, far := pair(t)
		far.Write([]byte{0, 9, 'x'})
		far.Close()
		if _, err := c.Receive(context.Background(), time.Minute); !errors.Is(err, ErrLinkClosed) || !errors.Is(err, ErrCutOff) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("closed here while waiting", func(t *testing.T) {
		c, _ := pair(t)
		done := make(chan error)
		go func() {
			_, err := c.Receive(context.Background(), time.Hour)
			done <- err
		}()
		c.Close()
		if err := <-done; !errors.Is(err, ErrLinkClosed) {
			t.Errorf("got %v", err)
		}
		if err := c.Send(context.Background(), []byte("x")); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrLinkClosed) {
			t.Errorf("Send afterwards: %v", err)
		}
	})
	t.Run("too long", func(t *testing.T) {
		c, far := pair(t)
		c.Most = 100
		far.Write([]byte{0, 101, 'x'})
		for range 2 { // there is no next frame to be found after it
			if _, err := c.Receive(context.Background(), time.Minute); !errors.Is(err, ErrFrameTooLong) || !strings.Contains(err.Error(), "101") {
				t.Errorf("got %v", err)
			}
		}
		if err := c.Send(context.Background(), []byte("x")); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrFrameTooLong) {
			t.Errorf("Send afterwards: %v", err)
		}
	})
}

// shortWrites is a stream that takes so many bytes and then fails.
type shortWrites struct {
	net.Conn
	takes int
}

var errCable = errors.New("the cable is out")

func (s *shortWrites) Write(b []byte) (int, error) { return min(s.takes, len(b)), errCable }

// TestNotSent: money hangs on it. Before the first byte nothing was sent; after it
// something may have arrived.
func TestNotSent(t *testing.T) {
	for _, tt := range []struct {
		takes   int
		notSent bool
	}{{0, true}, {1, false}, {3, false}} {
		near, far := net.Pipe()
		defer far.Close()
		c := NewConn(&shortWrites{Conn: near, takes: tt.takes}, time.Now)
		err := c.Send(context.Background(), []byte("frame"))
		if errors.Is(err, ErrNotSent) != tt.notSent || !errors.Is(err, errCable) || !errors.Is(err, ErrLinkClosed) {
			t.Errorf("%d bytes: %v", tt.takes, err)
		}
		if again := c.Send(context.Background(), []byte("frame")); !errors.Is(again, ErrNotSent) {
			t.Errorf("after %d bytes, again: %v, want ErrNotSent", tt.takes, again)
		}
	}
	long := NewConn(nil, time.Now)
	if err := long.Send(context.Background(), make([]byte, MostBytes+1)); !errors.Is(err, ErrNotSent) || !errors.Is(err, ErrFrameTooLong) {
		t.Errorf("65536 bytes: %v", err)
	}
}

// TestSendIsBounded: a host that takes nothing does not hold the terminal for ever.
func TestSendIsBounded(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := NewConn(near, time.Now)
	c.SendWait = time.Millisecond
	if err := c.Send(context.Background(), []byte("frame")); !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v, want ErrNotSent", err)
	}
}

// TestDialNobody says where it went and what to do.
func TestDialNobody(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, err = Dial(context.Background(), address, time.Now)
	if !errors.Is(err, ErrNotSent) || !strings.Contains(err.Error(), address) || !strings.Contains(err.Error(), "possim host") {
		t.Errorf("got %v", err)
	}
}

// TestReadFrame: a stream of frames, and the ways it ends.
func TestReadFrame(t *testing.T) {
	for _, tt := range []struct {
		name, stream string
		most         int
		frames       string
		ends         error
	}{
		{"frames and keep-alives", "\x00\x00\x00\x01a\x00\x00\x00\x02bc", 0, "a bc", io.EOF},
		{"nothing", "", 0, "", io.EOF},
		{"half a length", "\x00", 0, "", ErrCutOff},
		{"no body", "\x00\x01", 0, "", ErrCutOff},
		{"half a body", "\x00\x04ab", 0, "", ErrCutOff},
		{"too long", "\x00\x01a\x00\x05", 4, "a", ErrFrameTooLong},
		{"too long by default", "\x20\x01", 0, "", ErrFrameTooLong},
		{"as long as may be", "\x00\x04abcd", 4, "abcd", io.EOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := strings.NewReader(tt.stream)
			var frames []string
			frame, err := ReadFrame(r, tt.most)
			for ; err == nil; frame, err = ReadFrame(r, tt.most) {
				frames = append(frames, string(frame))
			}
			if strings.Join(frames, " ") != tt.frames || !errors.Is(err, tt.ends) {
				t.Errorf("got %q, %v, want %q, %v", frames, err, tt.frames, tt.ends)
			}
		})
	}
}

// TestPublishedFrame is the framing of a sign-on as published: length 0x57 before
// TPDU, header, type and bitmap.
func TestPublishedFrame(t *testing.T) {
	head := unhex(t, "00 57 60 06 01 00 00 61 31 00 31 11 08 08 00 00 20 00 00 00 C0 00 16")
	stream := append(head, make([]byte, 2+0x57-len(head))...)
	frame, err := ReadFrame(bytes.NewReader(stream), 0)
	if err != nil || len(frame) != 87 {
		t.Fatalf("got %d bytes, %v, want 87", len(frame), err)
	}
	w := walker{d: UnionPay(), frame: frame}
	var m Message
	if err := w.prelude(&m); err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for n := w.fields.first(); n != 0; n = w.fields.first() {
		w.fields.Remove(n)
		numbers = append(numbers, n)
	}
	if got := upperHex(m.TPDU) + " " + upperHex(m.Header) + " " + string(m.MTI); got != "6006010000 613100311108 0800" {
		t.Errorf("got %s", got)
	}
	if want := []int{11, 41, 42, 60, 62, 63}; len(numbers) != len(want) || numbers[0] != 11 || numbers[3] != 60 || numbers[5] != 63 {
		t.Errorf("got fields %v, want %v", numbers, want)
	}
}
