package protocol

import (
	"bytes"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// makTick is the unit of a MAKStripe's intervals: 150 of them are a millisecond
// (PyMAKInt, a published client, writes its .mag files so).
const makTick = 1.0 / 150000

// maxMAK bounds the words of a card: three tracks at 210 bits per inch have fewer than
// 4,500 transitions.
const maxMAK = 8192

// makName is what the device says of itself.
const makName = "MSUSB CI.270209"

// makstripe reads flux from a MAKStripe (libmsr, MAKStripe.specification; PyMAKInt). The
// client sends R and a mask of tracks, the reader says Ready, and after a swipe
//
//	"RD " count words "RD=OK"
//
// with the count of words in 16 bits, high byte first. A word is a time and, in its
// second byte, the levels of tracks 1 to 3 in bits 0 to 2 and the time's ninth bit in
// bit 7; an odd count is padded by a word. The stripe decoder does the rest.
type makstripe struct {
	talk
	step makStep
}

type makStep uint8

const (
	makSilent makStep = iota
	makNamed          // ? went out
	makIdle           // it may be armed
	makArmed          // R went out
)

func newMAKStripe() Parser {
	m := &makstripe{talk: talker("a MAKStripe", 2*maxMAK+16, splitMAK)}
	m.take, m.spoilt = m.frame, m.rearm
	return m
}

// splitMAK finds a card, or one of the texts.
func splitMAK(b []byte) (int, bool) {
	for _, word := range []string{"Ready", makName[:5]} {
		n := min(len(b), len(word))
		if string(b[:n]) != word[:n] {
			continue
		}
		if word == makName[:5] {
			return map[bool]int{true: len(makName)}[len(b) >= len(makName)], len(b) >= len(makName)
		}
		if n == len(word) {
			return n, true
		}
		if n > 1 {
			return 0, false
		}
	}
	n := min(len(b), 3)
	switch {
	case string(b[:n]) != "RD "[:n]:
		return 1, false
	case len(b) < 5:
		return 0, false
	}
	words := int(b[3])<<8 | int(b[4])
	words += words % 2
	end := 5 + 2*words
	switch {
	case words > maxMAK:
		return 1, false
	case len(b) < end+5:
		return 0, false
	case !bytes.Equal(b[end:end+5], []byte("RD=OK")):
		return 1, false
	}
	return end + 5, true
}

// Ask implements Dialog.
func (m *makstripe) Ask() []byte {
	switch {
	case m.step == makSilent:
		m.step = makNamed
		return []byte("?")
	case m.step == makArmed, m.step == makNamed && !m.wait():
		return nil
	case m.step == makNamed:
		m.note("no answer: is it a MAKStripe, at 38400 baud?")
	}
	m.step = makArmed
	return []byte{'R', 7}
}

// rearm has Ask arm the reader once more: twice does no harm.
func (m *makstripe) rearm() {
	if m.step == makArmed {
		m.step = makIdle
	}
}

// Leave implements Dialog.
func (m *makstripe) Leave() []byte { return []byte("?") }

func (m *makstripe) frame(frame []byte) {
	switch {
	case frame[0] == 'M' && m.step == makNamed:
		m.step, m.known = makArmed, true
		m.reply = append(m.reply, 'R', 7)
	case string(frame[:3]) == "RD ":
		m.step = makIdle
		n := int(frame[3])<<8 | int(frame[4])
		m.events = append(m.events, Event{Swipe: decodeFlux(frame[5 : 5+2*n])})
	}
}

// decodeFlux decodes the words of a card.
func decodeFlux(words []byte) *reader.Swipe {
	var s reader.Swipe
	for i, intervals := range fluxIntervals(words) {
		t := magstripe.DecodeIntervals(intervals, magstripe.Options{Track: i + 1, Tick: makTick})
		s.Tracks[i] = reader.Track{Status: t.Status, Data: t.Data}
		if t.Status == magstripe.StatusOK {
			s.Speed = t.Speed
		}
	}
	out := swipeOf(s.Tracks)
	out.Speed = s.Speed
	return out
}

// fluxIntervals splits words into the time between the changes of each track.
func fluxIntervals(words []byte) (intervals [3][]float64) {
	var since [3]float64
	for at := 2; at+1 < len(words); at += 2 {
		passed := float64(int(words[at-2]) | int(words[at-1]&0x80)<<1)
		for i := range intervals {
			since[i] += passed
			if (words[at-1]^words[at+1])>>i&1 == 1 {
				intervals[i] = append(intervals[i], since[i])
				since[i] = 0
			}
		}
	}
	return intervals
}

// MAKStripeDevice is a MAKStripe, as far as it reads.
type MAKStripeDevice struct {
	in    byte // the command that waits for its mask
	masks byte
}

// Wants implements Device.
func (d *MAKStripeDevice) Wants() Want {
	if d.masks != 0 {
		return WantCard
	}
	return WantNothing
}

// Receive implements Device.
func (d *MAKStripeDevice) Receive(_ time.Duration, in []byte) []byte {
	var out []byte
	for _, b := range in {
		switch {
		case b == '?':
			d.in, d.masks = 0, 0
			out = append(out, makName...)
		case d.in == 'R' && b&7 != 0 && b < 8:
			d.in, d.masks = 0, b
			out = append(out, "Ready"...)
		default:
			d.in = b
		}
	}
	return out
}

// Swipe implements Device.
func (d *MAKStripeDevice) Swipe(s *reader.Swipe) []byte {
	if d.masks == 0 {
		return nil
	}
	words := encodeFlux(s, d.masks)
	d.masks = 0
	n := len(words) / 2
	out := append([]byte("RD "), byte(n>>8), byte(n))
	out = append(out, words...)
	if n%2 == 1 {
		out = append(out, 0xFF, 0x80)
	}
	return append(out, "RD=OK"...)
}

// encodeFlux writes tracks as a steady hand at 40 cm/s would: a swipe that comes here
// holds what was read, and no longer how. Of a track that did not read there is flux
// without a start sentinel.
func encodeFlux(s *reader.Swipe, mask byte) []byte {
	var at [3][]float64 // the changes of each track, in ticks
	for i, t := range s.Tracks {
		if mask>>i&1 == 1 && t.Status != magstripe.StatusBlank {
			at[i] = fluxOf(i+1, t)
		}
	}
	var words []byte
	level, now := byte(0), 0.0
	put := func(until float64) {
		for now < until {
			n := min(int(until-now+0.5), 0x1FF)
			if n == 0 {
				break
			}
			words = append(words, byte(n), byte(n>>1)&0x80|level)
			now += float64(n)
		}
	}
	for {
		first := -1
		for i := range at {
			if len(at[i]) > 0 && (first < 0 || at[i][0] < at[first][0]) {
				first = i
			}
		}
		if first < 0 {
			put(now + 0x1FF)
			return words
		}
		put(at[first][0])
		level ^= 1 << first
		at[first] = at[first][1:]
	}
}

// fluxOf is when a track's flux changes.
func fluxOf(n int, t reader.Track) []float64 {
	const zeros = 20
	bits := make([]byte, 4*zeros)
	if t.Status == magstripe.StatusOK {
		data, err := magstripe.EncodeBits(n, t.Data)
		if err != nil {
			return nil
		}
		bits = append(append(bits[:zeros], data...), make([]byte, zeros)...)
	} else {
		bits[zeros], bits[zeros+1] = 1, 1
	}
	inch, speed := 2.54, 40.0
	cell := inch / []float64{210, 75, 210}[n-1] / speed / makTick
	var at []float64
	x := 100.0
	for _, bit := range bits {
		at = append(at, x)
		if bit == 1 {
			at = append(at, x+cell/2)
		}
		x += cell
	}
	return append(at, x)
}
