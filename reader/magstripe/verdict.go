package magstripe

const (
	// slowest is the speed in cm/s under which front ends lose a track: MagTek's F2F
	// chip wants 150 bit/s, which is 5 cm/s on track 2.
	slowest = 5.0
	// followed is how short a half cell may be, in parts of 1/bandwidth, before its
	// pulses melt into their neighbours.
	followed = 0.35
	// weak is the amplitude, 1 being a new card's, under which a stripe is called worn.
	weak = 0.37
	// wholeCard is the part of a card's cells that has to pass to be called a swipe.
	wholeCard = 0.85
)

// report judges the tracks of a swipe.
func report(tracks [3]measured, bandwidth float64) Report {
	var r Report
	best := &tracks[0]
	for i := range tracks {
		r.Tracks[i] = tracks[i].Track
		if t := &tracks[i]; t.trusted() > best.trusted() {
			best = t
		}
	}
	r.Speed, r.Amplitude = best.Speed, best.Amplitude
	r.Verdict = judge(tracks[:], best, bandwidth)
	return r
}

// trusted ranks tracks by how far their measurements can be believed: track 2 has
// the widest cells.
func (m *measured) trusted() int {
	switch {
	case m.Status == StatusOK:
		return 20 - m.Number%2
	case m.clock > 0:
		return 10 - m.Number%2
	case m.Speed > 0:
		return 5 - m.Number%2
	}
	return 0
}

// judge names the reason, the likeliest first.
func judge(tracks []measured, best *measured, bandwidth float64) Verdict {
	lost := tracks[:0:0]
	read := 0
	for _, t := range tracks {
		switch t.Status {
		case StatusOK:
			read++
		case StatusBlank:
		default:
			lost = append(lost, t)
		}
	}
	if len(lost) == 0 {
		if read > 0 {
			return VerdictOK
		}
		return VerdictUnreadable
	}
	reasons := []struct {
		verdict Verdict
		holds   func(t measured) bool
	}{
		{VerdictTooFast, func(t measured) bool {
			half := layouts[t.Number-1].cell() / 2
			return half/(best.fastest()*10) < followed/bandwidth
		}},
		{VerdictTooSlow, func(t measured) bool {
			return t.stopped || best.Slowest > 0 && best.Slowest < slowest || t.unlifted && best.Amplitude > 0.75*best.fullness()
		}},
		{VerdictWorn, func(t measured) bool {
			return best.calibrated && best.Amplitude < weak*best.fullness() || t.unlifted || t.rough > t.roughness()
		}},
		{VerdictPartial, measured.partial},
	}
	for _, reason := range reasons {
		for _, t := range lost {
			if reason.holds(t) {
				return reason.verdict
			}
		}
	}
	return VerdictUnreadable
}

// fastest is the fastest momentary speed in cm/s. Where not even clock bits were
// recognised, it is that of a whole card in the time of the passage.
func (m *measured) fastest() float64 {
	if m.Status != StatusOK && m.clock == 0 && m.passage > 0 {
		return max(m.Fastest, cardLength/10/m.passage)
	}
	return m.Fastest
}

// roughness is how uneven the swings of a good stripe may be. At 210 bpi pulses
// reach into each other, so that ones are smaller than zeros.
func (m *measured) roughness() float64 {
	if m.Number == 2 {
		return 0.04
	}
	return 0.085
}

// fullness is the part of its amplitude that a pulse keeps among its neighbours.
func (m *measured) fullness() float64 {
	if m.Number == 2 {
		return 1
	}
	return 0.7
}

// partial tells a card that left the head too early, or came to it too late.
func (m measured) partial() bool {
	whole := cardLength / layouts[m.Number-1].cell()
	return m.Status == StatusNoEnd || float64(len(m.bits)) < wholeCard*whole
}
