package magstripe

// reportOn says which channel holds which track and judges the swipe.
func reportOn(channels []measured, rate float64) Report {
	var tracks [3]measured
	taken := [3]bool{}
	put := func(m measured, number int) {
		m.renumber(number)
		tracks[number-1], taken[number-1] = m, true
	}
	for i := range tracks {
		tracks[i].Number = i + 1
	}
	for _, m := range channels {
		switch {
		case m.given > 0:
			put(m, m.given)
		case m.Status == StatusOK && m.alphabet == &alpha && !taken[0]:
			put(m, 1)
		}
	}
	for _, m := range channels {
		if m.given == 0 && m.Status == StatusOK && m.alphabet == &numeric {
			number := m.numericTrack(&tracks[0])
			if taken[number-1] && tracks[number-1].Data != m.Data {
				number = 5 - number
			}
			if !taken[number-1] {
				put(m, number)
			}
		}
	}
	for i, m := range channels {
		if m.given > 0 || m.Status == StatusOK || m.Status == StatusBlank {
			continue
		}
		number := i + 1
		if len(channels) == 1 {
			number = m.likelyTrack()
		}
		if number <= 3 && !taken[number-1] {
			put(m, number)
		}
	}
	return report(tracks, bandwidthOf(rate))
}

// numericTrack tells track 2 from track 3: beside track 1 by density, 75 or 210
// bits an inch, alone by what fits on track 2.
func (m *measured) numericTrack(first *measured) int {
	if first.Status == StatusOK && m.Speed > 0 {
		mean, _, _ := m.reading.pace()
		other, _, _ := first.reading.pace()
		if mean < 1.7*other {
			return 3
		}
		return 2
	}
	return m.reading.number()
}

// likelyTrack guesses what a lone channel holds that was not understood: where no
// sentinel tells, more flux than track 2 has room for is track 1.
func (m *measured) likelyTrack() int {
	if m.good == 0 && m.seen > 2*int(cardLength/layouts[1].cell()) {
		return 1
	}
	return m.reading.number()
}

// renumber moves a measurement to a track, whose density gives its speed.
func (m *measured) renumber(number int) {
	t := m.reading.track(number, 1)
	t.Status, t.Data, t.Amplitude = m.Status, m.Data, m.Amplitude
	m.Track = t
}
