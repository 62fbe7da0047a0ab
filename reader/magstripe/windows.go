package magstripe

import "slices"

// window is a stretch of samples in which there is flux, [from, to), and the
// pauses in it that are too short to part swipes for certain.
type window struct {
	from, to int
	pauses   []int // middle of each
}

// shortPause may part swipes that were recorded closely.
const shortPause = 0.04

// swipes finds where in a recording there is flux.
func swipes(channels [][]float64, rate float64) []window {
	var times []int
	length := 0
	loudest := 0.0
	quick := make([][]float64, len(channels))
	sizes := make([][]float64, len(channels))
	for i, c := range channels {
		length = max(length, len(c))
		quick[i] = lowCut(c, rate)
		sizes[i] = swings(quick[i], rate)
		loudest = max(loudest, livelier(sizes[i]))
	}
	for i, c := range quick {
		top := livelier(sizes[i])
		if top == 0 || top < silent*loudest {
			continue
		}
		quiet := sizes[i][len(sizes[i])/10]
		least := max(0.03*top, min(0.25*top, 3.5*quiet))
		for _, e := range turns(c, least/follow, nil) {
			times = append(times, e.first)
		}
	}
	slices.Sort(times)
	return split(times, length, rate)
}

// longest is how many seconds a swipe is looked at: what lasts longer is noise.
const longest = 20.0

// split groups transitions into windows at pauses as long as a front end takes to
// think the card gone.
func split(times []int, length int, rate float64) []window {
	gone, short := int(presentFor*rate), int(shortPause*rate)
	margin := int(0.1 * rate)
	var out []window
	for i := 0; i < len(times); {
		w := window{from: times[i]}
		j := i + 1
		for j < len(times) && times[j]-times[j-1] <= gone {
			if times[j]-times[j-1] > short {
				w.pauses = append(w.pauses, (times[j]+times[j-1])/2)
			}
			j++
		}
		if j-i >= cardPresent {
			before, after := 0, length
			if i > 0 {
				before = (times[i-1] + times[i]) / 2
			}
			if j < len(times) {
				after = (times[j-1] + times[j]) / 2
			}
			w.from, w.to = max(before, w.from-margin), min(after, times[j-1]+margin)
			w.to = min(w.to, w.from+int(longest*rate))
			out = append(out, w)
		}
		i = j
	}
	return out
}
