package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"possim/emulator"
	"possim/reader"
	"possim/reader/scripted"
)

// Failure is an expectation that was not met, or a step that could not be done.
type Failure struct {
	Step      int    // from 1; 0 is the scenario as a whole
	Line      int    // of the expectation
	Key       string // what was expected: rc, screen, ...; the verb when the step itself failed
	Want, Got string // card numbers masked
}

// fail takes down a failure.
func (w *world) fail(step, line int, key, want, got string) {
	w.failures = append(w.failures, Failure{step, line, key,
		redact(want, w.config.MID), redact(got, w.config.MID)})
}

// flatten unfolds repeats into the steps as they are done.
func flatten(steps []*Step) []*Step {
	var out []*Step
	for _, s := range steps {
		r, is := s.Action.(Repeat)
		if !is {
			out = append(out, s)
			continue
		}
		once := flatten(r.Do)
		for range r.Times {
			out = append(out, once...)
		}
	}
	return out
}

// play does the scenario's steps until one fails.
func (w *world) play(ctx context.Context) {
	steps := flatten(w.sc.Steps)
	for i := 0; i < len(steps) && len(w.failures) == 0; {
		if err := ctx.Err(); err != nil {
			w.fail(steps[i].Number, steps[i].Line, steps[i].Verb, "the step is done", err.Error())
			return
		}
		n := 1
		if _, is := steps[i].Action.(Sale); is {
			for i+n < len(steps) && gesture(steps[i+n]) {
				n++
			}
			w.sale(ctx, steps[i:i+n])
		} else {
			w.other(ctx, steps[i])
		}
		i += n
	}
	if len(w.failures) == 0 {
		w.leftover()
	}
}

// gesture reports whether a step belongs to the order before it.
func gesture(s *Step) bool {
	switch s.Action.(type) {
	case Confirm, Swipe:
		return true
	}
	return false
}

// leftover notes what was ordered and never happened.
func (w *world) leftover() {
	if s := w.power.armed; s != nil {
		w.fail(s.Number, s.Line, "power", "the power fails "+string(w.power.cut), "no order came to that point")
	}
	for _, p := range w.placed {
		if p.rule.Used() < p.rule.Times {
			w.fail(0, p.Line, "fault", p.Rule.String(), fmt.Sprintf("it happened %d times", p.rule.Used()))
		}
	}
	if w.inside != nil && w.inside.due != nil {
		w.fail(0, w.sc.Line, "host", "the host does what is due", w.inside.due.Error())
	}
}

// other does a step that is not an order of a sale.
func (w *world) other(ctx context.Context, s *Step) {
	w.look()
	var err error
	switch a := s.Action.(type) {
	case Clock:
		err = w.sleep(ctx, a.wait(w.now()))
	case Power:
		err = w.switchPower(ctx, s, a)
	case CardStatus:
		for i, name := range a.Names {
			err = errors.Join(err, w.inside.host.Registry.SetStatus(w.sc.cards.find(name).PAN(), a.Status[i]))
		}
	case HostSwitch:
		if a.Up {
			w.inside.net.Up()
		} else {
			w.inside.net.Down()
		}
	case Break:
		w.order(a.Fault)
	}
	if err != nil && len(w.failures) == 0 {
		w.fail(s.Number, s.Line, s.Verb, "the step is done", err.Error())
		return
	}
	w.check(s)
}

// wait returns how long the clock must go on.
func (c Clock) wait(now time.Time) time.Duration {
	if c.At == nil {
		return c.Add
	}
	local := now.In(China)
	y, m, d := local.Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, China).Add(*c.At)
	if !at.After(local) {
		at = at.AddDate(0, 0, 1)
	}
	return at.Sub(local)
}

// switchPower cuts the power, arms a cut, or gives it back.
func (w *world) switchPower(ctx context.Context, s *Step, p Power) error {
	switch {
	case p.On && !w.power.failed:
		return errors.New("the terminal has power")
	case p.On:
		w.power = power{}
		w.boot()
		out, err := w.term.Do(ctx, emulator.Order{Kind: emulator.Recover})
		if err == nil {
			w.view.outcome = &out
		}
		return err
	case w.power.failed:
		return errors.New("the terminal has no power: switch it on first")
	case p.Cut == CutNow:
		w.power.failed = true
	default:
		w.power.cut, w.power.of, w.power.armed = p.Cut, p.Of, s
	}
	return nil
}

// check looks at what was expected of a step.
func (w *world) check(s *Step) {
	for _, e := range s.Expect {
		if got, ok := e.test(w.view); !ok {
			w.fail(s.Number, e.Line, e.Key, e.Want, got)
		}
	}
}

// sale has the terminal make a sale: the sale's step and the gestures after it are
// one order.
func (w *world) sale(ctx context.Context, steps []*Step) {
	w.look()
	first := steps[0]
	if w.power.failed {
		w.fail(first.Number, first.Line, first.Verb, "the terminal makes a sale", "it has no power: switch it on first")
		return
	}
	o, err := w.prepare(steps)
	if err != nil {
		w.fail(first.Number, first.Line, first.Verb, "the cards of this order are written", err.Error())
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
		w.fail(first.Number, first.Line, first.Verb, "the terminal makes a sale", err.Error())
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
		o.fail(s.Number, s.Line, s.Verb, "the terminal asks for a card", ended)
		return
	}
	if len(o.typed) > 0 && !o.power.failed {
		for _, s := range o.steps {
			if _, is := s.Action.(Confirm); is {
				o.fail(s.Number, s.Line, s.Verb, fmt.Sprintf("the terminal asks for %d more answers", len(o.typed)), ended)
				return
			}
		}
	}
	if s := o.power.armed; s != nil {
		o.fail(s.Number, s.Line, s.Verb, "the power fails "+string(o.power.cut), ended)
	}
}
