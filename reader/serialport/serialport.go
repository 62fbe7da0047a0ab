// Package serialport reads cards from serial-attached readers.
//
// A port is named by a URL:
//
//	serial:/dev/ttyUSB0
//	serial:/dev/ttyUSB0?protocol=ascii&baud=9600&parity=none&bits=8&stop=1&mask=no
//	serial:COM3?bits=7&parity=even
//
// Without a baud a port gets the speed at which the protocol's readers leave the
// factory. A reader that has to be armed is armed while Next waits, and disarmed by
// Close.
//
// A reader with a slot gives chip cards, with commands carried over the port:
//
//	serial:/dev/ttyUSB0?protocol=gempc
//
// Open opens it once; Attach keeps waiting across an unplug and a replug. Both are a
// reader.Reader. Neither starts a goroutine: bytes are read while Next runs, and what
// came in between waits in the system's buffer, what came beyond the message in the
// Reader.
//
// # Why the loop looks as it does
//
// github.com/tarm/serial opens a port in such a way that Close during a blocked
// Read waits for the next byte, which the dying Read then swallows. So no Read
// here blocks longer than a tenth of a second, the loop looks at the closed flag
// between two, and the port is closed only when no Read runs. An idle tenth of a
// second is reported as io.EOF, and so is a line that hung up; a Write of nothing
// tells them apart: it fails with EIO on a dead line and does nothing on a live one.
package serialport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"possim/reader"
	"possim/reader/protocol"
)

// How many idle turns of a tenth of a second end a message. Readers pause up to
// 10 ms inside one; a message that is whole may end at the first turn, one that
// breaks off inside a track is given a second.
const (
	idleWhole = 1
	idleHalf  = 10
)

// Reader is one open port. It is a reader.Reader.
type Reader struct {
	config Config
	note   func(string)

	turn   sync.Mutex // held by the one Next that runs, and to close the port
	port   io.ReadWriteCloser
	unlock func()
	closed atomic.Bool
	gone   bool

	parser protocol.Parser
	dialog protocol.Dialog       // parser, of a reader that has to be spoken to; or nil
	chips  protocol.ChipDialog   // parser, of a reader with a slot; or nil
	cards  []reader.Presentation // read, and not yet asked for
	slot   *slot                 // the chip card that was presented last, until its release
	answer *protocol.Answer      // of that card
	idle   int                   // tenths of a second without a byte
	buffer [4096]byte
}

// Open opens the port. Note, which may be nil, is told in a sentence what the
// person at the reader should know and no error says: a message that broke off,
// noise, a half swipe lost with the port. The error is an *OpenError.
func Open(c Config, note func(string)) (*Reader, error) {
	parser, err := protocol.New(c.Protocol)
	if err != nil {
		return nil, err
	}
	unlock, err := lock(c.Path)
	if err != nil {
		return nil, openError(c, err)
	}
	port, err := openPort(c)
	if err != nil {
		unlock()
		return nil, openError(c, err)
	}
	if note == nil {
		note = func(string) {}
	}
	if who := holders("/proc", c.Path); who != "" {
		note(c.Path + " is open in another program too, and each gets some of the bytes: end " + who)
	}
	r := &Reader{config: c, note: note, port: port, unlock: unlock, parser: parser}
	r.dialog, _ = parser.(protocol.Dialog)
	r.chips, _ = parser.(protocol.ChipDialog)
	return r, nil
}

// Next implements reader.Reader. It returns within a tenth of a second of ctx's
// end or of Close.
func (r *Reader) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	if err := r.able(a); err != nil {
		return nil, err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	for asked := false; ; asked = true {
		p := r.first(a)
		switch {
		case r.closed.Load():
			return nil, reader.ErrClosed
		case p != nil:
			return p, nil
		case r.gone:
			return nil, r.errGone()
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		if !asked {
			r.ask()
		}
		if !r.gone {
			r.step()
		}
	}
}

// ask arms the reader, if it is one that has to be and is not under way.
func (r *Reader) ask() {
	if r.dialog != nil && !r.gone && r.parser.Pending() == protocol.PendingNone {
		r.say(r.dialog.Ask())
	}
}

// say sends to the reader.
func (r *Reader) say(b []byte) {
	if len(b) == 0 || r.gone {
		return
	}
	if _, err := r.port.Write(b); err != nil {
		r.hangUp()
	}
}

// able reports whether the reader has what a wants of it.
func (r *Reader) able(a reader.Ask) error {
	if accepts(a, reader.KindSwipe) || r.chips != nil && accepts(a, reader.KindChip) {
		return nil
	}
	return fmt.Errorf("protocol %s reads no %v: attach another reader", r.config.Protocol, a.Accept)
}

func accepts(a reader.Ask, k reader.Kind) bool {
	return len(a.Accept) == 0 || slices.Contains(a.Accept, k)
}

// first takes the first card of a kind that is wanted. One of another kind goes back to
// the hand it came from.
func (r *Reader) first(a reader.Ask) reader.Presentation {
	for len(r.cards) > 0 {
		p := r.cards[0]
		r.cards = r.cards[1:]
		if accepts(a, p.Kind()) {
			return p
		}
		r.note(fmt.Sprintf("%s: a %s, which is not wanted now", r.config.Path, p.Kind()))
		if chip, ok := p.(*reader.Chip); ok {
			r.free(chip.Card.(*slot))
		}
	}
	return nil
}

// step reads once, for a tenth of a second at most.
func (r *Reader) step() {
	n, err := r.port.Read(r.buffer[:])
	if n > 0 {
		r.idle = 0
		r.take(r.parser.Feed(r.masked(r.buffer[:n])))
		r.reply()
		if r.gone {
			return
		}
	}
	switch {
	case err == nil && n > 0:
	case err == nil, errors.Is(err, io.EOF):
		if n == 0 {
			r.quiet()
		}
	default:
		r.hangUp()
	}
}

// quiet handles a turn without a byte: an idle line, or a dead one.
func (r *Reader) quiet() {
	if !r.alive() {
		r.hangUp()
		return
	}
	r.idle++
	switch p := r.parser.Pending(); {
	case p == protocol.PendingWhole && r.idle >= idleWhole, p == protocol.PendingHalf && r.idle >= idleHalf:
		r.take(r.parser.Flush())
		r.reply()
	}
	r.ask()
}

// reply sends what the bytes that came call for.
func (r *Reader) reply() {
	if r.dialog != nil {
		r.say(r.dialog.Reply())
	}
}

// alive tells an idle line from one that hung up. Windows says so in Read, and has
// no use for a write of nothing.
func (r *Reader) alive() bool {
	if runtime.GOOS == "windows" {
		return true
	}
	_, err := r.port.Write(nil)
	return err == nil
}

// hangUp gives the port up. Swipes that were complete are still handed out; one
// that lacks its terminator is dropped, since its other tracks may be missing.
func (r *Reader) hangUp() {
	r.gone = true
	lost := r.parser.Pending() == protocol.PendingHalf
	for _, e := range r.parser.Flush() {
		lost = lost || e.Swipe != nil
	}
	if lost {
		r.note(r.config.Path + " disappeared in the middle of a swipe, which is dropped: swipe again")
	}
	r.release()
}

func (r *Reader) errGone() error { return fmt.Errorf("%s: %w", r.config.Path, reader.ErrGone) }

func (r *Reader) take(events []protocol.Event) {
	for _, e := range events {
		switch {
		case e.Swipe != nil:
			r.cards = append(r.cards, e.Swipe)
		case e.Chip != nil:
			r.cards = append(r.cards, r.inserted(e.Chip.ATR))
		case e.Answer != nil:
			r.answer = e.Answer
		default:
			r.note(r.config.Path + ": " + e.Note)
		}
	}
}

// masked drops the parity bit of a seven-bit reader where the port delivers it.
func (r *Reader) masked(b []byte) []byte {
	if r.config.Mask {
		for i := range b {
			b[i] &= 0x7F
		}
	}
	return b
}

// Close implements reader.Reader. A Next that waits returns reader.ErrClosed, and
// only then is the port closed, so that nothing is left behind to steal the next
// swipe: a tenth of a second at most.
func (r *Reader) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.dialog != nil && r.port != nil {
		r.say(r.dialog.Leave()) // not to leave it armed
	}
	return r.release()
}

// release closes the port once.
func (r *Reader) release() error {
	if r.port == nil {
		return nil
	}
	err := r.port.Close()
	r.port = nil
	r.unlock()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
