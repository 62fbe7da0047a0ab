package magstripe

import (
	"math"
	"slices"
)

// Options say what is known before decoding. The zero value knows nothing.
type Options struct {
	Track       int     // 1 to 3; 0 is told from the content
	Shape       Shape   // of samples; ShapeAuto is told from the signal
	Tick        float64 // seconds per unit of an interval; 0 leaves speed unknown
	ForwardOnly bool    // a card swiped backwards fails
}

// cardPresent is the number of flux reversals that a front end takes for a card
// (MagTek F2F chips: 14 to 15). Fewer are a blank track.
const cardPresent = 14

// reading is the best that was made of one track's intervals.
type reading struct {
	frame
	cells
	direction Direction
	seen      int // intervals
}

// DecodeIntervals decodes flux intervals (any unit) of one swipe of one track, in
// the order in which the head saw them. Intervals that are not positive are left out.
func DecodeIntervals(intervals []float64, opts Options) Track {
	r := decode(intervals, opts)
	r.retrace(intervals, opts)
	return r.track(opts.Track, opts.Tick)
}

// DecodeBits decodes the bits of one track (0 and 1), in the order in which the
// head saw them.
func DecodeBits(bits []byte, opts Options) Track {
	r := decodeBits(bits, opts)
	return r.track(opts.Track, 0)
}

func decodeBits(bits []byte, opts Options) reading {
	clean := make([]byte, len(bits))
	for i, b := range bits {
		clean[i] = b & 1
	}
	best := reading{frame: frame{status: StatusBlank}, cells: cells{bits: clean}}
	seen := cells{bits: clean}
	best.try(seen, Forward, opts)
	if !opts.ForwardOnly && best.status != StatusOK {
		best.try(seen.backwards(), Reverse, opts)
	}
	best.turn(opts)
	return best
}

// decode tries every rule, in both directions of time where the reader can: a
// clock is found at either end of a track, for there are zeros at both.
func decode(intervals []float64, opts Options) reading {
	intervals = positive(intervals)
	best := reading{frame: frame{status: StatusBlank}, seen: len(intervals)}
	if len(intervals) < cardPresent {
		return best
	}
	reversed := backwards(intervals)
	for _, rule := range rules {
		ahead := rule.read(intervals)
		best.try(ahead, Forward, opts)
		if !opts.ForwardOnly && best.status != StatusOK {
			back := rule.read(reversed)
			best.try(back, Reverse, opts)
			if best.status != StatusOK {
				best.try(back.backwards(), Forward, opts)
			}
			if best.status != StatusOK {
				best.try(ahead.backwards(), Reverse, opts)
			}
		}
		if best.status == StatusOK {
			break
		}
	}
	return best
}

// positive leaves out what is no interval.
func positive(intervals []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(intervals), func(d float64) bool { return !(d > 0) || math.IsInf(d, 0) })
}

// try keeps what cells in card order give, if it is better than what there was.
func (r *reading) try(c cells, direction Direction, opts Options) {
	for _, a := range alphabetsOf(opts.Track) {
		f := a.find(c.bits)
		if f.status == StatusOK && !c.believable(f) {
			f = frame{status: StatusNoStart, alphabet: a}
		}
		if r.alphabet == nil || f.better(r.frame) || r.status == StatusBlank && f.status != StatusBlank {
			r.frame, r.cells, r.direction = f, c, direction
		}
	}
}

// believable tells a track that parity and LRC call right from one that is: enough
// tries at garbage give a short track now and then, and two transitions lost on a
// worn one may pass for other characters. A card's cells do not jump.
func (c cells) believable(f frame) bool {
	mean, worst := c.uneven(f.from, f.to)
	if worst > 0.3 && worst > 5*mean {
		return false // an even track with a leap in it
	}
	switch {
	case f.good < 8:
		return mean < 0.12
	case f.good < long:
		return mean < 0.2
	}
	return mean < 0.4 // an encoder with 6 samples a bit gives a one 2 of them and a zero 3
}

func alphabetsOf(track int) []*alphabet {
	switch track {
	case 1:
		return []*alphabet{&alpha}
	case 2, 3:
		return []*alphabet{&numeric}
	}
	return []*alphabet{&numeric, &alpha}
}

// number tells which track a reading is of when nobody said so: the alphabet tells
// track 1 from the others, and what does not fit on track 2 is on track 3.
func (r *reading) number() int {
	switch {
	case r.alphabet == &alpha && r.good > 0:
		return 1
	case r.good+1 > layouts[1].capacity:
		return 3
	}
	return 2
}

// track reports a reading. tick is the seconds of a unit of the intervals.
func (r *reading) track(number int, tick float64) Track {
	if number < 1 || number > 3 {
		number = r.number()
	}
	t := Track{Number: number, Status: r.status, Data: r.data, Bits: bitsOf(r.bits), Direction: r.direction}
	mean, least, most := r.pace()
	if tick > 0 && mean > 0 {
		cm := layouts[number-1].cell() / 10
		t.Speed, t.Slowest, t.Fastest = cm/(mean*tick), cm/(most*tick), cm/(least*tick)
	}
	return t
}
