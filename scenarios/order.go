package scenarios

import (
	"cmp"
	"context"
	"fmt"

	"possim/emulator"
	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/scripted"
)

// perform has the terminal carry out an order: the order's step and the gestures
// after it are one.
func (w *world) perform(ctx context.Context, steps []*Step) {
	w.look()
	first := steps[0]
	want := "the terminal takes the order"
	if w.power.failed {
		w.fail(first.Number, first.Pos, first.Verb, want, "it has no power: switch it on first")
		return
	}
	ask, err := w.ask(first.Action.(Order))
	if err != nil {
		w.fail(first.Number, first.Pos, first.Verb, want, err.Error())
		return
	}
	o, err := w.prepare(steps)
	if err != nil {
		w.fail(first.Number, first.Pos, first.Verb, "the cards of this order are written", err.Error())
		return
	}
	w.current = o
	out, err := w.term.Do(ctx, ask)
	w.reader, w.current = nil, nil
	switch {
	case len(w.failures) > 0:
		return
	case w.power.failed:
		w.view.cut = true
	case err != nil:
		w.fail(first.Number, first.Pos, first.Verb, want, err.Error())
		return
	default:
		w.view.outcome = &out
	}
	if first.As != "" {
		w.done[first.As] = done{out, ask.Code}
	}
	o.finish()
}

// order is an order under way: which of its steps were checked.
type order struct {
	*world
	hand    *scripted.Reader
	steps   []*Step
	swipes  []int // index of each card in steps
	pins    []int // index of each PIN in steps
	choices []int // index of each choice in steps
	chosen  int   // choices that were asked for
	keyed   int   // PINs that were asked for
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
		case TypePIN:
			o.pins = append(o.pins, i)
		case Choose:
			o.choices = append(o.choices, i)
		case Insert:
			o.hand.Add(w.insertion(a, false))
			o.swipes = append(o.swipes, i)
		case Tap:
			o.hand.Add(w.insertion(Insert(a), true))
			o.swipes = append(o.swipes, i)
		case Swipe:
			c := w.sc.cards.find(a.Card)
			stripe, err := c.stripe(cmp.Or(a.CVN, string(c.Entry.CVN)))
			if err != nil {
				return nil, err
			}
			stripe.Wear, stripe.Scratches, stripe.Demagnetised = a.Wear, a.Scratches, a.Demagnetised
			o.hand.Add(scripted.Swipe{Stripe: stripe, Hand: a.Hand, Head: a.head()})
			o.swipes = append(o.swipes, i)
		}
	}
	return o, nil
}

// head is the reader's head. What a usual hand makes of a good stripe, track 1 at
// 6.6 thousand flux changes a second, is sampled as a sound card does, seven times a
// change; it reads the same and takes a third of the time. Hands and stripes that a
// scenario is about get the head as it is.
func (s Swipe) head() magstripe.Head {
	if s.Hand == (magstripe.Hand{}) && s.Wear == 0 && len(s.Scratches) == 0 && !s.Demagnetised {
		return magstripe.Head{Rate: 48_000}
	}
	return magstripe.Head{}
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

// pin is what is typed when the terminal asks for a PIN: the steps before it are
// over. Where no step types one, nothing is typed.
func (o *order) pin() (emulator.Answer, error) {
	if o.keyed >= len(o.pins) {
		return emulator.Answer{}, nil
	}
	at := o.pins[o.keyed]
	o.checkUntil(at)
	if len(o.failures) > 0 {
		return emulator.Answer{}, errStop
	}
	o.keyed++
	o.look()
	typed := o.steps[at].Action.(TypePIN)
	return emulator.Answer{PIN: typed.PIN, Cancel: typed.Cancel}, nil
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
	end, asks := len(o.steps), ""
	if played := o.hand.Played(); played < len(o.swipes) {
		end, asks = o.swipes[played], "the terminal asks for a card"
	}
	if o.chosen < len(o.choices) && o.choices[o.chosen] < end {
		end, asks = o.choices[o.chosen], "the terminal asks for an application"
	}
	if o.keyed < len(o.pins) && o.pins[o.keyed] < end {
		end, asks = o.pins[o.keyed], "the terminal asks for a PIN"
	}
	o.checkUntil(end)
	if len(o.failures) > 0 {
		return
	}
	ended := "the power failed"
	if o.view.outcome != nil {
		ended = "the order ended: " + describe(o.view.outcome)
	}
	if end < len(o.steps) {
		s := o.steps[end]
		o.fail(s.Number, s.Pos, s.Verb, asks, ended)
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
