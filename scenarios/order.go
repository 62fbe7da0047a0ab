package scenarios

import (
	"context"
	"fmt"

	"possim/emulator"
	"possim/reader"
	"possim/reader/scripted"
)

// sale has the terminal make a sale: the sale's step and the gestures after it are
// one order.
func (w *world) sale(ctx context.Context, steps []*Step) {
	w.look()
	first := steps[0]
	if w.power.failed {
		w.fail(first.Number, first.Pos, first.Verb, "the terminal makes a sale", "it has no power: switch it on first")
		return
	}
	o, err := w.prepare(steps)
	if err != nil {
		w.fail(first.Number, first.Pos, first.Verb, "the cards of this order are written", err.Error())
		return
	}
	out, err := w.term.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: first.Action.(Sale).Amount})
	w.reader = nil
	switch {
	case len(w.failures) > 0:
		return
	case w.power.failed:
		w.view.cut = true
	case err != nil:
		w.fail(first.Number, first.Pos, first.Verb, "the terminal makes a sale", err.Error())
		return
	default:
		w.view.outcome = &out
	}
	o.finish()
}

// order is a sale under way: which of its steps were checked.
type order struct {
	*world
	hand    *scripted.Reader
	steps   []*Step
	swipes  []int // index of each swipe in steps
	checked int   // steps whose expectations were looked at
}

// prepare makes the reader and the keys ready for an order.
func (w *world) prepare(steps []*Step) (*order, error) {
	o := &order{world: w, steps: steps}
	o.hand = &scripted.Reader{Rand: w.readRand, Sleep: w.sleep, Before: o.before, After: o.after}
	w.typed, w.reader = nil, o.hand
	for i, s := range steps {
		switch a := s.Action.(type) {
		case Confirm:
			w.typed = append(w.typed, a.Answers...)
		case Swipe:
			stripe, err := w.sc.cards.find(a.Card).Stripe()
			if err != nil {
				return nil, err
			}
			stripe.Wear, stripe.Scratches, stripe.Demagnetised = a.Wear, a.Scratches, a.Demagnetised
			o.hand.Add(scripted.Swipe{Stripe: stripe, Hand: a.Hand})
			o.swipes = append(o.swipes, i)
		}
	}
	return o, nil
}

// before runs when the terminal asks for gesture i: the steps before it are over.
func (o *order) before(i int) error {
	if i >= len(o.swipes) {
		return nil // it asks once more than there are gestures; finish looks at the rest
	}
	o.checkUntil(o.swipes[i])
	if len(o.failures) > 0 {
		return errStop
	}
	o.look()
	return nil
}

// after takes down what the reader delivered.
func (o *order) after(_ int, p reader.Presentation) {
	s, is := p.(*reader.Swipe)
	if !is {
		return
	}
	r := emulator.Read{Verdict: s.Verdict, Speed: s.Speed}
	for i, t := range s.Tracks {
		r.Tracks[i] = t.Status
	}
	o.view.reads = append(o.view.reads, r)
}

func (o *order) checkUntil(end int) {
	for ; o.checked < end; o.checked++ {
		o.check(o.steps[o.checked])
	}
}

// finish looks at the steps the order came to, and notes gestures and answers
// that nobody asked for.
func (o *order) finish() {
	played := o.hand.Played()
	end := len(o.steps)
	if played < len(o.swipes) {
		end = o.swipes[played]
	}
	o.checkUntil(end)
	if len(o.failures) > 0 {
		return
	}
	ended := "the power failed"
	if o.view.outcome != nil {
		ended = "the order ended: " + describe(o.view.outcome)
	}
	if played < len(o.swipes) {
		s := o.steps[o.swipes[played]]
		o.fail(s.Number, s.Pos, s.Verb, "the terminal asks for a card", ended)
		return
	}
	if len(o.typed) > 0 && !o.power.failed {
		for _, s := range o.steps {
			if _, is := s.Action.(Confirm); is {
				o.fail(s.Number, s.Pos, s.Verb, fmt.Sprintf("the terminal asks for %d more answers", len(o.typed)), ended)
				return
			}
		}
	}
	if s := o.power.armed; s != nil {
		o.fail(s.Number, s.Pos, s.Verb, "the power fails "+string(o.power.cut), ended)
	}
}
