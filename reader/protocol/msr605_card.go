package protocol

import (
	"bytes"

	"possim/reader"
	"possim/reader/magstripe"
)

// msr9 is ESC 9: the card was moved badly while it was to be written (section 7, note 1).
const msr9 = '9'

// The speeds at which an MSR605 writes, 5 to 30 inches a second, in cm/s (section 3).
const msrSlowest, msrFastest = 5 * 2.54, 30 * 2.54

// msrBPC is how many bits a byte of raw data holds until ESC o says otherwise. No manual
// has it; libMSRx05 copies cards without a word of it, turning whole bytes round.
const msrBPC = 8

// msrDensities are what ESC b takes: track and bits per inch.
var msrDensities = map[byte]struct{ track, bpi int }{
	0xA0: {1, 75}, 0xA1: {1, 210}, 0x4B: {2, 75}, 0xD2: {2, 210}, 0xC0: {3, 75}, 0xC1: {3, 210},
}

func (d *MSR605Device) density(b byte) []byte {
	chosen, ok := msrDensities[b]
	if !ok {
		return []byte{esc, msrRefuse}
	}
	d.bpi[chosen.track-1] = chosen.bpi
	return []byte{esc, msrOK}
}

// leading is how many zeros are written before track n: 61 at 210 bpi, 22 at 75.
func (d *MSR605Device) leading(n int) byte {
	switch {
	case d.zeros != nil:
		return d.zeros[(n+1)%2]
	case n == 2:
		return 22
	}
	return 61
}

// fits reports whether bits have room on track n behind its leading zeros. Zeros at the
// end may run off the card, as they do in a copy of all that was read of another.
func (d *MSR605Device) fits(n int, bits []byte) bool {
	bpi := d.bpi[n-1]
	if bpi == 0 {
		bpi = [3]int{210, 75, 210}[n-1]
	}
	return float64(int(d.leading(n))+bytes.LastIndexByte(bits, 1)+1)*25.4/float64(bpi) <= 85.6 // ISO/IEC 7810 ID-1
}

// perByte is how many bits a byte of raw data of track n holds.
func (d *MSR605Device) perByte(n int) int {
	if d.bpc[n-1] == 0 {
		return msrBPC
	}
	return int(d.bpc[n-1])
}

// erase takes the bits of the tracks; 0 is track 1 too (MSR605 manual, select byte).
func (d *MSR605Device) erase(tracks byte) []byte {
	if tracks > 7 {
		return []byte{esc, msrRefuse}
	}
	d.doing, d.chosen, d.tracks = msrWrite, max(tracks, 1), [3][]byte{}
	return nil
}

// write takes the block to be written; tracks that are empty, or left out as some
// clients do, stay as they are.
func (d *MSR605Device) write(raw bool, block []byte) []byte {
	parts, ok := msrBlock(block, raw)
	d.chosen, d.tracks = 0, [3][]byte{}
	for i, p := range parts {
		if len(p) == 0 {
			continue
		}
		d.chosen |= 1 << i
		if raw {
			d.tracks[i] = unpackLow(p, d.perByte(i+1))
		} else {
			t := trackOf(i+1, string(p))
			bits, err := magstripe.EncodeBits(i+1, t.Data)
			ok = ok && t.Status == magstripe.StatusOK && err == nil
			d.tracks[i] = bits
		}
		ok = ok && d.fits(i+1, d.tracks[i])
	}
	if !ok {
		return []byte{esc, msrFormat}
	}
	d.doing = msrWrite
	return nil
}

// msrBlock takes a block of tracks to be written apart.
func msrBlock(block []byte, raw bool) (tracks [3][]byte, ok bool) {
	if !bytes.HasPrefix(block, []byte{esc, 's'}) || len(block) < 4 {
		return tracks, false
	}
	b, last := block[2:len(block)-2], 0
	for len(b) > 0 {
		if len(b) < 2 || b[0] != esc || int(b[1]) <= last || b[1] > 3 {
			return tracks, false
		}
		last = int(b[1])
		b = b[2:]
		n := bytes.IndexByte(b, esc)
		if n < 0 {
			n = len(b)
		}
		if raw {
			if len(b) < 1 || len(b) < 1+int(b[0]) {
				return tracks, false
			}
			b, n = b[1:], int(b[0])
		}
		tracks[last-1], b = b[:n], b[n:]
	}
	return tracks, true
}

// rawWhole reports whether a raw block is at its end: its data may hold the bytes that
// end it, so the lengths say.
func rawWhole(b []byte) bool {
	at := 2
	for len(b) >= at+3 && b[at] == esc {
		at += 3 + int(b[at+2])
	}
	return len(b) >= at+2 && b[at] != esc
}

// Swipe implements Device.
func (d *MSR605Device) Swipe(s *reader.Swipe) []byte {
	job := d.doing
	d.doing = msrNothing
	switch job {
	case msrRead:
		return d.encode(d.onCard(s))
	case msrReadRaw:
		return d.encodeRaw(d.onCard(s))
	case msrWrite:
		if !steady(s) {
			return []byte{esc, msr9}
		}
		for i := range d.tracks {
			if d.chosen>>i&1 == 1 {
				d.written[i] = d.lay(i+1, d.tracks[i])
			}
		}
		return []byte{esc, msrOK}
	case msrSense:
		return []byte{esc, msrOK}
	}
	return nil
}

// steady reports whether a card was moved so that it could be written. Of a blank one
// nothing is known.
func steady(s *reader.Swipe) bool {
	switch s.Verdict {
	case magstripe.VerdictTooFast, magstripe.VerdictTooSlow, magstripe.VerdictPartial:
		return false
	}
	return s.Speed == 0 || s.Speed >= msrSlowest && s.Speed <= msrFastest
}

// lay is what a head finds where bits were written between zeros; without any, nothing.
func (d *MSR605Device) lay(n int, bits []byte) *reader.Track {
	if len(bits) == 0 {
		return new(reader.Track)
	}
	all := append(append(make([]byte, d.leading(n)), bits...), make([]byte, 22)...)
	t := magstripe.DecodeBits(all, magstripe.Options{Track: n})
	return &reader.Track{Status: t.Status, Data: t.Data, Bits: t.Bits}
}

// onCard lays what was written over what the card came with. Of a swipe that did not
// read nothing is seen.
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

// encodeRaw sends the bits of the stripe from the first 1 on, whatever they mean; a
// track of which none were made out is an error.
func (d *MSR605Device) encodeRaw(s *reader.Swipe) []byte {
	out, status := []byte{esc, 's'}, byte(msrOK)
	some := false
	for i, t := range s.Tracks {
		data := packHigh(rawBits(i+1, t), d.perByte(i+1))
		if failed(t) && len(data) == 0 {
			status = msrError
		}
		some = some || len(data) > 0
		out = append(out, esc, byte(i+1), byte(len(data)))
		out = append(out, data...)
	}
	if !some {
		status = msrError
	}
	return append(out, es, fs, esc, status)
}

// rawBits are a track's bits behind its leading zeros.
func rawBits(n int, t reader.Track) []byte {
	if t.Bits == "" && t.Status == magstripe.StatusOK {
		bits, _ := magstripe.EncodeBits(n, t.Data) // it was decoded: it can be encoded
		return bits
	}
	var bits []byte
	for _, c := range t.Bits.Reveal() {
		if one := c == '1'; one || len(bits) > 0 {
			bits = append(bits, map[bool]byte{true: 1}[one])
		}
	}
	return bits
}

// packHigh packs bits for reading, the first in the highest of those a byte holds: the
// table "bit orientation" of section 7. A length is a byte, which more bits than a card
// holds would not fit in.
func packHigh(bits []byte, perByte int) []byte {
	out := make([]byte, min(255, (len(bits)+perByte-1)/perByte))
	for i, bit := range bits[:min(len(bits), 255*perByte)] {
		out[i/perByte] |= bit << (perByte - 1 - i%perByte)
	}
	return out
}

// unpackLow unpacks what is to be written: there the first bit is a byte's lowest.
func unpackLow(data []byte, perByte int) []byte {
	bits := make([]byte, 0, perByte*len(data))
	for _, b := range data {
		for i := range perByte {
			bits = append(bits, b>>i&1)
		}
	}
	return bits
}
