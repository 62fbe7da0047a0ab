package magstripe

import "math/rand/v2"

// Cell is one entry of a sweep: how many of N swipes read each track.
type Cell struct {
	Speed, Wear float64 // mean cm/s, 0..1
	N           int
	Read        [3]int // by track
	Verdicts    map[Verdict]int
}

// Sweep swipes a stripe n times at every pair of speed and wear, speeds varying
// fastest. hand gives the rest of the motion.
func Sweep(stripe Stripe, hand Hand, head Head, speeds, wears []float64, n int, rng *rand.Rand) []Cell {
	cells := make([]Cell, 0, len(speeds)*len(wears))
	for _, wear := range wears {
		for _, speed := range speeds {
			stripe.Wear, hand.Speed = wear, speed
			cell := Cell{Speed: speed, Wear: wear, N: n, Verdicts: map[Verdict]int{}}
			for range n {
				r := Swipe(stripe, hand, head, rng)
				cell.Verdicts[r.Verdict]++
				for i, t := range r.Tracks {
					if t.Status == StatusOK {
						cell.Read[i]++
					}
				}
			}
			cells = append(cells, cell)
		}
	}
	return cells
}
