package magstripe

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// handFlux gives bits the times of a hand's swipe, as uneven as the recorded ones:
// speeds as recorded, polarities apart by up to 3 %, cells and halves as at their worst.
func handFlux(bits string, swipe int, rng *rand.Rand) []float64 {
	out := recordedIntervals(bits, swipe, rng)
	apart := 0.01 + 0.02*rng.Float64()
	for i := range out {
		out[i] *= 1 + apart/2*float64(1-i%2*2)
	}
	return out
}

// fragmentOf cuts the flux of some bits out of the middle of a card's.
func fragmentOf(rng *rand.Rand, length, swipe int) (bits string, intervals []float64) {
	whole := foreignBits([]string{foreign2, ";4761739001010010=30012015432112345678?"}[rng.IntN(2)], 5, 22)
	from := 22 + rng.IntN(len(whole)-44-length)
	bits = whole[from : from+length]
	all := handFlux(whole, swipe, rng)
	skip, take := from+strings.Count(whole[:from], "1"), length+strings.Count(bits, "1")
	return bits, all[skip : skip+take]
}

// TestFragments: a part of a track without sentinels or clock bits decodes to its bits,
// from the first to the last, in the unit of any clock.
func TestFragments(t *testing.T) {
	for swipe := range recorded {
		for seed := range 60 {
			rng := seeded(seed)
			bits, intervals := fragmentOf(rng, 40+rng.IntN(75), swipe)
			got := DecodeIntervals(intervals, Options{})
			if got.Bits.Reveal() != bits {
				t.Errorf("swipe %d, seed %d: %d bits of %d\n%s\n%s", swipe+1, seed, len(got.Bits), len(bits), got.Bits.Reveal(), bits)
			}
			if got.Status == StatusOK || got.Data != "" {
				t.Errorf("swipe %d, seed %d: a fragment is a track", swipe+1, seed)
			}
		}
	}
}

// TestFragmentFromMiddleOfACell: a capture that begins or ends inside a one loses that
// bit and no other.
func TestFragmentFromMiddleOfACell(t *testing.T) {
	for seed := range 100 {
		bits, intervals := fragmentOf(seeded(seed), 90, seed%5)
		if bits[0] == '1' {
			if got := DecodeIntervals(intervals[1:], Options{}).Bits.Reveal(); got != bits[1:] {
				t.Errorf("seed %d: without the first half\n%s\n%s", seed, got, bits)
			}
		}
		if n := len(intervals); bits[89] == '1' {
			if got := DecodeIntervals(intervals[:n-1], Options{}).Bits.Reveal(); got != bits[:89] {
				t.Errorf("seed %d: without the last half\n%s\n%s", seed, got, bits)
			}
		}
	}
}

// TestNoiseAroundAFragment: what a reader counts before the card comes and behind it
// costs no bit, and a gap costs those that it swallowed.
func TestNoiseAroundAFragment(t *testing.T) {
	for seed := range 40 {
		bits, intervals := fragmentOf(seeded(seed), 80, seed%5)
		noisy := append(append([]float64{1e5, 3}, intervals...), 1e5)
		if got := DecodeIntervals(noisy, Options{}); got.Bits.Reveal() != bits {
			t.Errorf("seed %d:\n%s\n%s", seed, got.Bits.Reveal(), bits)
		}
	}
}

// TestFragmentBackwards: the digits tell which way a long fragment went, unless they
// mean something both ways, as 4111111111111111 does.
func TestFragmentBackwards(t *testing.T) {
	whole := foreignBits(";4761739001677617=30012017766772345678?", 5, 22)
	for seed := range 100 {
		from, to := 62+seed%20, 62+seed%20+100
		all := handFlux(whole, seed%5, seeded(seed))
		skip, take := from+strings.Count(whole[:from], "1"), to+strings.Count(whole[:to], "1")
		got := DecodeIntervals(backwards(all[skip:take]), Options{Track: 2})
		if got.Bits.Reveal() != whole[from:to] || got.Direction != Reverse {
			t.Errorf("seed %d: %v\n%s\n%s", seed, got.Direction, got.Bits.Reveal(), whole[from:to])
		}
	}
}

// TestWholeSwipes: whole tracks read as before, all their bits with them.
func TestWholeSwipes(t *testing.T) {
	whole := foreignBits(foreign2, 5, 22)
	for swipe := range recorded {
		for seed := range 40 {
			for _, reverse := range []bool{false, true} {
				intervals := handFlux(whole, swipe, seeded(seed))
				if reverse {
					intervals = backwards(intervals)
				}
				got := DecodeIntervals(intervals, Options{})
				if got.Status != StatusOK || got.Bits.Reveal() != whole || (got.Direction == Reverse) != reverse {
					t.Errorf("swipe %d, seed %d: %v, %v", swipe+1, seed, got.Status, got.Direction)
				}
			}
		}
	}
}

// TestSaturatedCounter: a MAKStripe counts to 511 and no further. A hand that slows down
// so far that zeros are longer than that is read as long as halves are shorter.
func TestSaturatedCounter(t *testing.T) {
	whole := foreignBits(foreign2, 5, 22)
	for slowest := 520.0; slowest < 820; slowest += 50 {
		for seed := range 20 {
			rng := seeded(seed)
			var intervals []float64
			for i, bit := range whole {
				u := float64(i) / float64(len(whole))
				cell := (200 + (slowest-200)*4*u*(1-u)) * (1 + 0.03*rng.Float64())
				if bit == '1' {
					h := cell * (0.48 + 0.04*rng.Float64())
					intervals = append(intervals, float64(int(h)), float64(int(cell-h)))
				} else {
					intervals = append(intervals, min(511, float64(int(cell))))
				}
			}
			if got := DecodeIntervals(intervals, Options{}); got.Status != StatusOK || got.Bits.Reveal() != whole {
				t.Errorf("cells up to %.0f, seed %d: %v", slowest, seed, got.Status)
			}
		}
	}
}

// TestCapture: what a reader that sends flux sees of a swipe decodes to what the head's
// reader makes of it.
func TestCapture(t *testing.T) {
	for seed := range 10 {
		flux := Capture(goodStripe(t), Hand{}, Head{}, seeded(seed))
		r := DecodeFlux([][]float64{flux[0], flux[1]}, []int{0, 0})
		if r.Verdict != VerdictOK || r.Tracks[0].Status != StatusOK || r.Tracks[1].Status != StatusOK || r.Speed < 20 || r.Speed > 60 {
			t.Errorf("seed %d: %v, %.1f cm/s", seed, r.Verdict, r.Speed)
		}
	}
}

// TestFragmentCharacters: the characters of a fragment, in step wherever it begins, and what of
// them may be shown.
func TestFragmentCharacters(t *testing.T) {
	const live, test = "6222021001123459", "6222020000000015"
	for _, tt := range []struct {
		name, text   string
		cut, cutEnd  int // bits
		masked, open string
		part         bool // of the number alone
	}{
		{"whole, live", ";" + live + "=2912101999?", 0, 0, ";622202******3459=2912101***?*", ";622202******3459=2912101***?*", false},
		{"whole, test", ";" + test + "=2912101999?", 0, 0, ";622202******0015=2912101***?*", ";" + test + "=2912101999?", false},
		{"a short number", ";12345678=2912101999?", 0, 0, ";********=2912101***?*", ";12345678=2912101999?", false},
		{"beginning, live", ";" + live + "=2912101999?", 0, 22 + 17*5, ";622202******", ";622202100112", true},
		{"number alone, live", ";" + live + "=2912101999?", 22 + 5, 22 + 13*5, "****************", "****************", false},
		{"tail with the number, live", ";" + live + "=2912101999?", 22 + 5, 22, "************3459=**********?*", "************3459=**********?*", false},
		{"half the number", ";" + live + "=2912101999?", 22 + 7*5 + 2, 22, "*****3459=**********?*", "001123459=2912101999?", true},
	} {
		bits := foreignBits(tt.text, 5, 22)
		bits = bits[tt.cut : len(bits)-tt.cutEnd]
		c := Bits(bits).Characters(2)
		maskedBits, masked := c.Masked()
		openBits, open := c.Unsafe()
		if !strings.HasPrefix(masked, strings.TrimSuffix(tt.masked, "?*")) {
			t.Errorf("%s: masked %q", tt.name, masked)
		}
		if tt.open != "" && !strings.HasPrefix(open, tt.open) {
			t.Errorf("%s: open %q", tt.name, open)
		}
		for i := range maskedBits {
			if maskedBits[i] != bits[i] && maskedBits[i] != hiddenBit || openBits[i] != bits[i] && openBits[i] != hiddenBit {
				t.Fatalf("%s: another bit at %d", tt.name, i)
			}
		}
		for _, shown := range []string{maskedBits, masked, openBits, open, fmt.Sprintf("%v %+v %#v %s %x", c.bits, c.bits, c.bits, c.bits, c.bits)} {
			for _, secret := range []string{live[6:12], foreignBits(live[6:12], 5, 0)[:30]} {
				if strings.Contains(shown, secret) && !tt.part {
					t.Errorf("%s: shows %q", tt.name, shown)
				}
			}
		}
	}
}

// TestBroke: the place where characters end and flux goes on.
func TestBroke(t *testing.T) {
	bits := foreignBits(";4111111111111111=2912101?", 5, 22)
	if at, broke := Bits(bits).Characters(2).Broke(); broke {
		t.Errorf("a whole track broke at %d", at)
	}
	at := 22 + 12*5
	spoilt := bits[:at+1] + string('0'+'1'-bits[at+1]) + bits[at+2:]
	if got, broke := Bits(spoilt).Characters(2).Broke(); !broke || got != at {
		t.Errorf("broke %t at %d, want %d", broke, got, at)
	}
	if got, broke := Bits(bits[:at+3]).Characters(2).Broke(); broke || got != at {
		t.Errorf("a fragment: broke %t at %d", broke, got)
	}
}
