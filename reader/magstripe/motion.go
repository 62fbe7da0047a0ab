package magstripe

import (
	"math"
	"math/rand/v2"
)

// path is where the head stands over the card (mm from its right edge), sample by
// sample, and how fast it moves there (mm/s, signed).
type path struct{ x, v []float64 }

// edge is how far before and behind the card a swipe starts and ends, in mm.
const edge = 2

// ease is the way in mm on which a hand stops and starts again.
const ease = 3

// leg is one movement of a hand in one direction.
type leg struct {
	from, to             float64 // mm of way, from the card's leading edge
	stopAtFrom, stopAtTo bool
	pause                float64 // seconds of rest afterwards
}

// move returns the path of a swipe at a sample rate, with silence (seconds) around it.
func (h Hand) move(rate, silence float64, rng *rand.Rand) path {
	speed := h.speedOver(rng)
	dt := 1 / rate
	legs := h.legs()
	size := int(rate * (2*silence + 1.3*(cardLength+2*edge)/h.mean()))
	p := path{x: make([]float64, 0, size), v: make([]float64, 0, size)}
	at := legs[0].from
	rest := func(seconds float64) {
		for range int(seconds * rate) {
			p.x, p.v = append(p.x, at), append(p.v, 0)
		}
	}
	rest(silence)
	for _, l := range legs {
		sign := 1.0
		if l.to < l.from {
			sign = -1
		}
		v := 0.0
		at = l.from
		for n := 0; (l.to-at)*sign > 0; n++ {
			if n%8 == 0 { // a hand changes by nothing in a few samples
				v = sign * speed(at) * l.ease(at)
			}
			p.x, p.v = append(p.x, at), append(p.v, v)
			at += v * dt
		}
		at = l.to
		rest(l.pause)
	}
	rest(silence)
	if h.Direction == Reverse {
		for i := range p.x {
			p.x[i], p.v[i] = cardLength-p.x[i], -p.v[i]
		}
	}
	return p
}

// legs returns the movements of the profile over the part of the card that passes.
func (h Hand) legs() []leg {
	from, to := h.From, h.To
	if from <= 0 {
		from = -edge
	}
	if to <= 0 || to >= cardLength {
		to = cardLength + edge
	}
	if from >= to {
		from = to - edge
	}
	middle := from + 0.6*(to-from)
	switch h.Profile {
	case ProfileStall:
		pause := min(10, h.Pause.Seconds())
		if pause <= 0 {
			pause = 0.4
		}
		return []leg{
			{from: from, to: middle, stopAtTo: true, pause: pause},
			{from: middle, to: to, stopAtFrom: true},
		}
	case ProfileReversal:
		back := middle - 0.2*(to-from)
		return []leg{
			{from: from, to: middle, stopAtTo: true, pause: 0.02},
			{from: middle, to: back, stopAtFrom: true, stopAtTo: true, pause: 0.02},
			{from: back, to: to, stopAtFrom: true},
		}
	}
	return []leg{{from: from, to: to}}
}

// ease is the part of the hand's speed left near a stop: constant deceleration.
func (l leg) ease(at float64) float64 {
	e := 1.0
	if l.stopAtFrom {
		e = min(e, math.Sqrt(math.Abs(at-l.from)/ease)+0.02)
	}
	if l.stopAtTo {
		e = min(e, math.Sqrt(math.Abs(l.to-at)/ease)+0.02)
	}
	return e
}

// mean is the mean speed in mm/s.
func (h Hand) mean() float64 {
	if h.Speed > 0 {
		return max(10, min(50000, h.Speed*10)) // a swipe of hours is no use to anyone
	}
	return referenceSpeed
}

// speedOver returns speed in mm/s as a function of the way in mm. A hand's rises
// like a quarter of a sine to its fastest point, late on the card, and then falls
// a little: the shape of recorded swipes, whose fastest is two to three times
// their slowest. Its mean over the time of the swipe is h.Speed.
func (h Hand) speedOver(rng *rand.Rand) func(float64) float64 {
	mean := h.mean()
	if h.Profile == ProfileConstant {
		return func(float64) float64 { return mean }
	}
	ratio := min(10, h.Ratio)
	if draw := 1.8 + 1.2*rng.Float64(); !(ratio >= 1) {
		ratio = draw
	}
	peak := 0.65 + 0.35*rng.Float64()
	shape := func(u float64) float64 {
		u = max(0, min(1, u))
		if u < peak {
			return 1 + (ratio-1)*math.Sin(math.Pi/2*u/peak)
		}
		fall := (u - peak) / 0.35
		return 1 + (ratio-1)*(1-0.3*fall*fall)
	}
	const steps = 256
	table := make([]float64, steps+2)
	time := 0.0
	for i := range table {
		table[i] = shape(float64(i) / steps)
		if i < steps {
			time += 1 / shape((float64(i)+0.5)/steps) / steps
		}
	}
	return func(way float64) float64 { return mean * time * between(table, way*(steps/cardLength)) }
}
