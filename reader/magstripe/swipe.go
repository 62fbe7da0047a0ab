package magstripe

import (
	"math/rand/v2"

	"possim/reader/card"
)

// Track is what became of one track in a swipe.
type Track struct {
	Number    int            // 1, 2 or 3
	Status    Status         // what the decoder made of it
	Data      card.TrackData // without sentinels and LRC; empty unless Status is StatusOK
	Bits      Bits           // all that was made out, whatever Status is
	Speed     float64        // mean, cm/s along the card; 0 unknown
	Slowest   float64        // slowest momentary speed, cm/s
	Fastest   float64        // fastest momentary speed, cm/s
	Amplitude float64        // median peak; 1 is a new card at that speed, in a recording 1 is full scale
	Direction Direction      // which way the card went, known when a sentinel was found
}

// Report is what a reader makes of one swipe.
type Report struct {
	Tracks    [3]Track // index 0 is track 1; a track without a head is blank
	Verdict   Verdict
	Speed     float64 // mean, cm/s along the card; 0 unknown
	Amplitude float64 // as in Track, of the track that came through best
}

// Swipe moves a stripe past a head by hand and decodes what comes out: flux,
// motion, head, front end, decoder. The same arguments and the same randomness
// give the same report. Zero values of hand and head are a usual hand and a
// usual reader.
func Swipe(stripe Stripe, hand Hand, head Head, rng *rand.Rand) Report {
	head = head.withDefaults()
	if head.Rate == 0 {
		// A slow hand needs fewer samples.
		head.Rate = 96000 * max(0.25, min(1, hand.mean()/referenceSpeed))
	}
	p := hand.move(head.Rate, 0.002, rng)
	var tracks [3]measured
	for i := range tracks {
		tracks[i].Number = i + 1
		if len(stripe.flux[i]) > 0 {
			samples := head.signal(&stripe, i+1, p, rng)
			tracks[i] = head.decode(samples, i+1)
		}
	}
	return report(tracks, head.Bandwidth)
}

// decode is the reader behind the head, for one track. What it cannot decode it
// still measures, with a more sensitive look that only the noise limits.
func (h Head) decode(samples []float64, track int) measured {
	opts := Options{Track: track, ForwardOnly: h.ForwardOnly}
	s := signal{samples: samples, rate: h.Rate, floor: 2 * h.Floor}
	m := measure(s.pulses(), opts)
	if m.Status != StatusOK {
		s.floor = max(h.Floor/8, min(s.floor, 28*h.Noise))
		looked := measure(s.pulses(), opts)
		if m.Status == StatusBlank && looked.Status != StatusBlank {
			m.Status = StatusNoStart // there is flux, but the gain does not lift it
		}
		looked.Status, looked.Data = m.Status, ""
		m = looked
	}
	m.calibrated, m.unlifted = true, m.Amplitude < h.Floor
	if m.Speed > 0 {
		m.Amplitude *= referenceSpeed / 10 / m.Speed
	}
	return m
}
