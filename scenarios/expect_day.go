package scenarios

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
)

// openBatch reads the number of the batch that the terminal has open.
func (r *stepReader) openBatch(v *yaml.Node) (string, func(*view) (string, bool)) {
	p := newPattern(r.text(v, "batch"))
	return p.String(), func(w *view) (string, bool) {
		got := w.batches.number(cmp.Or(w.saved.Batch, firstBatch))
		return got, p.match(got, w.vars)
	}
}

// firstBatch is the batch of a terminal out of the box.
const firstBatch = "000001"

// keys reads whether the terminal has working keys.
func (r *stepReader) keys(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.flag(v, "keys")
	return fmt.Sprint(want), func(w *view) (string, bool) {
		got := w.saved.Keys != ""
		return fmt.Sprint(got), got == want
	}
}

// stored reads how many notices and refunds wait in the terminal for their answers.
func (r *stepReader) stored(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.count(v, "stored", 0, 1_000_000)
	return fmt.Sprint(want), func(w *view) (string, bool) {
		got := len(w.saved.Offline)
		return fmt.Sprint(got), got == want
	}
}

// settlement returns what the step's settlement came to.
func (w *view) settlement() (*emulator.Report, string) {
	switch {
	case w.outcome == nil:
		return nil, w.unfinished()
	case w.outcome.Settlement == nil:
		return nil, "no settlement: " + describe(w.outcome)
	}
	return w.outcome.Settlement, ""
}

// balanced reads whether the host's sums of the batch are the terminal's.
func (r *stepReader) balanced(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.flag(v, "balanced")
	return fmt.Sprint(want), func(w *view) (string, bool) {
		s, why := w.settlement()
		if s == nil {
			return why, false
		}
		return fmt.Sprintf("%t (%s)", s.Balanced(), sumsText(s.Totals.Domestic)), s.Balanced() == want
	}
}

// totals reads the terminal's sums of the settled batch:
// {debit: 1234.56, debits: 20, credit: 12.00, credits: 3}.
func (r *stepReader) totals(v *yaml.Node) (string, func(*view) (string, bool)) {
	var want wire.Sums
	r.mapping(v, "totals", fields{
		"debit":   func(v *yaml.Node) { want.Debit = r.amount(v, "debit").Minor },
		"debits":  func(v *yaml.Node) { want.DebitCount = r.count(v, "debits", 0, 999) },
		"credit":  func(v *yaml.Node) { want.Credit = r.amount(v, "credit").Minor },
		"credits": func(v *yaml.Node) { want.CreditCount = r.count(v, "credits", 0, 999) },
	})
	return sumsText(want), func(w *view) (string, bool) {
		s, why := w.settlement()
		if s == nil {
			return why, false
		}
		return sumsText(s.Totals.Domestic), s.Totals.Domestic.Same(want)
	}
}

// sumsText shows the sums of a batch.
func sumsText(s wire.Sums) string {
	return fmt.Sprintf("debit %s in %d, credit %s in %d", money.Format(s.Debit), s.DebitCount, money.Format(s.Credit), s.CreditCount)
}

// told reads what a balance inquiry tells the customer.
func (r *stepReader) told(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.signed(v, "told")
	return money.Format(want), func(w *view) (string, bool) {
		switch {
		case w.outcome == nil:
			return w.unfinished(), false
		case w.outcome.Balance == nil:
			return "no balance: " + describe(w.outcome), false
		}
		return money.Format(w.outcome.Balance.Minor), w.outcome.Balance.Minor == want
	}
}

// holds reads what pre-authorisations set aside of cards.
func (r *stepReader) holds(v *yaml.Node) (string, func(*view) (string, bool)) {
	return r.books(v, "holds", func(w *view, name string) (int64, error) {
		a, err := w.account(name)
		return a.Held, err
	})
}

// owed reads what the host owes the terminal's merchant since the scenario began.
func (r *stepReader) owed(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.signed(v, "owed")
	return money.Format(want), func(w *view) (string, bool) {
		got, err := w.inside.host.Settlement(w.ctx(), w.config.MID)
		if err != nil {
			return err.Error(), false
		}
		return money.Format(got), got == want
	}
}

// triesLeft reads how many PIN tries the host leaves cards.
func (r *stepReader) triesLeft(v *yaml.Node) (string, func(*view) (string, bool)) {
	var names, shown []string
	var want []int
	r.pairs(v, "tries_left", func(k, v *yaml.Node) {
		r.named(k, k.Value)
		names, want = append(names, k.Value), append(want, r.count(v, "tries", 0, 99))
		shown = append(shown, fmt.Sprintf("%s %d", k.Value, want[len(want)-1]))
	})
	return strings.Join(shown, ", "), func(w *view) (string, bool) {
		var got []string
		ok := true
		for i, name := range names {
			left, err := w.pinTries(name)
			if err != nil {
				return err.Error(), false
			}
			ok = ok && left == want[i]
			got = append(got, fmt.Sprintf("%s %d", name, left))
		}
		return strings.Join(got, ", "), ok
	}
}
