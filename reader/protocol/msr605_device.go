package protocol

import (
	"bytes"
	"time"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// MSR605Device is a reader and writer of the MSR206 family. What its client writes
// or erases is on the card when that is read next. The zero value is an MSR605; the
// answers that differ between models are those of clients that were published with
// them (libMSRx05 for the MSR605, the MSR206 manual for the other).
type MSR605Device struct {
	MSR206 bool // coercivity is told as H and L, not h and l
	Bare   bool // leave out ESC + and ESC *, as the manual's section 7 does

	in      []byte // a command as far as it has come
	last    time.Duration
	doing   msrJob
	tracks  [3]reader.Track // to be written
	chosen  byte            // tracks to be written or erased, a bit each
	written [3]*reader.Track
	loCo    bool
	zeros   *[2]byte // leading zeros of tracks 1 and 3, and of track 2
	bpc     [3]byte
}

// msrPatience is how long a command may pause: the manual says nothing of it.
const msrPatience = time.Second

// msrJob is what the reader will do with the next card.
type msrJob uint8

const (
	msrNothing msrJob = iota
	msrRead
	msrReadRaw
	msrWrite
	msrSense
)

// Wants implements Device.
func (d *MSR605Device) Wants() Want {
	if d.doing == msrNothing {
		return WantNothing
	}
	return WantCard
}

// Receive implements Device. Bytes outside commands are ignored; commands are taken
// in any order, whatever was begun before.
func (d *MSR605Device) Receive(now time.Duration, in []byte) []byte {
	if now-d.last > msrPatience {
		d.in = d.in[:0]
	}
	var out []byte
	for _, b := range in {
		d.last = now
		if len(d.in) == 0 && b != esc {
			continue
		}
		d.in = append(d.in, b)
		n := d.length()
		switch {
		case n == 0 && len(d.in) < maxMSR:
			continue
		case n == 0: // a block that never ends
			out = append(out, esc, msrFormat)
		default:
			out = append(out, d.command(d.in[1], d.in[2:])...)
		}
		d.in = d.in[:0]
	}
	return out
}

// length says how long the command is that d.in begins with, or 0 while it goes on.
func (d *MSR605Device) length() int {
	want := 2
	if len(d.in) < 2 {
		return 0
	}
	switch d.in[1] {
	case esc:
		d.in = d.in[:1] // the ESC of another command
		return 0
	case 'w', 'n':
		if len(d.in) == 4 && d.in[2] == esc && d.in[3] == 'a' {
			d.in = append(d.in[:0], esc, 'a') // reset instead of a block
			return 2
		}
		if d.in[1] == 'n' && !rawWhole(d.in[2:]) || !bytes.HasSuffix(d.in, []byte{es, fs}) {
			return 0
		}
		want = len(d.in)
	case 'c', 'b':
		want = 3
	case 'z':
		want = 4
	case 'o':
		want = 5
	}
	if len(d.in) < want {
		return 0
	}
	return want
}

// rawWhole reports whether the lengths of a raw block are filled: its data may hold
// the bytes that end it.
func rawWhole(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	at := 2
	for range 3 {
		if len(b) < at+3 {
			return false
		}
		at += 3 + int(b[at+2])
	}
	return len(b) >= at+2
}

func (d *MSR605Device) command(c byte, arg []byte) []byte {
	ok, refused := []byte{esc, msrOK}, []byte{esc, msrRefuse}
	switch c {
	case 'a':
		d.doing = msrNothing
	case 'r':
		d.doing = msrRead
	case 'm':
		d.doing = msrReadRaw
	case 'w', 'n':
		return d.write(c == 'n', arg)
	case 'c':
		return d.erase(arg[0])
	case 0x81, 0x82, 0x83, 0x84, 0x85: // the lights: no answer
	case 0x86:
		d.doing = msrSense
	case 0x87: // RAM test
		return ok
	case 'e':
		return []byte{esc, 'y'}
	case 't':
		return []byte{esc, '3', 'S'} // three tracks
	case 'v':
		return []byte("\x1bREVU1.00") // U: high and low coercivity
	case 'x', 'y':
		d.loCo = c == 'y'
		return ok
	case 'd':
		return []byte{esc, d.coercivity()}
	case 'z':
		d.zeros = &[2]byte{arg[0], arg[1]}
		return ok
	case 'l':
		if d.zeros == nil {
			return []byte{esc, 0x3D, 0x16} // 61 at 210 bpi, 22 at 75
		}
		return append([]byte{esc}, d.zeros[:]...)
	case 'b':
		if bytes.IndexByte([]byte{0xD2, 0x4B, 0xA0, 0xA1, 0xC0, 0xC1}, arg[0]) < 0 {
			return refused
		}
		return ok
	case 'o':
		for _, bits := range arg {
			if bits < 5 || bits > 8 {
				return refused
			}
		}
		d.bpc = [3]byte(arg)
		return append(ok, arg...)
	default:
		return []byte{esc, msrWrong}
	}
	return nil
}

func (d *MSR605Device) coercivity() byte {
	c := byte('h')
	if d.loCo {
		c = 'l'
	}
	if d.MSR206 {
		c -= 'a' - 'A'
	}
	return c
}

// erase takes the bits of the tracks; 0 is track 1 too (MSR605 manual, select byte).
func (d *MSR605Device) erase(tracks byte) []byte {
	if tracks > 7 {
		return []byte{esc, msrRefuse}
	}
	d.doing, d.chosen, d.tracks = msrWrite, max(tracks, 1), [3]reader.Track{}
	return nil
}

// write takes the block to be written; empty tracks are left as they are.
func (d *MSR605Device) write(raw bool, block []byte) []byte {
	tracks, ok := [3]reader.Track{}, false
	if raw {
		tracks, ok = rawTracks(block)
	} else {
		tracks, ok = isoTracks(block)
	}
	if !ok {
		return []byte{esc, msrFormat}
	}
	d.doing, d.chosen, d.tracks = msrWrite, 0, tracks
	for i, t := range tracks {
		if t.Status != magstripe.StatusBlank {
			d.chosen |= 1 << i
		}
	}
	return nil
}

func isoTracks(block []byte) (tracks [3]reader.Track, ok bool) {
	if !bytes.HasPrefix(block, []byte{esc, 's'}) || len(block) < 4 {
		return tracks, false
	}
	parts, ok := msrTracks(block[2 : len(block)-2])
	for i, p := range parts {
		tracks[i] = trackOf(i+1, string(p))
		ok = ok && !failed(tracks[i])
	}
	return tracks, ok
}

// rawTracks reads what raw bytes are on the card: the decoder says. The first bit is
// a byte's least (libMSRx05 turns what it read before it writes it).
func rawTracks(block []byte) (tracks [3]reader.Track, ok bool) {
	if !bytes.HasPrefix(block, []byte{esc, 's'}) {
		return tracks, false
	}
	at := 2
	for i := range tracks {
		if !bytes.HasPrefix(block[at:], []byte{esc, byte(i + 1)}) {
			return tracks, false
		}
		n := int(block[at+2])
		data := block[at+3 : at+3+n]
		at += 3 + n
		if n > 0 {
			t := magstripe.DecodeBits(unpack(data), magstripe.Options{Track: i + 1})
			tracks[i] = reader.Track{Status: t.Status, Data: t.Data}
		}
	}
	return tracks, at == len(block)-2
}

// unpack spreads bytes into bits, a byte's least first.
func unpack(data []byte) []byte {
	bits := make([]byte, 0, 8*len(data))
	for _, b := range data {
		for i := range 8 {
			bits = append(bits, b>>i&1)
		}
	}
	return bits
}

// Swipe implements Device.
func (d *MSR605Device) Swipe(s *reader.Swipe) []byte {
	job := d.doing
	d.doing = msrNothing
	switch job {
	case msrRead:
		return d.encode(d.onCard(s))
	case msrReadRaw:
		return encodeRaw(d.onCard(s))
	case msrWrite:
		for i := range d.tracks {
			if d.chosen>>i&1 == 1 {
				d.written[i] = &reader.Track{Status: d.tracks[i].Status, Data: d.tracks[i].Data}
			}
		}
		return []byte{esc, msrOK}
	case msrSense:
		return []byte{esc, msrOK}
	}
	return nil
}

// onCard lays what was written over what the card came with.
func (d *MSR605Device) onCard(s *reader.Swipe) *reader.Swipe {
	c := *s
	for i, w := range d.written {
		if w != nil && !failed(c.Tracks[i]) {
			c.Tracks[i] = *w
		}
	}
	return &c
}

func (d *MSR605Device) encode(s *reader.Swipe) []byte {
	out := []byte{esc, 's'}
	for i, t := range s.Tracks {
		out = append(out, esc, byte(i+1))
		switch {
		case t.Status == magstripe.StatusOK:
			out = append(out, framed(i+1, t)...)
		case d.Bare:
		case failed(t):
			out = append(out, esc, msrBad)
		default:
			out = append(out, esc, msrEmpty)
		}
	}
	return append(out, es, fs, esc, msrStatus(s))
}

// msrStatus is 1 when a track did not read, or none held anything.
func msrStatus(s *reader.Swipe) byte {
	if anyFailed(s) || !anyRead(s) {
		return msrError
	}
	return msrOK
}

// encodeRaw sends the bits of the stripe, 8 a byte, the first in the highest. That
// order is not in the manual.
func encodeRaw(s *reader.Swipe) []byte {
	out := []byte{esc, 's'}
	for i, t := range s.Tracks {
		var data []byte
		if t.Status == magstripe.StatusOK {
			data = rawBytes(i+1, t.Data)
		}
		out = append(out, esc, byte(i+1), byte(len(data)))
		out = append(out, data...)
	}
	return append(out, es, fs, esc, msrStatus(s))
}

func rawBytes(n int, data card.TrackData) []byte {
	const leading = 16 // zeros enough for a decoder to find the start
	bits, err := magstripe.EncodeBits(n, data)
	if err != nil {
		return nil
	}
	all := append(make([]byte, leading), bits...)
	all = append(all, make([]byte, leading+(8-len(all)%8)%8)...)
	out := make([]byte, len(all)/8)
	for i, bit := range all {
		out[i/8] |= bit << (7 - i%8)
	}
	return out
}
