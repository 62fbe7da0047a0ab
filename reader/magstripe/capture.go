package magstripe

import (
	"math"
	"math/rand/v2"
)

// Capture is what a reader that sends flux makes of a swipe: of each track (index 0 is
// track 1) the times between the reversals that it saw, in seconds. A track that is
// blank, or too weak for the gain, has none.
func Capture(stripe Stripe, hand Hand, head Head, rng *rand.Rand) [3][]float64 {
	head = head.withDefaults()
	if head.Rate == 0 {
		head.Rate = 192000
	}
	p := hand.move(head.Rate, 0.002, rng)
	var out [3][]float64
	for i := range out {
		if len(stripe.flux[i]) > 0 {
			s := signal{samples: head.signal(&stripe, i+1, p, rng), rate: head.Rate, floor: 2 * head.Floor}
			out[i] = s.pulses().intervals()
		}
	}
	return out
}

// DecodeFlux decodes the flux of one swipe: of each list the times between reversals,
// in seconds, and the number of its track, 0 where it is told from the content. What
// breaks off or begins in the middle is decoded as far as it goes: see Track.Bits.
func DecodeFlux(lists [][]float64, numbers []int) Report {
	return decodeLists(len(lists), numbers, func(i int, opts Options) measured {
		f := flux{times: []float64{0}}
		for _, d := range positive(lists[i]) {
			f.times = append(f.times, f.times[len(f.times)-1]+d)
		}
		m := measure(f, opts)
		times, _ := present(f.times)
		f.times = times
		m.retrace(f.intervals(), opts)
		m.Track = m.reading.track(opts.Track, 1)
		return m
	})
}

// DecodeBitLists is DecodeFlux for the bits of tracks, 0 and 1.
func DecodeBitLists(lists [][]byte, numbers []int) Report {
	return decodeLists(len(lists), numbers, func(i int, opts Options) measured {
		m := measured{reading: decodeBits(lists[i], opts)}
		m.Track = m.reading.track(opts.Track, 0)
		return m
	})
}

// decodeLists decodes lists of known and of unknown tracks, and judges the swipe.
func decodeLists(n int, numbers []int, decode func(i int, opts Options) measured) Report {
	all := make([]measured, n)
	for i := range all {
		opts := Options{}
		if i < len(numbers) {
			opts.Track = numbers[i]
		}
		all[i] = decode(i, opts)
		all[i].given = opts.Track
	}
	return reportOn(all, math.Inf(1))
}

// retrace reads intervals once more from the first to the last, and keeps that where
// it is right, or where nothing is.
func (r *reading) retrace(intervals []float64, opts Options) {
	intervals = positive(intervals)
	const most = 4096 // a card has under 1,500 flux reversals on a track
	if len(intervals) < 2 || len(intervals) > most || r.status == StatusOK && r.cells.spans() >= len(intervals) {
		return
	}
	best := traced(intervals, 0, opts)
	if ceiling := ceilingOf(intervals); ceiling > 0 {
		if again := traced(intervals, ceiling, opts); again.surer(&best, opts) {
			best = again
		}
	}
	switch {
	case best.status == StatusOK && (r.status != StatusOK || r.data == best.data && len(best.bits) > len(r.bits)):
		best.clock, best.seen = r.clock, r.seen
		*r = best
	case r.status != StatusOK && (r.status != StatusBlank || hasOne(best.bits)):
		frame, direction := r.frame, r.direction
		if best.frame.better(frame) || frame.good < fewGood {
			frame, direction = best.frame, best.direction
		}
		best.clock = r.clock
		if r.status == StatusBlank { // fewer reversals than a front end takes for a card
			frame.status = StatusBlank
		}
		r.frame, r.cells, r.direction = frame, best.cells, direction
	}
}

// spans is how many intervals cells without a flaw are made of.
func (c cells) spans() int {
	n := len(c.bits)
	for _, bit := range c.bits {
		n += int(bit & 1)
	}
	return n
}

// trimmed takes off what is lost before the first bits and behind the last, with a
// bit or two beyond it: any interval passes for a cell where none is beside it.
func (c cells) trimmed() cells {
	const alone = 3
	from, to := 0, len(c.bits)
	for i := 0; i < to && i < from+alone; i++ {
		if c.bits[i] == lost {
			from = i + 1
		}
	}
	for i := to - 1; i >= from && i >= to-alone; i-- {
		if c.bits[i] == lost {
			to = i
		}
	}
	c.bits, c.width, c.skew = c.bits[from:to], c.width[from:to], c.skew[from:to]
	return c
}

// traced decodes a trace in either direction.
func traced(intervals []float64, ceiling float64, opts Options) reading {
	c := trace(intervals, ceiling).trimmed()
	r := reading{frame: frame{status: StatusBlank}, cells: c, seen: len(intervals)}
	r.try(c, Forward, opts)
	if !opts.ForwardOnly && r.status != StatusOK {
		r.try(c.backwards(), Reverse, opts)
	}
	r.turn(opts)
	return r
}

// turn puts bits that are no whole track into card order, as far as their characters
// tell which that is. A start sentinel tells it behind clock bits: elsewhere one turns
// up by accident, backwards too.
func (r *reading) turn(opts Options) {
	if r.status == StatusOK || r.clocked(r.bits) || opts.ForwardOnly {
		return
	}
	if r.direction == Reverse { // begin with what was seen
		r.cells, r.direction = r.cells.backwards(), Forward
		if r.status != StatusBlank {
			r.frame = frame{status: StatusNoStart, alphabet: r.alphabet}
		}
	}
	ahead, back := bitsOf(r.bits), bitsOf(backwards(r.bits))
	if ahead.Characters(opts.Track).backwardsLikelier(back.Characters(opts.Track)) {
		r.cells, r.direction = r.cells.backwards(), Reverse
		r.frame = frame{status: StatusNoStart, alphabet: r.alphabet}
	}
}

// surer ranks traces: a right one, then one with fewer flaws, then one with more
// characters in step.
func (r *reading) surer(other *reading, opts Options) bool {
	if (r.status == StatusOK) != (other.status == StatusOK) {
		return r.status == StatusOK
	}
	if r.flaws != other.flaws {
		return r.flaws < other.flaws
	}
	n, _, _ := bitsOf(r.bits).Characters(opts.Track).Found()
	m, _, _ := bitsOf(other.bits).Characters(opts.Track).Found()
	return n > m
}
