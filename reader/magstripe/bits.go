package magstripe

import (
	"fmt"
	"strings"

	"possim/reader/card"
)

// EncodeBits returns the bits of a track (1 to 3) from its start sentinel to its
// LRC, in the order in which they stand on the card, one a byte. The data may carry
// its sentinels or not. Errors are NewStripe's.
func EncodeBits(track int, data card.TrackData) ([]byte, error) {
	if track < 1 || track > 3 {
		return nil, fmt.Errorf("there is no track %d", track)
	}
	return layouts[track-1].encode(track, data.Reveal())
}

// Bits are the bits of one track as a decoder made them out, whether or not they are
// a track: '0', '1', and '?' for one that is known to be missing. They are in card
// order where a sentinel or the characters tell which that is, else as they were seen.
//
// They are the track in another form and never print. Characters finds the characters
// among them and shows what may be shown; Reveal is the one way out.
type Bits string

// bitsOf writes bits as text.
func bitsOf(bits []byte) Bits {
	var b strings.Builder
	for _, bit := range bits {
		b.WriteByte("01?"[min(bit, lost)])
	}
	return Bits(b.String())
}

// raw is the bits as the decoder has them.
func (b Bits) raw() []byte {
	out := make([]byte, len(b))
	for i := range len(b) {
		out[i] = map[byte]byte{'0': 0, '1': 1}[b[i]]
		if b[i] != '0' && b[i] != '1' {
			out[i] = lost
		}
	}
	return out
}

// Reveal returns the bits in clear.
func (b Bits) Reveal() string { return string(b) }

// String says how many there are.
func (b Bits) String() string { return fmt.Sprintf("%d bits", len(b)) }

// Format implements fmt.Formatter so that no verb shows the bits.
func (b Bits) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, b.String()) }

// MarshalText implements encoding.TextMarshaler.
func (b Bits) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
