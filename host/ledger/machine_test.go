package ledger_test

import (
	"errors"
	"math"
	"testing"

	"possim/host/ledger"
)

// TestReplayRefuses hands a machine of two postings, a sale and its void, what cannot come third.
func TestReplayRefuses(t *testing.T) {
	shop, card := ledger.Reg{Kind: ledger.Balance, Owner: "shop"}, ledger.Reg{Kind: ledger.Balance, Owner: "card"}
	sale := []ledger.Move{{Reg: card, Add: -math.MaxInt64}, {Reg: shop, Add: math.MaxInt64}}
	for name, p := range map[string]ledger.Posting{
		"a gap":               {Seq: 4, Key: "new"},
		"a step back":         {Seq: 2, Key: "new"},
		"no number":           {Key: "new"},
		"a known key":         {Seq: 3, Key: "sale"},
		"no key":              {Seq: 3},
		"undone before":       {Seq: 3, Key: "new", Undoes: "sale", Undo: ledger.Undone},
		"undoes the unknown":  {Seq: 3, Key: "new", Undoes: "other", Undo: ledger.Undone},
		"undoes nothing":      {Seq: 3, Key: "new", Undo: ledger.Undone},
		"unbalanced":          {Seq: 3, Key: "new", Moves: sale[:1]},
		"a kind there is not": {Seq: 3, Key: "new", Moves: []ledger.Move{{Reg: ledger.Reg{Kind: 99, Owner: "x"}}}},
		"overflow":            {Seq: 3, Key: "new", Moves: append(sale, ledger.Move{Reg: shop, Add: 1}, ledger.Move{Reg: card, Add: -1})},
	} {
		var m ledger.Machine
		for _, tx := range []ledger.Tx{{Key: "sale", Moves: sale}, {Key: "void", Undoes: "sale", UndoesSeq: 1}} {
			if _, err := m.Apply(tx); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Replay(p); !errors.Is(err, ledger.ErrJournal) {
			t.Errorf("%s: got %v, want ErrJournal", name, err)
		}
		if got := m.Read(shop, card); m.Last() != 2 || got[0] != 0 || got[1] != 0 {
			t.Errorf("%s: changed the book: %d postings, %v", name, m.Last(), got)
		}
		if err := m.Replay(ledger.Posting{Seq: 3, Key: "good", Moves: sale}); err != nil {
			t.Errorf("%s: the good posting behind it: %v", name, err)
		}
	}
}

func TestWords(t *testing.T) {
	for k := ledger.Kind(0); k < 20; k++ {
		if got, err := ledger.ParseKind(k.String()); k.Valid() != (err == nil && got == k) {
			t.Errorf("%s: got %v, %v", k, got, err)
		}
	}
	if got := ledger.Day(20260601).String(); got != "2026-06-01" {
		t.Errorf("got %s", got)
	}
	if got := (ledger.Reg{Kind: ledger.Balance, Owner: "card"}).String(); got != "balance:card" {
		t.Errorf("got %s", got)
	}
}

// TestPartForgets: what a part was told, and what it decided, it knows no more when it begins again.
func TestPartForgets(t *testing.T) {
	m := ledger.NewPart(nil)
	card, held := ledger.Reg{Kind: ledger.Balance, Owner: "card"}, ledger.Reg{Kind: ledger.Hold, Owner: "card"}
	for n := range uint64(3) {
		m.Begin(n)
		r, err := m.Apply(ledger.Tx{Key: "hold", Moves: []ledger.Move{{Reg: card, Add: -1}, {Reg: held, Add: 1}}})
		if err != nil || r.Seq != n+1 || r.Repeat || m.Read(held)[0] != 1 {
			t.Errorf("got %+v, %v, and %v held", r, err, m.Read(held))
		}
		if got := m.Held(0); len(got) != 1 || got[0] != n+1 {
			t.Errorf("it knows of holds %v, want %d", got, n+1)
		}
	}
}
