package magstripe

import (
	"math"
	"slices"
)

// syncRun is how many even intervals in a row are taken for clock bits. Readers
// want 4 to 13 leading zeros; six intervals hide in none of the test encoders' ten.
const syncRun = 6

// cells is what F2F decoding makes of flux intervals.
type cells struct {
	bits  []byte
	width []float64 // of each cell, in the unit of the intervals
	skew  []float64 // difference of a one's halves, in parts of the cell; 0 for a zero
	clock float64   // width of a cell in the leading zeros, 0 when none were found
	flaws int       // halves without a partner, gaps
}

// lost is a bit that is known to be missing. A character with one has no parity:
// a lost zero of a damaged track would not show in parity or LRC.
const lost = 2

// longestGap is how many lost bits a gap counts for at most.
const longestGap = 16

// rule is how intervals become bits: an interval shorter than k of the cell before
// is half a one; the cell's estimate follows by gain. Recorded swipes decode with
// every k from 0.60 to 0.90.
type rule struct{ k, gain float64 }

// rules are tried in turn until one gives a track that is right throughout.
var rules = []rule{{0.72, 0.7}, {0.72, 0.4}, {0.64, 0.7}, {0.80, 0.7}}

// read turns the intervals of one track into bits.
func (r rule) read(intervals []float64) cells {
	start, clock, found := synchronise(intervals)
	out := cells{
		bits:  make([]byte, 0, len(intervals)),
		width: make([]float64, 0, len(intervals)),
		skew:  make([]float64, 0, len(intervals)),
	}
	if found {
		out.clock = clock
	}
	cell := clock
	put := func(bit byte, width, skew float64) {
		out.bits = append(out.bits, bit)
		out.width = append(out.width, width)
		out.skew = append(out.skew, skew)
		// A cell differs from its neighbour by little: a bad one must not carry the clock away.
		cell += r.gain * (max(0.7*cell, min(1.4*cell, width)) - cell)
	}
	for i := start; i < len(intervals); i++ {
		d := intervals[i]
		switch {
		case d >= 1.7*cell: // a gap: so many cells are lost
			out.flaws++
			for range min(longestGap, int(d/cell+0.5)) {
				put(lost, cell, 1)
			}
			if d >= 3*cell { // pick up the clock behind it
				_, next, ok := synchronise(intervals[i+1 : min(len(intervals), i+1+2*syncRun)])
				if ok {
					cell = next
				}
			}
		case d >= r.k*cell:
			put(0, d, 0)
		case i+1 < len(intervals) && d+intervals[i+1] < 1.45*cell:
			put(1, d+intervals[i+1], math.Abs(d-intervals[i+1])/(d+intervals[i+1]))
			i++
		default: // half a one whose other half is missing
			out.flaws++
			put(lost, cell, 1)
		}
	}
	return out
}

// synchronise finds the first run of even intervals, the zeros before the data,
// and returns where it starts and how wide a cell is. Without one it starts at
// the beginning with the longer of the usual intervals.
func synchronise(intervals []float64) (start int, cell float64, found bool) {
	for i := 0; i+syncRun <= len(intervals); i++ {
		run := intervals[i : i+syncRun]
		if lo, hi := slices.Min(run), slices.Max(run); lo > 0 && hi < 1.35*lo {
			return i, (run[0] + run[1] + run[2] + run[3]) / 4, true
		}
	}
	return 0, quantile(intervals, 0.7), false
}

// backwards returns the cells in the other order.
func (c cells) backwards() cells {
	c.bits, c.width, c.skew = backwards(c.bits), backwards(c.width), backwards(c.skew)
	return c
}

// backwards returns a reversed copy.
func backwards[T any](in []T) []T {
	out := slices.Clone(in)
	slices.Reverse(out)
	return out
}

// uneven is how much cells differ from their neighbours and the halves of ones from
// each other, in the mean and at worst. Recorded swipes stay under a tenth in the
// mean; noise does not.
func (c cells) uneven(from, to int) (mean, worst float64) {
	n := 0.0
	add := func(v float64) {
		mean += v
		worst = max(worst, v)
		n++
	}
	for i := from; i < to && i < len(c.width); i++ {
		if i > from {
			add(2 * math.Abs(c.width[i]-c.width[i-1]) / (c.width[i] + c.width[i-1]))
		}
		if c.bits[i] == 1 {
			add(c.skew[i])
		}
	}
	return mean / max(1, n), worst
}
