package wire

import (
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
	// SendWait bounds the time that Send waits for the other side to take a frame;
	// 0 means UsualSendWait.
	SendWait time.Duration

	stream net.Conn
	now    func() time.Time
	held   []byte // read from the stream and not yet returned: part of a frame survives a timeout
	chunk  [2048]byte

	reading, writing sync.Mutex // one Receive and one Send at a time
	mu               sync.Mutex
	broken           error // why the stream can carry no further frame
}

// UsualSendWait is how long a frame may take to leave where nothing else is said.
const UsualSendWait = 30 * time.Second

// NewConn makes a Link of a stream. now is the clock that the stream's deadlines
// go by, which for a real connection is the real one.
func NewConn(stream net.Conn, now func() time.Time) *Conn {
	return &Conn{stream: stream, now: now}
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

// interrupt arranges for f when ctx ends. The function it returns ends that, and
// has f behind it: a late f would interrupt the next call.
func interrupt(ctx context.Context, f func()) (release func()) {
	ran := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ran)
		f()
	})
	return func() {
		if !stop() {
			<-ran
		}
	}
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
func (c *Conn) Send(ctx context.Context, frame []byte) error {
	framed, err := AppendFrame(make([]byte, 0, lengthSize+len(frame)), frame)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := errors.Join(context.Cause(ctx), c.state()); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	if err := c.stream.SetWriteDeadline(c.now().Add(cmp.Or(c.SendWait, UsualSendWait))); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, c.abandon(closed(err)))
	}
	release := interrupt(ctx, func() { c.stream.SetWriteDeadline(past) })
	n, err := c.stream.Write(framed)
	release()
	if n == len(framed) {
		return nil
	}
	err = because(ctx, closed(err))
	// A TLS connection reports 0 even when it sent part of a record.
	if _, unsure := c.stream.(*tls.Conn); n == 0 && !unsure {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return c.abandon(fmt.Errorf("%d of %d bytes were sent: %w", n, len(framed), err))
}

// Receive returns the next frame, waiting for it as long as wait; 0 takes only
// what is there. When ctx ends it returns at once with its cause.
func (c *Conn) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if frame, err := c.buffered(); frame != nil || err != nil {
		return frame, err
	}
	// A deadline that has passed reads nothing, not even what is there.
	wait = max(wait, time.Millisecond)
	if err := c.stream.SetReadDeadline(c.now().Add(wait)); err != nil {
		return nil, c.abandon(closed(err))
	}
	defer interrupt(ctx, func() { c.stream.SetReadDeadline(past) })()
	for {
		n, err := c.stream.Read(c.chunk[:])
		c.held = append(c.held, c.chunk[:n]...)
		if frame, broken := c.buffered(); frame != nil || broken != nil {
			return frame, broken
		}
		if err != nil {
			return nil, c.readError(ctx, err, wait)
		}
	}
}

// buffered takes a whole frame out of what was read.
func (c *Conn) buffered() ([]byte, error) {
	for len(c.held) >= lengthSize {
		size := int(binary.BigEndian.Uint16(c.held))
		if err := checkSize(size, c.Most); err != nil {
			return nil, c.abandon(err)
		}
		if len(c.held) < lengthSize+size {
			break
		}
		frame := append([]byte(nil), c.held[lengthSize:lengthSize+size]...)
		c.held = c.held[:copy(c.held, c.held[lengthSize+size:])]
		if size > 0 {
			return frame, nil
		}
	}
	return nil, nil
}

// readError says why no frame came.
func (c *Conn) readError(ctx context.Context, err error, wait time.Duration) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		if len(c.held) > 0 {
			return fmt.Errorf("%w within %v beyond %d bytes of an unfinished frame", ErrNoAnswer, wait, len(c.held))
		}
		return fmt.Errorf("%w within %v", ErrNoAnswer, wait)
	}
	if errors.Is(err, io.EOF) && len(c.held) > 0 {
		return c.abandon(fmt.Errorf("%w: %w after %d bytes", ErrLinkClosed, ErrCutOff, len(c.held)))
	}
	return c.abandon(closed(err))
}

// Close closes the stream; whoever waits on it returns ErrLinkClosed.
func (c *Conn) Close() error {
	c.abandon(ErrLinkClosed)
	return c.stream.Close()
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
