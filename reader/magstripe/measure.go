package magstripe

import "slices"

// presentFor is how long a front end waits for the next reversal before it takes
// the card for gone (MagTek F2F chips: 150 ms).
const presentFor = 0.150

// tooSlow is the speed in cm/s under which a front end takes nothing for clock
// bits. Readers are rated from 5 to 8 cm/s (3 ips) on; this leaves them some room.
const tooSlow = 2.5

// measured is all that a reader knows of one track after a swipe: what was decoded,
// and what the signal was like. Verdicts come from it alone.
type measured struct {
	Track
	reading
	given      int     // the track it is on, where that was told
	passage    float64 // seconds from the first transition to the last
	stopped    bool    // the card stood still on the head: more flux came after it was taken for gone
	calibrated bool    // Amplitude is relative to a new card's
	unlifted   bool    // too low for the gain
	rough      float64 // as in flux
}

// measure decodes one channel of one swipe on a known or unknown track.
func measure(f flux, opts Options) measured {
	times, more := present(f.times)
	f.times = times
	r := decode(f.intervals(), opts)
	m := measured{Track: r.track(opts.Track, 1), reading: r, stopped: more}
	m.Amplitude, m.rough = f.swing/2, f.rough
	if len(times) > 1 {
		m.passage = times[len(times)-1] - times[0]
	}
	return m
}

// present returns the transitions until the card is taken for gone, and whether
// more came later. What is too short to be a card is skipped.
func present(times []float64) (first []float64, more bool) {
	for len(times) > 0 {
		end := 1
		for end < len(times) && times[end]-times[end-1] <= presentFor {
			end++
		}
		if end >= cardPresent || end == len(times) {
			return times[:end], len(times)-end >= cardPresent
		}
		times = times[end:]
	}
	return nil, false
}

// pace returns the mean and the extremes of the widths of cells, in the unit of the
// intervals. The extremes are over eight cells, so that jitter does not pass for
// speed. Of a track that was not understood, the clock bits before the data and
// what is usual count, for single cells may be anything.
func (r *reading) pace() (mean, least, most float64) {
	const over = 8
	widths := r.width
	if r.status == StatusOK && len(widths) >= r.to {
		widths = widths[r.from:r.to]
	}
	if len(widths) == 0 {
		return 0, 0, 0
	}
	window := min(over, len(widths))
	means := make([]float64, 0, len(widths))
	sum, total := 0.0, 0.0
	for i, w := range widths {
		sum += w
		total += w
		if i >= window {
			sum -= widths[i-window]
		}
		if i >= window-1 {
			means = append(means, sum/float64(window))
		}
	}
	if r.status == StatusOK {
		return total / float64(len(widths)), slices.Min(means), slices.Max(means)
	}
	mean, least, most = quantile(means, 0.5), quantile(means, 0.1), quantile(means, 0.9)
	if r.clock > 0 {
		least, most = min(least, r.clock), max(most, r.clock)
	}
	return mean, least, most
}

// better ranks two looks at one signal: first a right one; of failed ones, one that
// found the clock is a better witness, then one that got well into the characters,
// then the one that saw more.
func (m *measured) better(n *measured) bool {
	const convincing = 35 // bits
	if m.Status == StatusOK || n.Status == StatusOK {
		return n.Status != StatusOK
	}
	if clock := m.clock > 0; clock != (n.clock > 0) {
		return clock
	}
	if a, b := m.weight(), n.weight(); max(a, b) >= convincing {
		return a > b
	}
	return m.seen > n.seen
}
