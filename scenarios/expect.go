package scenarios

import (
	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/emulator/kernel"
)

// Expectation is one thing that must be so when its step is over.
type Expectation struct {
	Pos
	Key  string // rc, screen, messages, ...
	Want string // as it is shown when it fails
	test func(*view) (got string, ok bool)
}

// expect reads an expect: mapping.
func (r *stepReader) expect(n *yaml.Node, s *Step) []Expectation {
	if _, is := s.Action.(Repeat); is {
		r.fail(n, "expect: belongs to the steps inside do:, not to the repeat")
		return nil
	}
	var out []Expectation
	f := fields{}
	for key, read := range r.expectations() {
		f[key] = func(v *yaml.Node) {
			before := len(r.errs)
			want, test := read(v)
			if len(r.errs) == before {
				out = append(out, Expectation{keyOf(n, v), key, want, test})
			}
		}
	}
	ok := r.mapping(n, "expect", f)
	r.probe.of(n).least = 1
	if ok && len(n.Content) == 0 {
		r.fail(n, "expect: is empty")
	}
	return out
}

// keyOf returns the place of the key whose value v is.
func keyOf(n, v *yaml.Node) Pos {
	for i := 1; i < len(n.Content); i += 2 {
		if n.Content[i] == v {
			return Pos{n.Content[i-1].Line, n.Content[i-1].Column}
		}
	}
	return Pos{v.Line, v.Column}
}

// reading is what reads one key of expect:.
type reading = func(v *yaml.Node) (want string, test func(*view) (string, bool))

// expectations is the closed vocabulary of expect:.
func (r *stepReader) expectations() map[string]reading {
	return map[string]reading{
		"rc":       r.code,
		"outcome":  r.outcome,
		"cause":    r.cause,
		"reversal": r.reversal,
		"stan":     r.ofOutcome("stan", func(o *emulator.Outcome) string { return o.STAN }),
		"rrn":      r.ofOutcome("rrn", func(o *emulator.Outcome) string { return o.RRN }),
		"auth":     r.ofOutcome("auth", func(o *emulator.Outcome) string { return o.Auth }),
		"reader":   r.verdict,
		"tracks":   r.tracks,
		"chip":     r.chipRead,
		"tvr":      r.ofChip("tvr", func(c *kernel.Result) string { return c.TVR.String() }),
		"tsi":      r.ofChip("tsi", func(c *kernel.Result) string { return c.TSI.String() }),
		"cvm":      r.ofChip("cvm", func(c *kernel.Result) string { return c.CVM.String() }),

		"cryptogram":  r.ofChip("cryptogram", func(c *kernel.Result) string { return c.Cryptogram.String() }),
		"application": r.ofChip("application", func(c *kernel.Result) string { return c.Application.Title() }),
		"screen":      r.screen,
		"receipt":     r.receipt,
		"sent":        r.sent,
		"timeout":     r.timeout,
		"messages":    r.messages,
		"ledger":      r.ledger,
		"balance":     r.balance,
		"holds":       r.holds,
		"owed":        r.owed,
		"told":        r.told,
		"batch":       r.openBatch,
		"keys":        r.keys,
		"stored":      r.stored,
		"balanced":    r.balanced,
		"totals":      r.totals,

		"tries_left": r.triesLeft,
	}
}
