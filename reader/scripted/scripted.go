// Package scripted is a Reader that plays a list of gestures: what a hand does
// with a card, one gesture for each time the terminal asks.
//
// A gesture is not an answer. A Swipe moves a stripe past a simulated head, and
// what the terminal gets is what the decoder made of the signal: whether a swipe
// at 600 cm/s reads is for the physics to say, never for the script.
//
//	r := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
//	r.Add(scripted.Swipe{Stripe: stripe, Hand: magstripe.Hand{Speed: 600}})
//	r.Add(scripted.Swipe{Stripe: stripe})
//	p, err := r.Next(ctx, reader.Ask{}) // too fast
//	p, err = r.Next(ctx, reader.Ask{})  // read
//	p, err = r.Next(ctx, reader.Ask{})  // reader.ErrEnd
package scripted

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// Gesture is something a person does with a card.
type Gesture interface {
	// Present does it, and says how long that took.
	Present(rng *rand.Rand) (reader.Presentation, time.Duration)
}

// Reader plays gestures. The zero value with a Rand has none.
type Reader struct {
	Rand *rand.Rand
	// Sleep lets the time of a gesture pass; nil takes none.
	Sleep func(ctx context.Context, d time.Duration) error
	// Before is called when the terminal asks for gesture i, counted from 0, also
	// for the one after the last. An error is what Next returns. nil is nobody.
	Before func(i int) error
	// After is called with what gesture i delivered. nil is nobody.
	After func(i int, p reader.Presentation)

	gestures []Gesture
	played   int

	mu     sync.Mutex
	closed bool
}

// Add puts gestures at the end of the list.
func (r *Reader) Add(g ...Gesture) { r.gestures = append(r.gestures, g...) }

// Played returns how many gestures were asked for.
func (r *Reader) Played() int { return r.played }

// Next plays the next gesture, or returns reader.ErrEnd when there is none.
func (r *Reader) Next(ctx context.Context, _ reader.Ask) (reader.Presentation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.isClosed() {
		return nil, reader.ErrClosed
	}
	if r.Before != nil {
		if err := r.Before(r.played); err != nil {
			return nil, err
		}
	}
	if r.played >= len(r.gestures) {
		return nil, reader.ErrEnd
	}
	i := r.played
	r.played++
	p, took := r.gestures[i].Present(r.Rand)
	if r.Sleep != nil {
		if err := r.Sleep(ctx, took); err != nil {
			return nil, err
		}
	}
	if r.After != nil {
		r.After(i, p)
	}
	return p, nil
}

// Close makes every later Next return reader.ErrClosed.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

func (r *Reader) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Swipe is a stripe pulled through a swipe reader.
type Swipe struct {
	Stripe magstripe.Stripe
	Hand   magstripe.Hand
	Head   magstripe.Head
}

// Present moves the stripe past the head and decodes what comes out.
func (s Swipe) Present(rng *rand.Rand) (reader.Presentation, time.Duration) {
	report := magstripe.Swipe(s.Stripe, s.Hand, s.Head, rng)
	out := &reader.Swipe{Verdict: report.Verdict, Speed: report.Speed, Amplitude: report.Amplitude}
	for i, t := range report.Tracks {
		out.Tracks[i] = reader.Track{Status: t.Status, Data: t.Data, Bits: t.Bits}
	}
	return out, s.lasts()
}

// cardLength is an ID-1 card's length in cm (ISO/IEC 7810).
const cardLength = 8.56

// lasts is how long the hand takes from one end of the card to the other.
func (s Swipe) lasts() time.Duration {
	speed := s.Hand.Speed
	if speed <= 0 {
		speed = 40
	}
	d := time.Duration(cardLength / speed * float64(time.Second))
	if s.Hand.Profile == magstripe.ProfileStall {
		pause := s.Hand.Pause
		if pause == 0 {
			pause = 400 * time.Millisecond
		}
		d += pause
	}
	return d.Round(time.Millisecond)
}
