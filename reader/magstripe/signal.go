package magstripe

import "math"

// Shape is what the samples of a channel look like.
type Shape uint8

// The shapes of a signal. The zero value is told from the signal.
const (
	ShapeAuto   Shape = iota
	ShapePulse        // a head's: one peak per flux transition, of alternating polarity
	ShapeSquare       // an encoder's: the level flips at every flux transition
)

// signal is one channel of one swipe on its way to intervals.
type signal struct {
	samples []float64
	rate    float64 // samples a second
	floor   float64 // smallest swing that is lifted
}

// flux is the transitions seen in a signal.
type flux struct {
	times []float64 // seconds
	swing float64   // median, peak to peak
	rough float64   // difference of a swing from its neighbours, in the mean, in parts of a swing
	noise float64   // turning points that only a more sensitive look sees, per one of the others
}

// intervals are the times between transitions.
func (f flux) intervals() []float64 {
	if len(f.times) < 2 {
		return nil
	}
	out := make([]float64, len(f.times)-1)
	for i := range out {
		out[i] = f.times[i+1] - f.times[i]
	}
	return out
}

// pulses finds the transitions of a head's signal. A first look tells how long a
// half cell is; the second is on samples smoothed or interpolated to suit.
func (s signal) pulses() flux {
	es := turns(s.samples, s.floor, nil)
	if len(es) < 3 {
		return flux{}
	}
	s = s.suited(halfCell(es))
	es = turns(s.samples, s.floor, es)
	return s.flux(es, peakTimes(s.samples, es))
}

// edges finds the transitions of a square wave. Interpolation would ring at its
// flips; smoothing wide cells takes hiss off.
func (s signal) edges() flux {
	es := turns(s.samples, s.floor, nil)
	if len(es) < 3 {
		return flux{}
	}
	if half := halfCell(es); half > 12 {
		s.samples = smooth(s.samples, half/12)
		es = turns(s.samples, s.floor, es)
	}
	return s.flux(es, edgeTimes(s.samples, es))
}

// suited brings a signal to some ten samples per half cell and takes off what is
// finer than a tenth of it.
func (s signal) suited(half float64) signal {
	switch {
	case half < 7:
		factor := int(min(8, math.Ceil(12/max(1, half))))
		s.samples = interpolate(s.samples, factor)
		s.rate *= float64(factor)
	case half > 10:
		s.samples = smooth(s.samples, half/9)
	}
	return s
}

// halfCell is the time of a half cell in samples: that of the shorter intervals
// between turning points.
func halfCell(es []extreme) float64 {
	gaps := make([]float64, len(es)-1)
	for i := range gaps {
		gaps[i] = float64(es[i+1].first - es[i].first)
	}
	return quantile(gaps, 0.15)
}

// flux sums up what was seen: the times, and how large and how regular the swings are.
func (s signal) flux(es []extreme, times []float64) flux {
	f := flux{times: times}
	for i := range f.times {
		f.times[i] /= s.rate
	}
	if len(es) < 3 {
		return f
	}
	swings := make([]float64, len(es)-1)
	for i := range swings {
		swings[i] = math.Abs(es[i+1].value - es[i].value)
	}
	f.swing = quantile(swings, 0.5)
	f.rough = rough(swings)
	return f
}

// rough is how much swings differ from the mean of their neighbours, in the mean.
func rough(swings []float64) float64 {
	sum, total := 0.0, 0.0
	for i := 1; i+1 < len(swings); i++ {
		sum += math.Abs(swings[i] - (swings[i-1]+swings[i+1])/2)
		total += swings[i]
	}
	return sum / max(total, 1e-12)
}
