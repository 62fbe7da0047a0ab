package magstripe

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"possim/reader/card"
)

const (
	cardLength = 85.6 // mm, ISO/IEC 7810 ID-1
	firstBit   = 7.44 // mm from the right edge to the first bit of the start sentinel, ISO/IEC 7811-2
)

// Stripe is the magnetic stripe of a card: what was written on it, by NewStripe,
// and what became of it since. It never prints its tracks.
type Stripe struct {
	Wear         float64   // 0 new to 1 gone: amplitude is 1 - Wear, pulses are wider
	Scratches    []Scratch // places without flux
	Demagnetised bool      // was near a magnet: no flux is left
	flux         [3][]transition
}

// Scratch is a place where the stripe has lost its flux, over all tracks.
type Scratch struct {
	At, Width float64 // mm from the card's leading (right) edge
	Depth     float64 // 0..1 of the amplitude lost; 0 is all of it
}

// transition is one reversal of flux on the stripe.
type transition struct {
	at       float64 // mm from the right edge
	strength float64 // signed, 1 is nominal
}

// NewStripe writes tracks on a stripe: track 1 in the 7-bit alphabet at 210 bpi,
// track 2 and 3 in the 5-bit alphabet at 75 and 210 bpi (ISO/IEC 7811-2), with
// sentinels, LRC, leading and trailing zeros. The data may carry its sentinels or
// not; an empty one leaves the track blank. A character that the alphabet lacks or
// more than the track holds is an error that names the track and the position.
//
// Each stripe has its own small irregularities, drawn from its data: the same
// card is the same flux in every swipe.
func NewStripe(track1, track2, track3 card.TrackData) (Stripe, error) {
	var s Stripe
	for i, data := range [3]card.TrackData{track1, track2, track3} {
		if data == "" {
			continue
		}
		b, err := layouts[i].encode(i+1, data.Reveal())
		if err != nil {
			return Stripe{}, err
		}
		s.flux[i] = layouts[i].write(b)
	}
	return s, nil
}

// Blank reports whether a track (1 to 3) has no flux.
func (s Stripe) Blank(track int) bool { return s.Demagnetised || len(s.flux[track-1]) == 0 }

// Format implements fmt.Formatter so that no verb shows the flux: it is the track in another form.
func (s Stripe) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "stripe{wear %.2f, %d scratches, demagnetised %t}", s.Wear, len(s.Scratches), s.Demagnetised)
}

// write lays bits on a card between its zeros, in F2F (Aiken biphase): a
// transition at every cell's boundary, one more in the middle of a one.
//
// The irregularities are those of real cards: transitions off by about a percent
// of a cell, and the two polarities shifted against each other, so that intervals
// alternate long and short by one to three percent.
func (l layout) write(data []byte) []transition {
	h := fnv.New64a()
	h.Write(data)
	rng := rand.New(rand.NewPCG(h.Sum64(), uint64(l.bits)))
	cell := l.cell()
	leading := int(firstBit/cell + 0.25) // 22 on track 2, 61 at 210 bpi, as encoders write
	asymmetry := (0.005 + 0.01*rng.Float64()) * cell / 2
	sign := 1.0
	var out []transition
	put := func(x float64) {
		jitter := max(-0.024, min(0.024, rng.NormFloat64()*0.008)) * cell
		out = append(out, transition{x + jitter + sign*asymmetry, sign * (1 + 0.04*(rng.Float64()-0.5))})
		sign = -sign
	}
	for i := 0; ; i++ {
		x := firstBit + float64(i-leading)*cell
		put(x)
		if x+cell > cardLength-0.2 {
			return out
		}
		if j := i - leading; j >= 0 && j < len(data) && data[j] == 1 {
			put(x + cell/2)
		}
	}
}
