package scenarios

import (
	"context"
	"errors"
	"time"

	"possim/emulator"
	"possim/host/wire"
	"possim/reader"
	"possim/scenarios/journal"
)

// errPower is what everything attached to the terminal returns once its power has
// failed: nothing is saved, sent, shown or printed any more.
var errPower = errors.New("the power failed")

// errStop ends an order whose expectations already failed.
var errStop = errors.New("an expectation failed")

// power is the terminal's supply.
type power struct {
	failed bool     // it failed and was not given back
	cut    CutPoint // an armed cut, "" when there is none
	of     wire.MTI // the request it belongs to
	armed  *Step
}

// fails reports whether the power is gone at this point of a request, and cuts it
// there if so ordered.
func (w *world) fails(at CutPoint, of wire.MTI) bool {
	if w.power.cut == at && w.power.of == of && !w.power.failed {
		w.power = power{failed: true}
		w.view.cut = true
	}
	return w.power.failed
}

// save makes the terminal's state durable.
func (w *world) save(s emulator.State) error {
	if w.power.failed {
		return errPower
	}
	if w.kept != nil {
		if err := w.kept.take(s); err != nil {
			return err
		}
		w.batches.follow(w.saved, s)
	}
	w.saved = s
	return nil
}

// print takes a slip.
func (w *world) print(_ context.Context, slip string) error {
	if w.fails(CutBeforePrint, w.power.of) {
		return errPower
	}
	w.view.slips = append(w.view.slips, slip)
	return nil
}

// face is the terminal's display and keys.
type face struct{ *world }

// Show takes down what the display shows.
func (f face) Show(_ context.Context, s emulator.Screen) error {
	if f.power.failed {
		return errPower
	}
	f.view.screens = append(f.view.screens, s)
	return nil
}

// Ask types the next answer of the confirm steps, or the PIN of the next pin step;
// without one it agrees, and types no PIN.
func (f face) Ask(ctx context.Context, q emulator.Question) (emulator.Answer, error) {
	if err := f.Show(ctx, q.Screen); err != nil {
		return emulator.Answer{}, err
	}
	if q.Kind == emulator.AskPIN && f.current != nil {
		return f.current.pin()
	}
	if q.Kind == emulator.AskApplication && f.current != nil {
		return f.current.choose(q.Choices)
	}
	if q.Kind != emulator.AskAmount || len(f.typed) == 0 {
		return emulator.Answer{}, nil
	}
	next := f.typed[0]
	f.typed = f.typed[1:]
	a := emulator.Answer{Cancel: next.Cancel}
	if next.Amount != nil {
		a.Amount = new(f.priced(*next.Amount))
	}
	return a, nil
}

// readerOf is the reader of the order under way.
type readerOf struct{ *world }

// Next plays the next gesture.
func (r readerOf) Next(ctx context.Context, a reader.Ask) (reader.Presentation, error) {
	if r.power.failed {
		return nil, errPower
	}
	if r.world.reader == nil {
		return nil, reader.ErrEnd
	}
	return r.world.reader.Next(ctx, a)
}

// Close does nothing: the reader belongs to the world.
func (r readerOf) Close() error { return nil }

// terminalLink is the way from the terminal to the host: the power, then the
// listener, then the faults, then the network.
func (w *world) terminalLink() wire.Dialer {
	tap := &journal.Tap{Now: w.now, Dialect: w.dialect, On: w.hear}
	spoiled := func(ctx context.Context) (wire.Link, error) { return w.faults.Dial(ctx, w.dial) }
	heard := tap.Dial(spoiled)
	return func(ctx context.Context) (wire.Link, error) {
		if w.power.failed {
			return nil, errPower
		}
		l, err := heard(ctx)
		if err != nil {
			return nil, err
		}
		return &powered{w: w, next: l}, nil
	}
}

// hear takes down what passes over the terminal's link.
func (w *world) hear(e journal.Event) {
	w.view.hear(e)
	w.log = append(w.log, journal.Describe(e, w.started))
	if w.record != nil {
		w.record.Event(e)
	}
}

// powered is a link that ends with the terminal's power.
type powered struct {
	w    *world
	next wire.Link
	sent wire.MTI // the last request
}

// Send sends, unless the power fails before or after it.
func (l *powered) Send(ctx context.Context, frame []byte) error {
	l.sent = l.w.mti(frame)
	if l.w.fails(CutBeforeSend, l.sent) {
		return errPower
	}
	if err := l.next.Send(ctx, frame); err != nil {
		return err
	}
	if l.w.fails(CutAfterSend, l.sent) {
		return errPower
	}
	return nil
}

// Receive receives, unless the power fails when the answer is there.
func (l *powered) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	if l.w.power.failed {
		return nil, errPower
	}
	frame, err := l.next.Receive(ctx, wait)
	if err == nil && l.w.fails(CutAfterReceive, l.sent) {
		return nil, errPower
	}
	return frame, err
}

// Close closes the connection, power or not.
func (l *powered) Close() error { return l.next.Close() }
