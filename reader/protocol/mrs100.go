package protocol

import (
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// The commands of the MRS100 ("MRS100 serial communication protocol", as published by
// its vendor at blog.csdn.net/Alex88389516/article/details/119053113).
const (
	mrsMode    = 0x30 // 30 sends what is read, 31 keeps it
	mrsConfig  = 0x31
	mrsVersion = 0x32
	mrsRead    = 0x33
	mrsBaud    = 0x34
	mrsTracks  = 0x35

	mrsWrongCommand = 0x30
	mrsWrongParam   = 0x31
	mrsNoData       = 0x41 // the vendor's list has it as "with magnetic card data"; it stands among errors
)

// mrsFrame is 02 len data 03 BCC. What the BCC is of is not said; here it is the XOR of
// all that stands before it, and a reader of frames takes it without STX too.
func mrsFrame(data []byte) []byte {
	out := append([]byte{stx, byte(len(data))}, data...)
	out = append(out, etx)
	return append(out, lrc(out))
}

// mrsFrameAt returns the length of the frame at b's start, 0 while it is not all there,
// or -1 where there is none.
func mrsFrameAt(b []byte) int {
	if b[0] != stx || len(b) > 1 && b[1] < 2 {
		return -1
	}
	if len(b) < 2 || len(b) < int(b[1])+4 {
		return 0
	}
	n := int(b[1]) + 4
	if x := lrc(b[:n-1]); b[n-2] != etx || x != b[n-1] && x^stx != b[n-1] {
		return -1
	}
	return n
}

// mrs100 reads from the MRS100 and its like: in active mode a reader sends what is
// swiped as text, %...?;...?+...?, with a CR behind each track if it is so set; in
// stored mode it is asked, and answers with that text in a frame. The client listens
// for both and asks.
type mrs100 struct {
	talk
	text   lines
	out    []Event
	turns  int
	framed bool // a frame came
}

func newMRS100() Parser {
	m := &mrs100{talk: talker("an MRS100", 260, splitMRS)}
	m.take = m.frame
	return m
}

func splitMRS(b []byte) (int, bool) {
	n := mrsFrameAt(b)
	if n < 0 {
		return 1, true // text
	}
	return n, n > 0
}

// Feed implements Parser.
func (m *mrs100) Feed(in []byte) []Event {
	events := m.talk.Feed(in)
	return append(events, m.spoken()...)
}

// Flush implements Parser.
func (m *mrs100) Flush() []Event {
	events := append(m.talk.Flush(), m.spoken()...)
	return append(events, m.text.flush()...)
}

func (m *mrs100) spoken() []Event {
	e := m.out
	m.out = nil
	return e
}

// Pending implements Parser.
func (m *mrs100) Pending() Pending {
	if len(m.scanner.buf) > 0 {
		return PendingHalf
	}
	return m.text.pending()
}

// Ask implements Dialog: is there a card? One that sends unasked says no.
func (m *mrs100) Ask() []byte {
	if m.turns++; m.turns%3 != 1 {
		return nil
	}
	return mrsFrame([]byte{mrsRead, 0x30})
}

func (m *mrs100) answered() bool { return m.framed }

func (m *mrs100) frame(frame []byte) {
	if len(frame) == 1 {
		m.out = append(m.out, m.text.feed(frame)...)
		return
	}
	m.framed = true
	data := frame[2 : len(frame)-2]
	if len(data) > 3 && data[0] == mrsRead && data[2] == 'Y' {
		m.out = append(m.out, m.text.flush()...)
		m.out = append(m.out, m.text.feed(data[3:])...)
		m.out = append(m.out, m.text.flush()...)
	}
}

// MRS100Device is an MRS100. As it leaves the factory it sends what is swiped. The vendor
// does not say what a BCC is of: it makes its own as its client does.
type MRS100Device struct {
	short  bool // the client leaves STX out of its BCC
	in     []byte
	last   time.Duration
	stored bool
	config *[8]byte // sentinels of three tracks, which tracks, CR
	baud   byte
	held   []byte
}

var mrsFactory = [8]byte{'%', '?', ';', '?', '+', '?', 0x37, 0x30}

// Wants implements Device.
func (d *MRS100Device) Wants() Want { return WantAny }

// Receive implements Device.
func (d *MRS100Device) Receive(now time.Duration, in []byte) []byte {
	if now-d.last > time.Second { // not in the manual
		d.in = d.in[:0]
	}
	var out []byte
	for _, b := range in {
		d.last = now
		if len(d.in) == 0 && b != stx {
			continue
		}
		d.in = append(d.in, b)
		switch n := mrsFrameAt(d.in); {
		case n == 0:
			continue
		case n < 0:
			if len(d.in) > 2 {
				out = append(out, d.refuse(d.in[2], 0x30, mrsWrongCommand)...)
			}
		default:
			d.short = lrc(d.in[:n-1]) != d.in[n-1]
			out = append(out, d.command(d.in[2:n-2])...)
		}
		d.in = d.in[:0]
	}
	return out
}

// frame is mrsFrame, with a BCC as the client's.
func (d *MRS100Device) frame(data []byte) []byte {
	out := mrsFrame(data)
	if d.short {
		out[len(out)-1] ^= stx
	}
	return out
}

func (d *MRS100Device) refuse(command, param, code byte) []byte {
	return d.frame([]byte{command, param, 'N', code})
}

func (d *MRS100Device) command(c []byte) []byte {
	yes := []byte{c[0], c[1], 'Y'}
	switch {
	case c[0] == mrsMode && (c[1] == 0x30 || c[1] == 0x31):
		d.stored, d.held = c[1] == 0x31, nil
		return d.frame(yes)
	case c[0] == mrsConfig && c[1] == 0x30:
		return d.frame(append(yes, d.settings()...))
	case c[0] == mrsVersion && c[1] == 0x30:
		return d.frame(append(yes, "MRS100 V1.0 2021"...))
	case c[0] == mrsRead && c[1] == 0x30:
		if d.held == nil {
			return d.refuse(c[0], c[1], mrsNoData)
		}
		out := d.frame(append(yes, d.held...))
		d.held = nil
		return out
	case c[0] == mrsBaud && c[1] >= 0x30 && c[1] <= 0x33:
		d.baud = c[1]
		return d.frame(yes)
	case c[0] == mrsTracks && len(c) == 9:
		config := [8]byte(c[1:])
		d.config = &config
		return d.frame([]byte{c[0], 'Y'})
	case c[0] >= mrsMode && c[0] <= mrsTracks:
		return d.refuse(c[0], c[1], mrsWrongParam)
	}
	return d.refuse(c[0], c[1], mrsWrongCommand)
}

// settings are mode, sentinels, tracks, CR and baud.
func (d *MRS100Device) settings() []byte {
	mode, baud := byte(0x30), d.baud
	if d.stored {
		mode = 0x31
	}
	if baud == 0 {
		baud = 0x31
	}
	c := d.layout()
	return append(append([]byte{mode}, c[:]...), baud)
}

func (d *MRS100Device) layout() [8]byte {
	if d.config != nil {
		return *d.config
	}
	return mrsFactory
}

// Swipe implements Device. A track that did not read is E between its sentinels; the
// vendor does not say.
func (d *MRS100Device) Swipe(s *reader.Swipe) []byte {
	if !anyRead(s) && !anyFailed(s) {
		return nil
	}
	c := d.layout()
	var text []byte
	for i, t := range s.Tracks {
		if t.Status == magstripe.StatusBlank || c[6]>>i&1 == 0 {
			continue
		}
		data := "E"
		if t.Status == magstripe.StatusOK {
			data = t.Data.Reveal()
		}
		text = append(append(append(text, c[2*i]), data...), c[2*i+1])
		if c[7] == 0x31 {
			text = append(text, cr)
		}
	}
	if d.stored {
		d.held = text[:min(len(text), 255-3)]
		return nil
	}
	return text
}
