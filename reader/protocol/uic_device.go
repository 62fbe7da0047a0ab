package protocol

import (
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// uicPause is how long a message may pause between two characters (MSR110 manual,
// section 3).
const uicPause = 100 * time.Millisecond

// uicVersion is eight digits and a date, mmddyy.
const uicVersion = "00000100031802"

// UICDevice is UIC's MSR110. It answers in the framing in which it is spoken to, so
// that it need not be set to one. As from the factory it is in self-arm mode and
// sends what is swiped; the first P puts it into host-polled mode. What it sends
// between tracks in self-arm mode is an option of the reader: here, nothing.
type UICDevice struct {
	framing uicFraming
	in      []byte
	last    time.Duration
	spoken  bool // a command came since power on
	polled  bool
	armed   byte // P or p
	held    *reader.Swipe
	sent    []byte // the last answer, for %
	paused  bool   // DC3
	waiting []byte // what DC3 held back
}

// Wants implements Device.
func (d *UICDevice) Wants() Want {
	switch {
	case d.armed != 0:
		return WantCard
	case d.polled:
		return WantNothing
	}
	return WantAny
}

// Receive implements Device.
func (d *UICDevice) Receive(now time.Duration, in []byte) []byte {
	var out []byte
	if len(d.in) > 0 && now-d.last >= uicPause {
		d.in = d.in[:0]
		out = d.answer(uicGarbled)
	}
	for _, b := range in {
		d.last = now
		if len(d.in) == 0 && (b == uicPaused || b == uicResume) {
			d.paused = b == uicPaused
			continue
		}
		d.in = append(d.in, b)
		message, done, ok := d.message()
		switch {
		case !done && len(d.in) < maxUIC:
			continue
		case !done || !ok:
			out = append(out, d.answer(uicGarbled)...)
		default:
			out = append(out, d.obey(message)...)
		}
		d.in = d.in[:0]
	}
	return d.flow(out)
}

// flow holds back what is sent between DC3 and DC1.
func (d *UICDevice) flow(out []byte) []byte {
	if d.paused {
		d.waiting = append(d.waiting, out...)
		if len(d.waiting) > 4*maxUIC {
			d.waiting = d.waiting[:4*maxUIC]
		}
		return nil
	}
	out = append(d.waiting, out...)
	d.waiting = nil
	return out
}

// message takes the message out of its frame, and remembers the framing.
func (d *UICDevice) message() (message []byte, done, ok bool) {
	n := len(d.in)
	switch d.in[0] {
	case stx:
		d.framing = uicSTX
		if n < 3 || d.in[n-2] != etx {
			return nil, false, false
		}
	case soh:
		d.framing = uicSOH
		if n < 4 {
			return nil, false, false
		}
		if want := int(d.in[3]); want == 0 && (n < 6 || d.in[n-2] != eot) || want > 0 && n < 5+want {
			return nil, false, false
		}
		if d.in[n-1] != lrc(d.in[:n-1]) {
			return nil, true, false
		}
	case '\t': // a configuration command: 09 address length command BCC
		if n < 3 || n < 4+int(d.in[2]) {
			return nil, false, false
		}
		return d.in[:1], true, d.in[n-1] == lrc(d.in[:n-1])
	default:
		d.framing = uicBare
		two := n == 1 && (d.in[0] >= 'U' && d.in[0] <= 'W' || d.in[0] >= 'u' && d.in[0] <= 'w')
		return d.in, !two, true
	}
	message, ok = d.framing.unwrap(d.in)
	return message, true, ok && len(message) > 0
}

func (d *UICDevice) answer(message ...byte) []byte { return d.framing.wrap(message) }

// obey carries a command out.
func (d *UICDevice) obey(m []byte) []byte {
	c := m[0]
	spoken := d.spoken
	d.spoken = true
	switch {
	case c == 0x7F: // DEL: warm reset
		*d = UICDevice{framing: d.framing, in: d.in, last: d.last}
		return d.answer(uicOn)
	case c == esc && !spoken:
		return nil
	case d.armed != 0 && !d.whileArmed(c):
		return d.answer(uicInvalid)
	case c == uicReady || c == 'p':
		d.polled, d.armed, d.held = true, c, nil
		return d.answer(uicACK)
	case c == uicAgain:
		return d.sent
	}
	out := d.framing.wrap(d.say(c))
	d.sent = append([]byte(nil), out...)
	return out
}

// whileArmed reports whether a command is valid while the reader waits for a card.
func (d *UICDevice) whileArmed(c byte) bool {
	switch c {
	case esc, '$', 'L', 'l', 'M', 'm', '(', ')':
		return true
	}
	return false
}

func (d *UICDevice) say(c byte) []byte {
	switch c {
	case esc:
		d.armed = 0
		return []byte{uicACK}
	case 'Q', 'R', 'S':
		return d.track(int(c - 'Q'))
	case 'A': // of the MSR112: all tracks, one behind the other
		return append(append(append([]byte(nil), d.track(0)...), d.track(1)...), d.track(2)...)
	case 'U', 'V', 'W', 'u', 'v', 'w': // the bits of a stripe are not what a swipe brings here
		return []byte{uicCannot}
	case '9':
		return []byte(uicVersion)
	case '#':
		return []byte{0x67} // tracks 1 to 3; bits 5 and 6 are set
	case '$':
		return []byte{d.status()}
	case 'T':
		if d.held == nil {
			return []byte{'0'}
		}
		return []byte{'3'} // ISO
	case 'L', 'l', 'M', 'm', '(', ')', 'Z', 'z', '\t':
		return []byte{uicACK}
	}
	return []byte{uicInvalid}
}

// status is the reader's status byte (table 4-3).
func (d *UICDevice) status() byte {
	s := byte(0x10) // the buzzer is on
	if d.held != nil {
		s |= 0x20
	}
	if d.armed != 0 || !d.polled {
		s |= 0x41 // ready, green
	}
	return s
}

// track says what became of track n, counted from 0.
func (d *UICDevice) track(n int) []byte {
	switch {
	case d.held == nil || d.held.Tracks[n].Status == magstripe.StatusBlank,
		d.held.Tracks[n].Status == magstripe.StatusNoStart:
		return []byte{uicNoData}
	case failed(d.held.Tracks[n]):
		return []byte{uicError}
	}
	return []byte(framed(n+1, d.held.Tracks[n]))
}

// Swipe implements Device.
func (d *UICDevice) Swipe(s *reader.Swipe) []byte {
	if d.Wants() == WantNothing {
		return nil
	}
	armed := d.armed
	d.armed, d.held = 0, s
	var out []byte
	switch armed {
	case uicReady:
		return d.flow(d.answer(uicACK))
	case 'p':
		end := byte(uicACK)
		if !anyRead(s) && !anyFailed(s) {
			end = uicNone
		}
		for _, c := range []byte{'(', ')', end} {
			out = append(out, d.answer(c)...)
		}
		return d.flow(out)
	}
	for n := range s.Tracks {
		out = append(out, d.framing.wrap(d.track(n))...)
	}
	return d.flow(out)
}
