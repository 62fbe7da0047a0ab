package ledger

import (
	"math"
	"math/bits"
)

// wide is a signed 128-bit sum: no list of int64 that fits in memory overflows it.
type wide struct{ hi, lo uint64 }

// plus returns w+n.
func (w wide) plus(n int64) wide {
	lo, carry := bits.Add64(w.lo, uint64(n), 0)
	hi, _ := bits.Add64(w.hi, uint64(n>>63), carry)
	return wide{hi, lo}
}

// narrow returns the sum, or the end of int64 that it lies beyond, and true.
func (w wide) narrow() (n int64, over bool) {
	switch n = int64(w.lo); {
	case w.hi == uint64(n>>63):
		return n, false
	case int64(w.hi) < 0:
		return math.MinInt64, true
	}
	return math.MaxInt64, true
}
