package magstripe

import (
	"math"
	"slices"
)

// extreme is a turning point of a signal: one per flux transition, in a head's
// pulses; one per level, in a square wave.
type extreme struct {
	first, last int     // samples of the turning point, apart when it is flat
	value       float64 // of the signal there
}

// follow is the part of the recent swing by which a signal must turn back before
// a turning point counts. Readers for cards live with a third of the amplitude.
const follow = 0.35

// turns returns the turning points of s, maxima and minima in turn. A front end's
// gain control is in it: what counts as a swing follows the recent swings, but
// never falls under floor, the smallest swing (peak to peak) that is lifted.
//
// Working with swings instead of heights, it does not see DC or hum.
func turns(s []float64, floor float64, dst []extreme) []extreme {
	dst = dst[:0]
	if len(s) == 0 {
		return dst
	}
	recent := floor
	threshold := follow * recent
	high, low := extreme{0, 0, s[0]}, extreme{0, 0, s[0]}
	direction := 0 // of the turn awaited: +1 a maximum, -1 a minimum, 0 either
	interval, at := 0, 0
	accept := func(e extreme) {
		if len(dst) > 0 {
			swing := math.Abs(e.value - dst[len(dst)-1].value)
			rate := 0.15 // gain rises slowly and falls quickly
			if swing > recent {
				rate = 0.5
			}
			recent = max(floor, recent+rate*(swing-recent))
			interval = e.first - at
		}
		threshold = follow * recent
		at = e.first
		dst = append(dst, e)
	}
	for n, v := range s {
		if interval > 0 && n-at > 16*interval { // silence: the gain comes back
			recent = max(floor, recent/2)
			threshold = follow * recent
			at += 8 * interval
		}
		if direction >= 0 {
			if v > high.value {
				high = extreme{n, n, v}
			} else if v == high.value && n == high.last+1 {
				high.last = n
			} else if high.value-v > threshold {
				accept(high)
				direction, low = -1, extreme{n, n, v}
				continue
			}
		}
		if direction <= 0 {
			if v < low.value {
				low = extreme{n, n, v}
			} else if v == low.value && n == low.last+1 {
				low.last = n
			} else if v-low.value > threshold {
				accept(low)
				direction, high = +1, extreme{n, n, v}
			}
		}
	}
	return dst
}

// crown is the part of a swing under a peak between whose flanks the peak is: a
// recorder may have cut its top off, and noise moves the top more than the flanks.
const crown = 0.06

// peakTimes returns where the turning points are, in samples, between samples too.
func peakTimes(s []float64, es []extreme) []float64 {
	times := make([]float64, len(es))
	for i, e := range es {
		swing := math.Inf(1)
		if i > 0 {
			swing = math.Abs(e.value - es[i-1].value)
		}
		if i+1 < len(es) {
			swing = min(swing, math.Abs(e.value-es[i+1].value))
		}
		depth := crown * swing
		times[i] = (flank(s, e.first, -1, e.value, depth) + flank(s, e.last, +1, e.value, depth)) / 2
	}
	return times
}

// flank returns where the signal leaves a peak by depth, going from sample n in a direction.
func flank(s []float64, n, step int, peak, depth float64) float64 {
	for m := n + step; m >= 0 && m < len(s); m += step {
		if off := math.Abs(s[m] - peak); off > depth {
			before := math.Abs(s[m-step] - peak)
			return float64(m-step) + float64(step)*(depth-before)/(off-before)
		}
	}
	return float64(n)
}

// edgeTimes returns where the signal crosses the middle between one turning point
// and the next, in samples: the flips of a square wave, whatever its offset, its
// slopes and its droop.
func edgeTimes(s []float64, es []extreme) []float64 {
	if len(es) < 2 {
		return nil
	}
	times := make([]float64, 0, len(es)-1)
	for i := range es[1:] {
		from, to := es[i], es[i+1]
		middle := (from.value + to.value) / 2
		rising := to.value > from.value
		at := float64(to.first)
		for n := from.last; n < to.first; n++ {
			if (s[n+1] > middle) == rising && s[n+1] != middle || n+1 == to.first {
				at = float64(n) + (middle-s[n])/(s[n+1]-s[n])
				break
			}
		}
		times = append(times, at)
	}
	return times
}

// swings returns how large a signal is, peak to peak, in each stretch of 2 ms,
// smallest first.
func swings(s []float64, rate float64) []float64 {
	block := max(4, int(rate*0.002))
	sizes := make([]float64, 0, len(s)/block+1)
	for len(s) > 0 {
		n := min(block, len(s))
		sizes = append(sizes, slices.Max(s[:n])-slices.Min(s[:n]))
		s = s[n:]
	}
	slices.Sort(sizes)
	return sizes
}

// livelier is the size of a livelier stretch, so that neither silence nor a single
// click decides.
func livelier(sizes []float64) float64 {
	if len(sizes) == 0 {
		return 0
	}
	return sizes[max(0, len(sizes)-5)]
}

// tallest returns the size of a signal, peak to peak.
func tallest(s []float64, rate float64) float64 { return livelier(swings(s, rate)) }

// quantile returns the value below which a part q of the values lies, 0 for none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
