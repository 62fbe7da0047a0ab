package scenarios

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/host/money"
)

// ledger reads what the host's books took from cards since the scenario began:
// 88.00 after an approved sale of 88.00, 0.00 once it is reversed.
func (r *stepReader) ledger(v *yaml.Node) (string, func(*view) (string, bool)) {
	return r.books(v, "ledger", func(w *view, name string) (int64, error) { return w.taken(name) })
}

// balance reads what the host's books hold for cards.
func (r *stepReader) balance(v *yaml.Node) (string, func(*view) (string, bool)) {
	return r.books(v, "balance", func(w *view, name string) (int64, error) { return w.balance(name) })
}

// books reads amounts by card.
func (r *stepReader) books(v *yaml.Node, what string, read func(*view, string) (int64, error)) (string, func(*view) (string, bool)) {
	var names, shown []string
	var want []int64
	r.pairs(v, what, func(k, v *yaml.Node) {
		r.named(k, k.Value)
		if c := r.cards.find(k.Value); c != nil && c.Unknown {
			r.fail(k, "the host does not know card %q: its books hold nothing of it", k.Value)
		}
		names, want = append(names, k.Value), append(want, r.signed(v, what))
		shown = append(shown, fmt.Sprintf("%s %s", k.Value, money.Format(want[len(want)-1])))
	})
	return strings.Join(shown, ", "), func(w *view) (string, bool) {
		var got []string
		ok := true
		for i, name := range names {
			minor, err := read(w, name)
			if err != nil {
				return err.Error(), false
			}
			ok = ok && minor == want[i]
			got = append(got, fmt.Sprintf("%s %s", name, money.Format(minor)))
		}
		return strings.Join(got, ", "), ok
	}
}
