package magstripe

import "slices"

// DecodeSamples decodes a recording: one channel per track, or copies of one, or
// silence; which track a channel holds is told from its content, else from its
// place. Swipes divided by silence give one report each, in order. A recording
// without any flux gives one report in which every track is blank.
func DecodeSamples(channels [][]float64, rate float64, opts Options) []Report {
	var reports []Report
	windows := swipes(channels, rate)
	for i := 0; i < len(windows); i++ {
		w := windows[i]
		whole := decodeWindow(channels, rate, w.from, w.to, opts)
		for i+1 < len(windows) && windows[i+1].from-w.to < int(restart*rate) {
			next := decodeWindow(channels, rate, windows[i+1].from, windows[i+1].to, opts)
			if !stalled(whole, next) {
				break
			}
			i++
		}
		reports = append(reports, decodePieces(channels, rate, w, whole, opts)...)
	}
	if len(reports) == 0 {
		reports = []Report{report([3]measured{{Track: Track{Number: 1}}, {Track: Track{Number: 2}}, {Track: Track{Number: 3}}}, bandwidthOf(rate))}
	}
	return reports
}

// bandwidthOf is what a recording can follow: what its rate gives, or a head's front end.
func bandwidthOf(rate float64) float64 { return min(defaultBandwidth, rate/4) }

// decodePieces returns whole, or, if its parts between short pauses are more than
// one good swipe, those.
func decodePieces(channels [][]float64, rate float64, w window, whole []measured, opts Options) []Report {
	if len(w.pauses) > 0 {
		var reports []Report
		from := w.from
		for _, to := range append(slices.Clone(w.pauses), w.to) {
			r := reportOn(decodeWindow(channels, rate, from, to, opts), rate)
			if r.Verdict == VerdictOK {
				reports = append(reports, r)
			}
			from = to
		}
		if len(reports) > 1 {
			return reports
		}
	}
	r := reportOn(whole, rate)
	if blank(r) {
		return nil
	}
	return []Report{r}
}

// restart is how long a hand may stand still before it counts as another swipe.
const restart = 2.0 // seconds

// stalled tells a card that stood still from two swipes, and marks its tracks: they
// broke off, and what came then has no start.
func stalled(first, second []measured) bool {
	brokeOff := false
	for i := range first {
		if first[i].Status == StatusOK || second[i].Status == StatusOK || second[i].good > 0 {
			return false
		}
		brokeOff = brokeOff || first[i].Status == StatusNoEnd && second[i].Status == StatusNoStart
	}
	for i := range first {
		first[i].stopped = first[i].stopped || brokeOff
	}
	return brokeOff
}

// blank reports whether there was nothing on any track.
func blank(r Report) bool {
	for _, t := range r.Tracks {
		if t.Status != StatusBlank {
			return false
		}
	}
	return true
}

// silent is the part of the loudest channel under which a channel holds no track.
const silent = 0.03

// decodeWindow decodes every channel of one swipe.
func decodeWindow(channels [][]float64, rate float64, from, to int, opts Options) []measured {
	loudest := 0.0
	sizes := make([]float64, len(channels))
	for i, c := range channels {
		c = c[min(from, len(c)):min(to, len(c))]
		sizes[i] = tallest(c, rate)
		loudest = max(loudest, sizes[i])
	}
	out := make([]measured, len(channels))
	for i, c := range channels {
		if sizes[i] > silent*loudest {
			out[i] = decodeChannel(c[min(from, len(c)):min(to, len(c))], rate, opts)
		}
	}
	return out
}

// decodeChannel tries the signal in its likelier shape, then in the other, then
// both again without what is slow (hum) and without what is quick (hiss).
func decodeChannel(samples []float64, rate float64, opts Options) measured {
	var best, first measured
	shapes := []Shape{opts.Shape}
	if opts.Shape == ShapeAuto {
		shapes = guess(samples, rate)
	}
	for _, treat := range treatments {
		s := signal{samples: treat(samples, rate), rate: rate}
		s.floor = 0.2 * tallest(s.samples, rate)
		for _, shape := range shapes {
			f := s.pulses
			if shape == ShapeSquare {
				f = s.edges
			}
			m := measure(f(), opts)
			if first.Number == 0 {
				first = m
			}
			if best.Number == 0 || m.better(&best) {
				best = m
			}
			if best.Status == StatusOK {
				if shape == ShapePulse && best.Speed < tooSlow {
					best.Status, best.Data = StatusNoStart, ""
				}
				return best
			}
		}
	}
	if first.noise(samples, rate) {
		best.Status = StatusBlank
	}
	return best
}

// noise tells a channel that holds nothing but noise: it never falls silent, its
// intervals are hardly longer than samples, and no swing is like the next.
func (m *measured) noise(samples []float64, rate float64) bool {
	sizes := swings(samples, rate)
	return len(sizes) > 0 && sizes[len(sizes)/10] > 0.4*livelier(sizes) &&
		m.rough > 0.2 && quantile(m.width, 0.5)*rate < 12
}
