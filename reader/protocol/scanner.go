package protocol

import (
	"fmt"
	"slices"
)

// scanner finds frames in a stream. It keeps no more than limit bytes, and loses
// no good frame to a bad one before it: what looked like a frame and was none gives
// up its first byte alone, and is looked at again from the next.
type scanner struct {
	buf   []byte
	limit int
	stray int // bytes that were no part of a frame, since last told
	// split looks at the start of b. It returns the length of a frame and true, the
	// length of what is none and false, or 0: more is needed.
	split func(b []byte) (n int, frame bool)
}

// feed takes bytes and hands each frame to whole. The frame is valid during the call.
func (s *scanner) feed(in []byte, whole func(frame []byte)) {
	for len(in) > 0 {
		n := min(len(in), s.limit-len(s.buf))
		s.buf = append(s.buf, in[:n]...)
		in = in[n:]
		s.run(whole)
		if len(s.buf) >= s.limit { // it never ends: it is none
			s.skip(1)
			s.run(whole)
		}
	}
}

func (s *scanner) run(whole func(frame []byte)) {
	at := 0
	for at < len(s.buf) {
		n, frame := s.split(s.buf[at:])
		if n <= 0 {
			break
		}
		n = min(n, len(s.buf)-at)
		if frame {
			whole(s.buf[at : at+n])
		} else {
			s.stray += n
		}
		at += n
	}
	s.drop(at)
}

func (s *scanner) skip(n int) {
	s.stray += n
	s.drop(n)
}

func (s *scanner) drop(n int) { s.buf = slices.Delete(s.buf, 0, n) }

// flush gives up a frame that breaks off, and looks for whole ones inside it.
func (s *scanner) flush(whole func(frame []byte)) {
	for len(s.buf) > 0 {
		s.skip(1)
		s.run(whole)
	}
}

// pending is what a Parser's Pending is.
func (s *scanner) pending() Pending {
	switch {
	case len(s.buf) > 0:
		return PendingHalf
	case s.stray > 0:
		return PendingWhole
	}
	return PendingNone
}

// strayNote tells of bytes that were no frame, once.
func (s *scanner) strayNote(reader string) []Event {
	n := s.stray
	if s.stray = 0; n == 0 {
		return nil
	}
	return []Event{{Note: fmt.Sprintf("%d bytes that are no message of %s: line noise, or the wrong baud rate or protocol", n, reader)}}
}
