package emulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/wire"
	"possim/reader"
)

// faulty gives a terminal of the bench a store that fails: the writes whose number
// is in fails bring an error and change nothing.
func faulty(w *world, fails ...int) *emulator.Terminal {
	term, save, n := w.terminal(emulator.Config{}), 0, map[int]bool{}
	for _, f := range fails {
		n[f] = true
	}
	keep := term.Save
	term.Save = func(s emulator.State) error {
		if save++; n[save] {
			return errors.New("disk full")
		}
		return keep(s)
	}
	return term
}

// reasons are F39 of the reversals the host has seen.
func (w *world) reasons() (codes []wire.Code) {
	for _, m := range w.seen {
		if m.MTI == wire.MTIReversal {
			codes = append(codes, m.Code)
		}
	}
	return codes
}

// TestApprovalThatCannotBeBooked has the one write fail that would book a sale: the
// second, after that of what is open.
func TestApprovalThatCannotBeBooked(t *testing.T) {
	w := newWorld(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out, err := faulty(w, 2).Do(context.Background(), sale(8800))
	if err != nil {
		t.Fatal(err)
	}
	if out.Result != emulator.Reversed || out.Cause != emulator.TerminalFault || out.Code != "" || !strings.Contains(out.Note, "disk full") {
		t.Errorf("got %+v", out)
	}
	if got := w.reasons(); len(got) != 1 || got[0] != wire.SystemFault {
		t.Errorf("reversed with %v", got)
	}
	if w.net() != 0 || len(w.slips) != 0 || len(w.saved.Journal) != 0 || w.saved.Open != nil {
		t.Errorf("charged %d, %d slips, kept %+v", w.net(), len(w.slips), w.saved)
	}
}

// TestFaultThatLasts has the store fail for the rest of the order. A terminal that
// stays on knows why when it takes writes again; one that was switched off knows
// what it saved before it sent, and nothing of an answer.
func TestFaultThatLasts(t *testing.T) {
	for name, test := range map[string]struct {
		off  bool
		want wire.Code
	}{"stays on": {false, wire.SystemFault}, "was off": {true, wire.NoResponse}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.swipes = []reader.Presentation{good(plainTrack2)}
			term := faulty(w, 2, 3)
			_, err := term.Do(context.Background(), sale(8800))
			var save *emulator.SaveError
			if !errors.As(err, &save) {
				t.Fatalf("got %v, want that the state is not saved", err)
			}
			if len(w.reasons()) != 0 || w.saved.Open == nil || w.saved.Open.Reason != "" {
				t.Fatalf("reversals %v sent of what is not saved: %+v", w.reasons(), w.saved.Open)
			}
			if test.off {
				term = w.terminal(emulator.Config{})
			}
			out, err := term.Do(context.Background(), emulator.Order{Kind: emulator.Recover})
			if err != nil || out.Result != emulator.Reversed {
				t.Fatalf("got %+v, %v", out, err)
			}
			if got := w.reasons(); len(got) != 1 || got[0] != test.want {
				t.Errorf("reversed with %v, want %s", got, test.want)
			}
			if w.net() != 0 {
				t.Errorf("charged %d", w.net())
			}
		})
	}
}

func TestApprovalOfSomethingElse(t *testing.T) {
	for name, test := range map[string]struct {
		kind emulator.OrderKind
		edit func(*wire.Message)
		want string
	}{
		"another currency":            {emulator.Sale, func(ans *wire.Message) { ans.Currency = "840" }, `currency "840"`},
		"a hold that nothing can end": {emulator.PreAuth, func(ans *wire.Message) { ans.AuthCode = ""; ans.Clear(38) }, "no field 38"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.swipes = []reader.Presentation{good(plainTrack2)}
			w.edit = func(_, ans *wire.Message) {
				if ans.Code == wire.Approved && ans.MTI != "0410" {
					test.edit(ans)
				}
			}
			order := sale(100)
			order.Kind = test.kind
			out := do(t, w, emulator.Config{}, order)
			if out.Result != emulator.Reversed || out.Cause != emulator.TerminalFault || !strings.Contains(out.Note, test.want) {
				t.Errorf("got %+v", out)
			}
			if got := w.reasons(); len(got) != 1 || got[0] != wire.SystemFault || w.net() != 0 {
				t.Errorf("reversed with %v, charged %d", got, w.net())
			}
		})
	}
}

// TestRefundThatCannotBeBooked is repeated until it can: it is never reversed.
func TestRefundThatCannotBeBooked(t *testing.T) {
	w := newWorld(t)
	w.tmk = testTMK(t) // what a terminal keeps a card's number under
	w.swipes = []reader.Presentation{good(plainTrack2)}
	order := emulator.Order{Kind: emulator.Refund, Amount: sale(100).Amount, Original: emulator.Original{RRN: "615200000001", Date: "0601"}}
	term := faulty(w, 2)
	var save *emulator.SaveError
	if _, err := term.Do(context.Background(), order); !errors.As(err, &save) {
		t.Fatalf("got %v", err)
	}
	if _, err := term.Do(context.Background(), emulator.Order{Kind: emulator.Recover}); err != nil {
		t.Fatal(err)
	}
	if len(w.reasons()) != 0 || len(w.saved.Offline) != 0 || len(w.saved.Journal) != 1 {
		t.Errorf("reversed with %v, kept %+v", w.reasons(), w.saved)
	}
}
