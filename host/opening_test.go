package host

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/reader/card"
)

// together is a Book that takes transactions together, and fails where it is told to.
type together struct {
	*ledger.Memory
	sizes []int // of what it was given
	fail  int   // the call that fails, from 1, when it is half done
}

func (b *together) CommitAll(ctx context.Context, txs []ledger.Tx) ([]ledger.Result, error) {
	b.sizes = append(b.sizes, len(txs))
	var out []ledger.Result
	for i, tx := range txs {
		if len(b.sizes) == b.fail && i > len(txs)/2 {
			return nil, errors.New("the line was cut")
		}
		r, err := b.Commit(ctx, tx)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// TestDueOpensTogether opens the accounts of many cards in a few goes; what a failure left undone the next
// call does, and nothing is paid in twice.
func TestDueOpensTogether(t *testing.T) {
	const cards = 2*openTogether + 10
	book := &together{Memory: ledger.NewMemory(), fail: 2}
	h := &Host{Now: func() time.Time { return time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) }, Book: book, Registry: registry.New(), TokenKey: make([]byte, 16)}
	pan := func(i int) card.PAN { return card.PAN(fmt.Sprintf("622202000000%07d", i)) }
	for i := range cards {
		if err := h.Registry.PutCard(registry.Card{PAN: pan(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Due(t.Context()); err == nil {
		t.Fatal("the line was cut, and nobody was told")
	}
	for range 2 {
		if err := h.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{openTogether, openTogether, openTogether, 10}; fmt.Sprint(book.sizes) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", book.sizes, want)
	}
	if n := testing.AllocsPerRun(10, func() { _ = h.Due(t.Context()) }); n > 10 {
		t.Errorf("%v allocations where there is nothing to do, with %d cards", n, cards)
	}
	for _, i := range []int{0, cards + 1, cards} { // one is known
		if err := h.Registry.PutCard(registry.Card{PAN: pan(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Due(t.Context()); err != nil || book.sizes[len(book.sizes)-1] != 2 {
		t.Errorf("two cards more: got %v, %v", book.sizes, err)
	}
	got, err := book.Read(t.Context(), issuer)
	if err != nil || got[0] != -(cards+2)*registry.DefaultBalance {
		t.Errorf("the issuer paid in %v, %v", got, err)
	}
	a, err := h.Account(t.Context(), pan(cards-1))
	if err != nil || a.Balance != registry.DefaultBalance {
		t.Errorf("the last card has %+v, %v", a, err)
	}
}
