package magstripe

import "math"

// treatments are what is done to a recording before a decoder looks at it, in turn.
var treatments = []func(samples []float64, rate float64) []float64{
	func(samples []float64, _ float64) []float64 { return samples },
	lowCut,
	func(samples []float64, rate float64) []float64 { return smooth(samples, 60e-6*rate) },
	func(samples []float64, rate float64) []float64 { return smooth(samples, 250e-6*rate) },
}

// lowCut takes hum and drift off, by subtracting the mean of the 4 ms around.
func lowCut(samples []float64, rate float64) []float64 {
	if len(samples) == 0 {
		return nil
	}
	mean := make([]float64, len(samples))
	runningMean(mean, samples, max(1, int(0.002*rate)))
	for i, v := range samples {
		mean[i] = v - mean[i]
	}
	return mean
}

// guess puts the likelier shape first. Between two turning points a square wave is
// at one level or the other, hardly in the middle; pulses rest there or pass slowly.
func guess(samples []float64, rate float64) []Shape {
	es := turns(samples, 0.2*tallest(samples, rate), nil)
	middle, total := 0, 0
	for i := 1; i < len(es); i++ {
		a, b := es[i-1], es[i]
		half := math.Abs(a.value-b.value) / 2
		centre := (a.value + b.value) / 2
		for _, v := range samples[a.first:b.first] {
			total++
			if math.Abs(v-centre) < 0.35*half {
				middle++
			}
		}
	}
	if total > 0 && float64(middle) < 0.18*float64(total) {
		return []Shape{ShapeSquare, ShapePulse}
	}
	return []Shape{ShapePulse, ShapeSquare}
}
