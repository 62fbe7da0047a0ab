package magstripe

import (
	"math"
	"math/rand/v2"
)

// Head is a magnetic head and the front end and decoder behind it. The zero value
// is a usual three-track reader that decodes both directions.
type Head struct {
	Bandwidth   float64 // Hz, -3 dB of the front end; 0 is 7000. It decides what is too fast
	Noise       float64 // rms of the electronics, 1 is a new card's peak at 40 cm/s; 0 is 0.004, negative none
	Floor       float64 // smallest peak the gain control lifts to full size, same unit; 0 is 0.15
	Rate        float64 // samples a second; 0 is 96000, less for a slow hand
	ForwardOnly bool    // cannot read a card swiped backwards
}

const (
	defaultBandwidth = 7000.0 // Hz
	referenceSpeed   = 400.0  // mm/s at which an isolated pulse of a new card has amplitude 1
	pulseWidth       = 0.022  // mm from a new card's pulse centre to half its height
	pulseReach       = 8      // half widths after which a pulse is over
	offset           = 0.02   // DC of the amplifier
)

// withDefaults fills in what was left zero.
func (h Head) withDefaults() Head {
	fill := func(p *float64, value float64) {
		if *p == 0 || math.IsNaN(*p) {
			*p = value
		}
	}
	fill(&h.Bandwidth, defaultBandwidth)
	fill(&h.Noise, 0.004)
	fill(&h.Floor, 0.15)
	if !(h.Rate > 0) {
		h.Rate = 0
	} else {
		h.Rate = max(8000, min(768000, h.Rate))
	}
	h.Noise = max(0, h.Noise)
	h.Bandwidth = max(100, h.Bandwidth)
	return h
}

// signal returns what the front end delivers of one track on a path:
//
//	e(t) = v(t) * sum(s_i / (1 + ((x(t) - x_i)/w)^2)), then noise, then the low-pass
//
// Amplitude grows with speed because the head sees flux per time. Wear makes the
// distance between stripe and head larger, and with it w.
func (h Head) signal(s *Stripe, track int, p path, rng *rand.Rand) []float64 {
	out := make([]float64, len(p.x))
	if flux := s.seen(track, rng); len(flux) > 0 {
		induce(out, flux, pulseWidth*(1+s.wear()), p)
	}
	kernel := gaussian(h.Rate * math.Sqrt(math.Ln2) / (2 * math.Pi * h.Bandwidth))
	if h.Noise > 0 {
		power := 0.0
		for _, k := range kernel {
			power += k * k
		}
		sigma := h.Noise / math.Sqrt(power)
		for i := range out {
			out[i] += offset + sigma*rng.NormFloat64()
		}
	}
	return convolve(out, kernel)
}

// induce adds the head's voltage to out. Both ends of the pulses in reach follow
// the head, whichever way it goes.
func induce(out []float64, flux []transition, w float64, p path) {
	reach := w * pulseReach
	pedestal := 1 / (1 + pulseReach*pulseReach*1.0) // makes the pulse end at zero instead of in a step
	lo, hi := 0, 0                                  // flux[lo:hi] is in reach
	for n, x := range p.x {
		if p.v[n] == 0 {
			continue
		}
		for hi < len(flux) && flux[hi].at < x+reach {
			hi++
		}
		for hi > 0 && flux[hi-1].at >= x+reach {
			hi--
		}
		for lo < len(flux) && flux[lo].at <= x-reach {
			lo++
		}
		for lo > 0 && flux[lo-1].at > x-reach {
			lo--
		}
		sum := 0.0
		for _, f := range flux[min(lo, hi):hi] {
			d := (x - f.at) / w
			sum += f.strength * (1/(1+d*d) - pedestal)
		}
		out[n] += sum * p.v[n] / referenceSpeed
	}
}
