package magstripe

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Wear beyond its lower amplitude, as one assumption each (numbers for cards were
// not found in print): debris and fine scratches induce pulses of their own, and
// contact becomes patchy, differently in every swipe, so that a second try may
// succeed where a first did not.
const (
	debrisPerMM   = 8.0
	debrisPeak    = 0.065 // at wear 1
	patchLength   = 1.5   // mm
	patchContrast = 0.5   // at wear 1
)

// wear is the stripe's wear within 0 and 1.
func (s *Stripe) wear() float64 {
	if !(s.Wear > 0) {
		return 0
	}
	return min(1, s.Wear)
}

// seen returns a track's transitions with the strength the head finds in this swipe.
func (s *Stripe) seen(track int, rng *rand.Rand) []transition {
	if s.Blank(track) {
		return nil
	}
	flux := slices.Clone(s.flux[track-1])
	wear := s.wear()
	if wear > 0 {
		patches := make([]float64, int(math.Ceil(cardLength/patchLength))+2)
		for i := range patches {
			patches[i] = math.Exp(patchContrast * wear * wear * rng.NormFloat64())
		}
		for i := range flux {
			flux[i].strength *= (1 - wear) * between(patches, flux[i].at/patchLength)
		}
	}
	for i := range flux {
		for _, scratch := range s.Scratches {
			flux[i].strength *= scratch.leaves(flux[i].at)
		}
	}
	return debris(flux, wear, rng)
}

// between reads a table at a broken index.
func between(table []float64, at float64) float64 {
	at = max(0, min(float64(len(table)-2), at))
	i := int(at)
	f := at - float64(i)
	return table[i]*(1-f) + table[i+1]*f
}

// leaves is the part of the amplitude left at x.
func (s Scratch) leaves(x float64) float64 {
	if x < s.At || x > s.At+s.Width {
		return 1
	}
	if s.Depth <= 0 || s.Depth > 1 {
		return 0
	}
	return 1 - s.Depth
}

// debris adds the pulses of a worn surface, in the order of their place.
func debris(flux []transition, wear float64, rng *rand.Rand) []transition {
	n := int(debrisPerMM * cardLength * min(1, 2*wear))
	for range n {
		flux = append(flux, transition{rng.Float64() * cardLength, debrisPeak * wear * wear * rng.NormFloat64()})
	}
	if n > 0 {
		slices.SortFunc(flux, func(a, b transition) int { return cmp.Compare(a.at, b.at) })
	}
	return flux
}
