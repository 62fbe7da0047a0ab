package magstripe

import (
	"fmt"
	"math/bits"
	"strings"
)

// alphabet is a set of characters as bits on a track: data bits least significant
// first, then a bit that makes the parity odd (ISO/IEC 7811-2, 7811-6).
type alphabet struct {
	bits       int  // with parity
	offset     byte // the character of data bits 0
	start, end byte // sentinels
}

// The alphabets: "alpha" of track 1 and "numeric" of tracks 2 and 3.
var (
	alpha   = alphabet{bits: 7, offset: ' ', start: '%', end: '?'}
	numeric = alphabet{bits: 5, offset: '0', start: ';', end: '?'}
)

// layout is what the standard lays down for one track.
type layout struct {
	*alphabet
	bpi      float64
	capacity int // characters with sentinels and LRC
}

// layouts are those of tracks 1 to 3 (ISO/IEC 7811-2).
var layouts = [3]layout{
	{&alpha, 210, 79},
	{&numeric, 75, 40},
	{&numeric, 210, 107},
}

// cell is the length of a bit on the stripe in mm.
func (l layout) cell() float64 { return 25.4 / l.bpi }

// has reports whether c is a character of the alphabet.
func (a *alphabet) has(c byte) bool {
	return c >= a.offset && int(c-a.offset) < 1<<(a.bits-1)
}

// appendChar appends the bits of a character's data value, parity last.
func (a *alphabet) appendChar(dst []byte, value byte) []byte {
	for i := range a.bits - 1 {
		dst = append(dst, value>>i&1)
	}
	return append(dst, byte(1-bits.OnesCount8(value)%2))
}

// char reads one character's data value and says whether its parity is odd, which
// it is not when a bit is lost. b must hold a.bits bits.
func (a *alphabet) char(b []byte) (value byte, odd bool) {
	ones := byte(0)
	for i, bit := range b[:a.bits] {
		if bit > 1 {
			return 0, false
		}
		ones += bit
		if i < a.bits-1 {
			value |= bit << i
		}
	}
	return value, ones%2 == 1
}

// trim takes the sentinels off, if data carries them.
func (a *alphabet) trim(data string) string {
	data = strings.TrimPrefix(data, string(a.start))
	return strings.TrimSuffix(data, string(a.end))
}

// encode returns data as bits, from the start sentinel to the LRC. The LRC makes
// every column even, start sentinel included, and carries its own odd parity.
func (l layout) encode(number int, data string) ([]byte, error) {
	data = l.trim(data)
	if n := len(data) + 3; n > l.capacity {
		return nil, fmt.Errorf("track %d: %d characters with sentinels and LRC, it holds %d", number, n, l.capacity)
	}
	for i := range len(data) {
		// The sentinels are not data, and the character itself is not shown: it may be part of a PAN.
		if !l.has(data[i]) || data[i] == l.end || data[i] == l.start {
			return nil, fmt.Errorf("track %d: position %d holds a character that the track's %d-bit alphabet has not", number, i+1, l.bits)
		}
	}
	var out []byte
	var lrc byte
	for _, c := range []byte(string(l.start) + data + string(l.end)) {
		lrc ^= c - l.offset
		out = l.appendChar(out, c-l.offset)
	}
	return l.appendChar(out, lrc), nil
}
