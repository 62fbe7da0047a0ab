package foreign

import (
	"slices"
	"time"
)

// half is one direction of a TCP connection, put together from its segments (RFC
// 9293, 3.4). gopacket has a package for this that counts wrong by one where sequence
// numbers wrap round in a repeated segment, and that cannot say which packet a byte
// came in.
type half struct {
	next    uint32 // the sequence number of the next byte
	started bool
	early   []segment // beyond a hole, in order
	waiting int       // bytes in early
}

// A segment is what one packet carried.
type segment struct {
	seq  uint32
	data []byte
	from origin
}

// An origin is the packet that brought a byte.
type origin struct {
	packet int
	at     time.Time
}

// mostEarly bounds what is kept beyond a hole: more than any window of a terminal.
// What is missing then is lost.
const mostEarly = 1 << 20

// begin sets the first sequence number: that of a SYN, or of the first data of a
// connection that was already open when the capture began.
func (h *half) begin(seq uint32) { h.next, h.started = seq, true }

// add takes a segment and gives out what is now in order. Repeats are dropped.
func (h *half) add(s segment, out func(segment)) {
	if !h.started {
		h.begin(s.seq)
	}
	if behind := int32(h.next - s.seq); behind > 0 { // all of it, or its beginning, is known
		if int(behind) >= len(s.data) {
			return
		}
		s.seq, s.data = h.next, s.data[behind:]
	}
	if s.seq != h.next {
		s.data = slices.Clone(s.data)
		at, _ := slices.BinarySearchFunc(h.early, s, func(a, b segment) int { return int(int32(a.seq - b.seq)) })
		h.early = slices.Insert(h.early, at, s)
		h.waiting += len(s.data)
		return
	}
	h.deliver(s, out)
	h.drain(out)
}

func (h *half) deliver(s segment, out func(segment)) {
	h.next = s.seq + uint32(len(s.data))
	out(s)
}

// drain gives out what has come into reach.
func (h *half) drain(out func(segment)) {
	for len(h.early) > 0 {
		s := h.early[0]
		behind := int32(h.next - s.seq)
		if behind < 0 {
			return
		}
		h.early = h.early[1:]
		h.waiting -= len(s.data)
		if int(behind) < len(s.data) {
			s.seq, s.data = h.next, s.data[behind:]
			h.deliver(s, out)
		}
	}
}

// full reports whether so much waits beyond a hole that it will never be filled.
func (h *half) full() bool { return h.waiting > mostEarly }

// skip passes over the hole and returns how many bytes are missing and the packet
// behind them; missing is 0 where there is no hole.
func (h *half) skip() (missing int, behind origin) {
	if len(h.early) == 0 {
		return 0, origin{}
	}
	missing = int(int32(h.early[0].seq - h.next))
	h.next = h.early[0].seq
	return missing, h.early[0].from
}
