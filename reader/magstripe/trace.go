package magstripe

import (
	"cmp"
	"math"
	"slices"
)

// A trace reads intervals from the very first to the last, without waiting for clock
// bits: a capture may begin in the middle of a track. It keeps the likeliest ways to
// cut the intervals into cells side by side, each with its own estimate of the cell,
// until what follows tells them apart; a cell differs from its neighbour, and a one's
// halves from each other, by a tenth on a hand's swipe and not by a factor of two.
const (
	evenness = 0.08 // usual change of a cell against its neighbour, and of a one's halves
	flawCost = 20   // of an interval that is no part of a cell: one off by a third costs as much
	beam     = 10   // ways that are kept side by side
	carry    = 0.7  // how far a cell's estimate follows the last cell
)

// half is no bit: a one that the capture's end cut in two.
const half = 3

// way is one way to cut the intervals up to some point into cells.
type way struct {
	before    *way
	bit       byte
	width     float64 // of the cell
	skew      float64 // as in cells
	lost      int     // cells that a gap swallowed, when bit is lost
	cell      float64 // estimate for the next
	cost      float64
	saturated bool // cell is what the counter could count, the true one may be longer
}

// trace returns the likeliest cells. With a ceiling an interval that long is one that
// the reader's counter could not follow: it lasted at least so long.
func trace(intervals []float64, ceiling float64) cells {
	at := make([][]*way, len(intervals)+2)
	at[0] = starts(intervals)
	if len(intervals) > 0 { // the second half of a one that began before the capture
		at[1] = []*way{{bit: lost, cell: 2 * intervals[0], cost: 1}}
	}
	var last []*way // before the last interval
	for i, d := range intervals {
		for _, w := range fittest(at[i]) {
			broken := w.flaw(d)
			at[i+1] = append(at[i+1], w.zero(d, ceiling), broken)
			for _, fresh := range starts(intervals[i+1:]) { // behind it the hand may have another speed
				at[i+1] = append(at[i+1], broken.from(fresh.cell))
			}
			if i+1 < len(intervals) && !(ceiling > 0 && max(d, intervals[i+1]) >= ceiling) {
				at[i+2] = append(at[i+2], w.one(d, intervals[i+1]))
			}
		}
		last, at[i] = at[i], nil
	}
	if n := len(intervals); n > 1 { // the first half of a one that goes on behind the capture
		for _, w := range fittest(last) {
			at[n] = append(at[n], &way{before: w, bit: half, cost: w.cost + 1 + off(2*intervals[n-1]/w.cell, evenness)})
		}
	}
	ends := at[len(intervals)]
	if len(ends) == 0 {
		return cells{}
	}
	return slices.MinFunc(ends, func(a, b *way) int { return cmp.Compare(a.cost, b.cost) }).cells()
}

// starts are the cells that may stand first: a zero, or a one.
func starts(intervals []float64) []*way {
	if len(intervals) < 2 {
		return nil
	}
	return []*way{{cell: intervals[0]}, {cell: intervals[0] + intervals[1], cost: 0.5}}
}

// fittest drops the dearest ways.
func fittest(ways []*way) []*way {
	if len(ways) <= beam {
		return ways
	}
	slices.SortFunc(ways, func(a, b *way) int { return cmp.Compare(a.cost, b.cost) })
	return ways[:beam]
}

// zero takes an interval for a whole cell.
func (w *way) zero(d, ceiling float64) *way {
	next := &way{before: w, bit: 0, width: d, cost: w.cost + off(d/w.cell, evenness)}
	next.cell = w.cell + carry*(d-w.cell)
	if ceiling > 0 && d >= ceiling {
		next.saturated, next.cell = true, max(w.cell, d)
		if w.cell >= d {
			next.cost, next.width = w.cost, w.cell
		}
	}
	return next
}

// one takes two intervals for the halves of a cell.
func (w *way) one(a, b float64) *way {
	const hidden = 0.35 // a saturated estimate may fall short of the cell by any factor up to two
	sum := a + b
	skew := math.Abs(a-b) / sum
	spread := evenness
	if w.saturated && sum > w.cell {
		spread = hidden
	}
	return &way{
		before: w, bit: 1, width: sum, skew: skew, saturated: w.saturated,
		cell: w.cell + carry*(sum-w.cell),
		cost: w.cost + off(sum/w.cell, spread) + skew*skew/(evenness*evenness),
	}
}

// flaw takes an interval for noise, or for a gap that swallowed cells.
func (w *way) flaw(d float64) *way {
	n := max(1, min(longestGap, int(d/w.cell+0.5)))
	return &way{before: w, bit: lost, width: w.cell, skew: 1, lost: n, cell: w.cell, cost: w.cost + flawCost}
}

// from goes on behind a flaw with another estimate of the cell.
func (w *way) from(cell float64) *way {
	next := *w
	next.cell, next.cost = cell, w.cost+flawCost/2
	return &next
}

// off is what a ratio that should be one costs.
func off(ratio, spread float64) float64 {
	v := math.Log(ratio) / spread
	return v * v
}

// cells writes the way down from its start.
func (w *way) cells() cells {
	var c cells
	for ; w.before != nil; w = w.before {
		n := 1
		switch w.bit {
		case half:
			continue
		case lost:
			c.flaws++
			n = w.lost
		}
		for range n {
			c.bits, c.width, c.skew = append(c.bits, w.bit), append(c.width, w.width), append(c.skew, w.skew)
		}
	}
	return c.backwards()
}

// ceilingOf finds where a reader's counter of intervals ends, if it came there: its
// longest count then stands in a capture again and again (a MAKStripe's is 511). 0 is
// nowhere.
func ceilingOf(intervals []float64) float64 {
	const often = 3
	longest, times := 0.0, 0
	for _, d := range intervals {
		switch {
		case d > longest:
			longest, times = d, 1
		case d == longest:
			times++
		}
	}
	if times < often {
		return 0
	}
	return longest
}
