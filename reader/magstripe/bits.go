package magstripe

import (
	"fmt"

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
