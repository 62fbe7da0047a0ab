package magstripe

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"possim/reader/card"
)

// anyStripe writes a good stripe with content drawn from the randomness, as long
// as a bank's or shorter.
func anyStripe(t testing.TB, rng *rand.Rand) (Stripe, [2]string) {
	t.Helper()
	draw := func(from string, n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = from[rng.IntN(len(from))]
		}
		return string(b)
	}
	const digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ /.-"
	pan := "622202" + draw(digits, 7+rng.IntN(7))
	one := "B" + pan + "^" + draw(letters, 2+rng.IntN(25)) + "^" + draw(digits, 7+rng.IntN(20))
	two := pan + "=" + draw(digits, 7+rng.IntN(11))
	s, err := NewStripe(card.TrackData(one), card.TrackData(two), "")
	if err != nil {
		t.Fatal(err)
	}
	return s, [2]string{one, two}
}

// anyHand is a hand whose momentary speed stays between 10 and 120 cm/s and that
// accelerates up to three times.
func anyHand(rng *rand.Rand) Hand {
	ratio := 1 + 2*rng.Float64()
	slowest := 10 + (120/ratio-10)*rng.Float64()
	return Hand{Ratio: ratio, Speed: slowest * (1 + 0.45*(ratio-1)), Direction: Direction(rng.IntN(2))}
}

// BenchmarkReadRate measures what the reader is built for, in reads of 1000 or 100
// swipes. One iteration is the whole figure.
func BenchmarkReadRate(b *testing.B) {
	for _, f := range []struct {
		name string
		n    int
		hand func(rng *rand.Rand) Hand
		wear float64
	}{
		{"usual hands", 1000, anyHand, 0},
		{"300cm/s constant", 100, func(*rand.Rand) Hand { return Hand{Speed: 300, Profile: ProfileConstant} }, 0},
		{"300cm/s hand", 100, func(*rand.Rand) Hand { return Hand{Speed: 300} }, 0},
		{"250cm/s hand", 100, func(*rand.Rand) Hand { return Hand{Speed: 250} }, 0},
		{"600cm/s hand", 100, func(*rand.Rand) Hand { return Hand{Speed: 600} }, 0},
		{"2cm/s hand", 20, func(*rand.Rand) Hand { return Hand{Speed: 2} }, 0},
		{"wear 0.60", 200, func(*rand.Rand) Hand { return Hand{} }, 0.6},
		{"wear 0.75", 200, func(*rand.Rand) Hand { return Hand{} }, 0.75},
		{"wear 0.80", 200, func(*rand.Rand) Hand { return Hand{} }, 0.8},
		{"wear 0.85", 200, func(*rand.Rand) Hand { return Hand{} }, 0.85},
	} {
		b.Run(fmt.Sprintf("%s of %d", f.name, f.n), func(b *testing.B) {
			for b.Loop() {
				var read [2]int
				for seed := range f.n {
					rng := seeded(seed)
					s, want := anyStripe(b, rng)
					s.Wear = f.wear
					r := Swipe(s, f.hand(rng), Head{}, rng)
					for i := range read {
						if r.Tracks[i].Status == StatusOK {
							read[i]++
							if r.Tracks[i].Data.Reveal() != want[i] {
								b.Errorf("seed %d: track %d was read as something else", seed, i+1)
							}
						}
					}
				}
				b.ReportMetric(float64(read[0]), "track1")
				b.ReportMetric(float64(read[1]), "track2")
			}
		})
	}
}

// BenchmarkSwipeDecode measures the front end and decoder alone.
func BenchmarkSwipeDecode(b *testing.B) {
	s := goodStripe(b)
	head := Head{Rate: 96000}.withDefaults()
	rng := seeded(1)
	p := Hand{}.move(head.Rate, 0.002, rng)
	one, two := head.signal(&s, 1, p, rng), head.signal(&s, 2, p, rng)
	b.ReportAllocs()
	for b.Loop() {
		if head.decode(one, 1).Status != StatusOK || head.decode(two, 2).Status != StatusOK {
			b.Fatal("not read")
		}
	}
}
