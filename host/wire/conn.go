package wire

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Conn is a Link over a stream: TCP, TLS, or net.Pipe in tests.
type Conn struct {
	// Most bounds the frames that Receive takes; 0 means UsualMost.
	Most int
	// SendWait bounds the time that Send waits for the other side to take a frame: it is
	// that or up to a quarter less. 0 means UsualSendWait.
	SendWait time.Duration

	stream net.Conn
	now    func() time.Time

	reading    sync.Mutex // one Receive at a time
	room       []byte     // what is read from the stream
	begin, end int        // of room: not yet returned. Part of a frame survives a timeout
	ends       time.Time  // the deadline of reads
	noRead     watch

	writing sync.Mutex // one Send at a time
	framed  []byte     // what Send writes
	until   time.Time  // the deadline of writes
	noWrite watch

	mu     sync.Mutex
	broken error // why the stream can carry no further frame
}

// How much is read at once: little of a terminal that is quiet, of which there may be
// thousands, and more of a connection that has brought more.
const (
	leastRead = 1 << 10
	mostRead  = 1 << 14
)

// UsualSendWait is how long a frame may take to leave where nothing else is said.
const UsualSendWait = 30 * time.Second

// NewConn makes a Link of a stream. now is the clock that the stream's deadlines
// go by, which for a real connection is the real one.
func NewConn(stream net.Conn, now func() time.Time) *Conn {
	c := &Conn{stream: stream, now: now}
	c.noRead.interrupt = func() { stream.SetReadDeadline(past) }
	c.noWrite.interrupt = func() { stream.SetWriteDeadline(past) }
	return c
}

// Dial opens a Link to a TCP address. When nobody listens there the error wraps
// ErrNotSent.
func Dial(ctx context.Context, address string, now func() time.Time) (*Conn, error) {
	stream, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: connecting to the host at %s: %w; check the address and that the host is running (possim host)", ErrNotSent, address, err)
	}
	return NewConn(stream, now), nil
}

// RemoteAddr returns the other side's address.
func (c *Conn) RemoteAddr() net.Addr { return c.stream.RemoteAddr() }

// past is a deadline that interrupts whatever waits.
var past = time.Unix(1, 0)

// A watch interrupts who waits when a context ends. It stays set for the next call,
// which most often has the same one: to set it costs more than all else a call does.
type watch struct {
	interrupt func()
	done      <-chan struct{}
	release   func()
}

// set watches ctx, and reports whether it did not already.
func (w *watch) set(ctx context.Context) bool {
	done := ctx.Done()
	if done == w.done {
		return false
	}
	w.end()
	if done == nil {
		return true
	}
	ran := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ran)
		w.interrupt()
	})
	w.done, w.release = done, func() {
		if !stop() {
			<-ran // a late interrupt would meet the next call
		}
	}
	return true
}

// end watches nothing any more.
func (w *watch) end() {
	if w.release != nil {
		w.release()
	}
	w.done, w.release = nil, nil
}

func (c *Conn) state() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// abandon remembers the first reason why nothing more can be carried.
func (c *Conn) abandon(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken == nil {
		c.broken = err
	}
	return err
}

// Send writes the frame and its length in one write. After an error that is not
// ErrNotSent part of the frame may have arrived, and the link carries nothing more.
func (c *Conn) Send(ctx context.Context, frame []byte) error { return c.SendAll(ctx, frame) }

// SendAll is Send for several frames at once: ErrNotSent means that no byte of any left.
func (c *Conn) SendAll(ctx context.Context, frames ...[]byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.framed = c.framed[:0]
	for _, frame := range frames {
		var err error
		if c.framed, err = AppendFrame(c.framed, frame); err != nil {
			return fmt.Errorf("%w: %w", ErrNotSent, err)
		}
	}
	if c.noWrite.set(ctx) {
		c.until = time.Time{} // the end of the context before may have put a deadline of its own
	}
	if err := c.state(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if err := c.allowWrite(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, c.abandon(closed(err)))
	}
	if err := context.Cause(ctx); err != nil {
		c.disallowWrite()
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	n, err := c.stream.Write(c.framed)
	if n == len(c.framed) {
		return nil
	}
	c.disallowWrite()
	err = because(ctx, closed(err))
	// A TLS connection reports 0 even when it sent part of a record.
	if _, unsure := c.stream.(*tls.Conn); n == 0 && !unsure {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return c.abandon(fmt.Errorf("%d of %d bytes were sent: %w", n, len(c.framed), err))
}

// allowWrite sets the deadline of writes, where the last one is not good enough any more.
func (c *Conn) allowWrite() error {
	wait, now := cmp.Or(c.SendWait, UsualSendWait), c.now()
	if left := c.until.Sub(now); left > wait-wait/4 && left <= wait {
		return nil
	}
	c.until = now.Add(wait)
	return c.stream.SetWriteDeadline(c.until)
}

// disallowWrite has the next Send set a deadline of its own.
func (c *Conn) disallowWrite() {
	c.noWrite.end()
	c.until = time.Time{}
}

// Receive returns the next frame, waiting for it as long as wait; 0 takes only
// what is there. When ctx ends it returns at once with its cause.
func (c *Conn) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	frame, err := c.receive(ctx, wait)
	return bytes.Clone(frame), err
}

// Peek is Receive for one who is done with a frame before asking for the next: what it
// returns is good until then.
func (c *Conn) Peek(ctx context.Context, wait time.Duration) ([]byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	return c.receive(ctx, wait)
}

func (c *Conn) receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if frame, err := c.buffered(); frame != nil || err != nil {
		return frame, err
	}
	if c.noRead.set(ctx) {
		c.ends = time.Time{} // another context's end may have put a deadline of its own
	}
	// A deadline that has passed reads nothing, not even what is there.
	wait = max(wait, time.Millisecond)
	until := c.now().Add(wait)
	for {
		if err := c.allowRead(until); err != nil {
			return nil, c.abandon(closed(err))
		}
		if err := context.Cause(ctx); err != nil { // its end came before the deadline was set
			return nil, err
		}
		n, err := c.stream.Read(c.space())
		c.end += n
		if frame, broken := c.buffered(); frame != nil || broken != nil {
			return frame, broken
		}
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded) && c.ends.Before(until) && context.Cause(ctx) == nil:
			c.ends = time.Time{} // an earlier call's: this one waits longer
		default:
			c.noRead.end()
			c.ends = time.Time{} // what stands now has passed, or is that of ctx's end
			return nil, c.readError(ctx, err, wait)
		}
	}
}

// allowRead sets the deadline of reads, unless one is set that comes no later: who still
// waits then sets his own.
func (c *Conn) allowRead(until time.Time) error {
	if !c.ends.IsZero() && !c.ends.After(until) {
		return nil
	}
	c.ends = until
	return c.stream.SetReadDeadline(until)
}

// space is where the next bytes go. A read that filled it had more to bring: then there
// is more space the next time, as there is for a frame that is longer.
func (c *Conn) space() []byte {
	room := c.room
	full := c.end == len(room)
	if full && (len(room) < mostRead || c.begin == 0) {
		room = make([]byte, max(leastRead, 2*len(room)))
	}
	if full || c.begin == c.end {
		c.end = copy(room, c.room[c.begin:c.end])
		c.begin, c.room = 0, room
	}
	return room[c.end:]
}

// buffered takes a whole frame out of what was read. It lies in room.
func (c *Conn) buffered() ([]byte, error) {
	for held := c.held(); len(held) >= lengthSize; held = c.held() {
		size := int(binary.BigEndian.Uint16(held))
		if err := checkSize(size, c.Most); err != nil {
			return nil, c.abandon(err)
		}
		if len(held) < lengthSize+size {
			break
		}
		c.begin += lengthSize + size
		if size > 0 {
			return held[lengthSize : lengthSize+size : lengthSize+size], nil
		}
	}
	return nil, nil
}

func (c *Conn) held() []byte { return c.room[c.begin:c.end] }

// readError says why no frame came.
func (c *Conn) readError(ctx context.Context, err error, wait time.Duration) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if len(c.held()) > 0 {
			return fmt.Errorf("%w within %v beyond %d bytes of an unfinished frame", ErrNoAnswer, wait, len(c.held()))
		}
		return fmt.Errorf("%w within %v", ErrNoAnswer, wait)
	}
	if errors.Is(err, io.EOF) && len(c.held()) > 0 {
		return c.abandon(fmt.Errorf("%w: %w after %d bytes", ErrLinkClosed, ErrCutOff, len(c.held())))
	}
	return c.abandon(closed(err))
}

// Close closes the stream; whoever waits on it returns ErrLinkClosed.
func (c *Conn) Close() error {
	c.abandon(ErrLinkClosed)
	err := c.stream.Close()
	if c.reading.TryLock() { // else Receive is about to say so, and ends its own
		c.noRead.end()
		c.reading.Unlock()
	}
	if c.writing.TryLock() {
		c.noWrite.end()
		c.writing.Unlock()
	}
	return err
}

// closed gives the ways in which a stream says that it is over one name.
func closed(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, ErrLinkClosed) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrLinkClosed, err)
}

// because puts the reason that ended ctx in place of the deadline it caused.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return cause
	}
	return err
}
