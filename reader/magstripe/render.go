package magstripe

import (
	"math"
	"math/rand/v2"
)

const (
	recordingLevel = 0.25 // full scale of a new card's peak at 40 cm/s
	recordingLimit = 0.9  // a swipe that would be louder is recorded lower
	recordingRest  = 0.05 // seconds of silence before and after
)

// Render returns the head's signal of a swipe as a sound card would record it: one
// channel per track asked for (1 to 3; none means those that were written), at a
// sample rate in Hz between 8000 and 768000, full scale 1. It starts and ends with
// 50 ms of silence.
func Render(stripe Stripe, hand Hand, head Head, rate float64, rng *rand.Rand, tracks ...int) [][]float64 {
	if !(rate >= 8000) {
		rate = 8000
	}
	rate = min(rate, 768000)
	head = head.withDefaults()
	factor := int(math.Ceil(max(head.Rate, 96000) / rate))
	head.Rate = rate * float64(factor)
	if len(tracks) == 0 {
		for i, flux := range stripe.flux {
			if len(flux) > 0 {
				tracks = append(tracks, i+1)
			}
		}
	}
	p := hand.move(head.Rate, recordingRest, rng)
	out := make([][]float64, 0, len(tracks))
	peak := 0.0
	for _, track := range tracks {
		if track < 1 || track > 3 {
			continue
		}
		channel := decimate(head.signal(&stripe, track, p, rng), factor)
		for _, v := range channel {
			peak = max(peak, math.Abs(v))
		}
		out = append(out, channel)
	}
	level := min(recordingLevel, recordingLimit/max(peak, 1e-9))
	for _, channel := range out {
		for i := range channel {
			channel[i] *= level
		}
	}
	return out
}
