package magstripe

import (
	"math"
	"testing"
	"time"
)

// TestOddArguments: whatever is asked for, a swipe ends, and soon.
func TestOddArguments(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, hand := range []Hand{
		{Speed: nan}, {Speed: inf}, {Speed: -1}, {Speed: 1e-9}, {Ratio: inf}, {Ratio: nan}, {Ratio: -3},
		{From: 90}, {From: inf}, {From: nan}, {From: 50, To: 20}, {To: inf}, {To: nan}, {To: 0.1},
		{Profile: ProfileStall, Pause: -1}, {Profile: ProfileStall, Pause: 1000 * time.Hour},
		{Profile: ProfileReversal, From: 84}, {Profile: 77}, {Direction: 9},
	} {
		for _, head := range []Head{{}, {Bandwidth: nan, Noise: nan, Floor: nan, Rate: nan}, {Bandwidth: inf, Rate: 1}, {Noise: -1, Floor: -1, Bandwidth: -5}} {
			s := goodStripe(t)
			s.Wear = []float64{0, nan, inf, -1}[int(hand.Direction)%4]
			s.Scratches = []Scratch{{At: nan, Width: inf}, {At: 3, Depth: nan}}
			r := Swipe(s, hand, head, seeded(1))
			for _, track := range r.Tracks {
				check(t, track)
			}
		}
	}
	for _, rate := range []float64{0, -1, nan, 1} {
		if channels := Render(goodStripe(t), Hand{}, Head{}, rate, seeded(1), 0, 2, 9); len(channels) != 1 {
			t.Errorf("rate %v: %d channels, want the one of track 2", rate, len(channels))
		}
		for _, r := range DecodeSamples([][]float64{{0, 1, 0, -1}, nil}, rate, Options{Track: 7}) {
			for _, track := range r.Tracks {
				check(t, track)
			}
		}
	}
	var blank Stripe
	if r := Swipe(blank, Hand{}, Head{}, seeded(1)); r.Verdict != VerdictUnreadable || r.Tracks[1].Status != StatusBlank {
		t.Errorf("a stripe without tracks: %v", r.Verdict)
	}
}

// TestNoEndSentinel: data that stops, and zeros to the end of the card, lack their
// end sentinel; that the first zeros make no character is not what went wrong.
func TestNoEndSentinel(t *testing.T) {
	whole := foreignBits(";6222020000000015=29121010000000000?", 5, 20)
	for _, zeros := range []int{0, 3, 5, 25, 60} {
		cut := []byte(whole[:20+35*5]) // the zeros before, and the characters before the end sentinel
		for i := range cut {
			cut[i] -= '0'
		}
		if got := DecodeBits(append(cut, make([]byte, zeros)...), Options{}); got.Status != StatusNoEnd {
			t.Errorf("%d zeros behind: %s", zeros, got.Status)
		}
	}
}
