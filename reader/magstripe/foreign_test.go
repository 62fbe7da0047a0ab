package magstripe

import (
	"math"
	"math/rand/v2"
)

// What other people's programs do, written from their published behaviour and not
// from this package: an encoder in the manner of cmsb/cab (bits as text, LRC over
// all characters given, a level that flips at every transition) and a decoder in
// the manner of dab and dmsb (threshold, peaks, intervals within 60 % of the clock).

// foreignBits encodes text with its sentinels, LRC and zeros as a string of 0 and 1.
func foreignBits(text string, bits int, zeros int) string {
	base := map[int]int{5: 48, 7: 32}[bits]
	var columns [6]int
	out := ""
	for range zeros {
		out += "0"
	}
	char := func(v int) {
		ones := 0
		for i := range bits - 1 {
			bit := v >> i & 1
			ones += bit
			out += string(rune('0' + bit))
		}
		out += string(rune('0' + (ones+1)%2))
	}
	for _, c := range text {
		for i := range columns {
			columns[i] = (columns[i] + (int(c)-base)>>i&1) % 2
		}
		char(int(c) - base)
	}
	lrc := 0
	for i, column := range columns {
		lrc |= column << i
	}
	char(lrc)
	for range zeros {
		out += "0"
	}
	return out
}

// foreignSquare writes bits as a square wave of whole samples, as cab does: a zero
// is perBit/2 samples at one level, a one twice perBit/4.
func foreignSquare(bits string, perBit int) []float64 {
	out := make([]float64, 20)
	level := 1.0
	hold := func(n int) {
		level = -level
		for range n {
			out = append(out, level)
		}
	}
	for _, b := range bits {
		if b == '1' {
			hold(perBit / 4)
			hold(perBit / 4)
		} else {
			hold(perBit / 2)
		}
	}
	return out
}

// timedSquare writes bits as a square wave whose cell (in samples, not whole) may
// change along the track: cell(u), u from 0 to 1.
func timedSquare(bits string, cell func(u float64) float64) []float64 {
	out := make([]float64, 50)
	level, at := 1.0, 50.0
	until := func(t float64) {
		at += t
		for float64(len(out)) < at {
			out = append(out, level)
		}
		level = -level
	}
	for i, b := range bits {
		c := cell(float64(i) / float64(len(bits)))
		if b == '1' {
			until(c / 2)
			until(c / 2)
		} else {
			until(c)
		}
	}
	return append(out, make([]float64, 50)...)
}

// foreignPulses writes bits as Gaussian pulses of alternating sign, width in samples.
func foreignPulses(bits string, cell func(u float64) float64, width float64) []float64 {
	var times []float64
	at := 200.0
	for i, b := range bits {
		c := cell(float64(i) / float64(len(bits)))
		times = append(times, at)
		if b == '1' {
			times = append(times, at+c/2)
		}
		at += c
	}
	out := make([]float64, int(at)+200)
	for i, t := range times {
		sign := float64(1 - i%2*2)
		for n := int(t - 5*width); n <= int(t+5*width); n++ {
			if n >= 0 && n < len(out) {
				d := (float64(n) - t) / width
				out[n] += sign * math.Exp(-d*d/2)
			}
		}
	}
	return out
}

// foreignDecode is a decoder that has nothing in common with this package's: peaks
// above 30 % of the loudest sample, one a run, intervals within 60 % of the clock.
func foreignDecode(samples []float64) string {
	loudest := 0.0
	for _, v := range samples {
		loudest = max(loudest, math.Abs(v))
	}
	var peaks []int
	for i := 0; i < len(samples); {
		if math.Abs(samples[i]) < 0.3*loudest {
			i++
			continue
		}
		top := i
		for sign := samples[i] > 0; i < len(samples) && samples[i] > 0 == sign && math.Abs(samples[i]) >= 0.3*loudest; i++ {
			if math.Abs(samples[i]) > math.Abs(samples[top]) {
				top = i
			}
		}
		peaks = append(peaks, top)
	}
	near := func(v, want float64) bool { return v > 0.4*want && v < 1.6*want }
	out := ""
	if len(peaks) < 4 {
		return out
	}
	clock := float64(peaks[3] - peaks[2])
	for i := 3; i+1 < len(peaks); i++ {
		d := float64(peaks[i+1] - peaks[i])
		switch {
		case d < 0.75*clock && near(d, clock/2) && i+2 < len(peaks):
			out += "1"
			clock = float64(peaks[i+2] - peaks[i])
			i++
		case near(d, clock):
			out += "0"
			clock = d
		}
	}
	return out
}

func each(s []float64, f func(i int, v float64) float64) []float64 {
	out := make([]float64, len(s))
	for i, v := range s {
		out[i] = f(i, v)
	}
	return out
}

// spoils are what happens to recordings.
var spoils = map[string]func(s []float64, rate float64) []float64{
	"as it is": func(s []float64, _ float64) []float64 { return s },
	"inverted": func(s []float64, _ float64) []float64 {
		return each(s, func(_ int, v float64) float64 { return -v })
	},
	"backwards": func(s []float64, _ float64) []float64 { return backwards(s) },
	"quiet": func(s []float64, _ float64) []float64 {
		return each(s, func(_ int, v float64) float64 { return v * 0.01 })
	},
	"with DC": func(s []float64, _ float64) []float64 {
		return each(s, func(_ int, v float64) float64 { return 0.4 + v/2 })
	},
	"with hiss": func(s []float64, _ float64) []float64 {
		rng := rand.New(rand.NewPCG(1, 1))
		return each(s, func(_ int, v float64) float64 { return v + 0.04*rng.NormFloat64() })
	},
	"with hum": func(s []float64, rate float64) []float64 {
		return each(s, func(i int, v float64) float64 { return v + 0.5*math.Sin(2*math.Pi*50*float64(i)/rate) })
	},
	"8 bits": func(s []float64, _ float64) []float64 {
		return each(s, func(_ int, v float64) float64 { return math.Round(v*40) / 128 })
	},
	"clipped": func(s []float64, _ float64) []float64 {
		return each(s, func(_ int, v float64) float64 { return max(-0.4, min(0.4, v)) })
	},
	"after silence": func(s []float64, rate float64) []float64 {
		quiet := make([]float64, int(rate))
		return append(append(quiet, s...), quiet...)
	},
	"AC coupled": func(s []float64, rate float64) []float64 {
		mean := 0.0
		return each(s, func(_ int, v float64) float64 {
			mean += (v - mean) * 2 * math.Pi * 20 / rate
			return v - mean
		})
	},
	"with a click": func(s []float64, rate float64) []float64 {
		out := append(make([]float64, int(rate/2)), s...)
		out[100], out[101] = 1, -1
		return out
	},
}
