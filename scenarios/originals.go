package scenarios

import (
	"cmp"
	"fmt"
	"strings"

	"possim/emulator"
	"possim/host/money"
	"possim/host/registry"
)

// done is how the order of a labelled step ended.
type done struct {
	emulator.Outcome
	code string // the payment code that was shown
}

// ask makes of an order what the terminal is told.
func (w *world) ask(o Order) (emulator.Order, error) {
	e := emulator.Order{Kind: o.Kind, Operator: o.Operator}
	if o.Amount != nil {
		e.Amount = *o.Amount
	}
	var err error
	if o.Original != nil {
		earlier := w.done[o.Original.Label]
		if o.Amount == nil {
			e.Amount = earlier.Amount
		}
		e.Original, err = w.original(o.Kind, o.Original, earlier)
	}
	e.Amount = w.priced(e.Amount)
	if err == nil && o.Code != nil {
		e.Code, err = w.code(o.Code)
	}
	return e, err
}

// priced gives an amount the currency of the terminal's keys.
func (w *world) priced(a money.Amount) money.Amount {
	a.Currency = cmp.Or(w.config.Currency, a.Currency)
	return a
}

// original names a transaction as its slip does: by the voucher number where it
// must be of this batch, otherwise by what the host called it.
func (w *world) original(kind emulator.OrderKind, o *Original, earlier done) (emulator.Original, error) {
	var e emulator.Original
	switch kind {
	case emulator.Void, emulator.CompletionVoid:
		e.Voucher = earlier.STAN
	case emulator.Refund:
		e.RRN, e.Date = earlier.RRN, earlier.Date
	default:
		e.Auth, e.Date = earlier.Auth, earlier.Date
	}
	for _, f := range []struct {
		to    *string
		typed string
	}{{&e.Voucher, o.Voucher}, {&e.RRN, o.RRN}, {&e.Auth, o.Auth}, {&e.Date, o.Date}} {
		name, is := strings.CutPrefix(f.typed, "$")
		if is && w.vars[name] == "" {
			return e, fmt.Errorf("%s has met nothing yet", f.typed)
		}
		if is {
			f.typed = w.vars[name]
		}
		*f.to = cmp.Or(f.typed, *f.to)
	}
	return e, nil
}

// code is what the scanner reads from the customer's phone.
func (w *world) code(c *Code) (string, error) {
	switch {
	case c.Text != "":
		return c.Text, nil
	case c.Shown != "":
		return w.done[c.Shown].code, nil
	}
	return registry.IssueCode(c.Scheme, w.sc.cards.find(c.Card).PAN(), w.now().Add(-c.Age))
}
