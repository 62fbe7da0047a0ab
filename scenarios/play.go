package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"possim/emulator"
)

// Failure is an expectation that was not met, or a step that could not be done.
type Failure struct {
	Step      int    // from 1; 0 is the scenario as a whole
	Pos              // of the expectation
	Key       string // what was expected: rc, screen, ...; the verb when the step itself failed
	Want, Got string // card numbers masked
}

// fail takes down a failure.
func (w *world) fail(step int, at Pos, key, want, got string) {
	w.failures = append(w.failures, Failure{step, at, key,
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
	if err := w.begin(ctx); err != nil {
		w.fail(0, w.sc.Pos, "world", "the terminal is ready", err.Error())
	}
	steps := flatten(w.sc.Steps)
	for i := 0; i < len(steps) && len(w.failures) == 0; {
		if err := ctx.Err(); err != nil {
			w.fail(steps[i].Number, steps[i].Pos, steps[i].Verb, "the step is done", err.Error())
			return
		}
		n := 1
		if _, is := steps[i].Action.(Order); is {
			for i+n < len(steps) && gesture(steps[i+n]) {
				n++
			}
			w.perform(ctx, steps[i:i+n])
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
	case Confirm, Swipe, Insert, Tap, Choose, TypePIN:
		return true
	}
	return false
}

// leftover notes what was ordered and never happened.
func (w *world) leftover() {
	if s := w.power.armed; s != nil {
		w.fail(s.Number, s.Pos, "power", "the power fails "+string(w.power.cut), "no order came to that point")
	}
	for _, p := range w.placed {
		if p.rule.Used() < p.rule.Times {
			w.fail(0, p.Pos, "fault", p.Rule.String(), fmt.Sprintf("it happened %d times", p.rule.Used()))
		}
	}
	if w.inside != nil && w.inside.due != nil {
		w.fail(0, w.sc.Pos, "host", "the host does what is due", w.inside.due.Error())
	}
}

// other does a step that is no order.
func (w *world) other(ctx context.Context, s *Step) {
	w.look()
	w.note(s)
	var err error
	switch a := s.Action.(type) {
	case Clock:
		err = w.pass(ctx, a.wait(w.now()))
	case Power:
		err = w.switchPower(ctx, s, a)
	default:
		err = w.arrange(a)
	}
	if err != nil && len(w.failures) == 0 {
		w.fail(s.Number, s.Pos, s.Verb, "the step is done", err.Error())
		return
	}
	w.check(s)
}

// arrange does a step that changes what the host does, or the way to it.
func (w *world) arrange(action any) (err error) {
	switch a := action.(type) {
	case CardStatus:
		for i, name := range a.Names {
			err = errors.Join(err, w.inside.host.Registry.SetStatus(w.sc.cards.find(name).PAN(), a.Status[i]))
		}
	case Script:
		_, err = w.inside.host.Script(w.sc.cards.find(a.Card).PAN(), a.Orders...)
	case HostSwitch:
		if a.Up {
			w.inside.net.Up()
		} else {
			w.inside.net.Down()
		}
	case Break:
		w.order(a.Fault)
	}
	return err
}

// pass lets time go by, forward alone.
func (w *world) pass(ctx context.Context, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the clock cannot go back: it is %s", w.now().In(China).Format("2006-01-02 15:04:05"))
	}
	return w.sleep(ctx, d)
}

// wait returns how long the clock must go on.
func (c Clock) wait(now time.Time) time.Duration {
	if !c.On.IsZero() {
		return c.On.Sub(now)
	}
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
	case p.On && !p.Blank && !w.power.failed:
		return errors.New("the terminal has power")
	case p.On:
		w.power = power{}
		if p.Blank {
			w.saved = emulator.State{}
		}
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
			w.fail(s.Number, e.Pos, e.Key, e.Want, got)
		}
	}
}
