package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"possim/host/ledger"
)

// testTogether commits transactions together: each is posted once, none where one of them is wrong.
func testTogether(t *testing.T, b ledger.Book) {
	batcher, ok := b.(ledger.Batcher)
	if !ok {
		t.Skip("the Book takes one transaction after the other")
	}
	const n = 600
	txs := make([]ledger.Tx, n)
	for i := range txs {
		txs[i] = ledger.Tx{Key: ledger.Key(fmt.Sprint("together", i)), Moves: []ledger.Move{
			{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "issuer"}, Add: -1},
			{Reg: ledger.Reg{Kind: ledger.Balance, Owner: fmt.Sprint("card", i)}, Add: 1}}}
	}
	wrong := append(txs[:n/2:n/2], ledger.Tx{Key: "unbalanced", Moves: txs[0].Moves[:1]})
	if _, err := batcher.CommitAll(t.Context(), wrong); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("one of them unbalanced: got %v", err)
	}
	if _, err := b.Find(t.Context(), txs[0].Key); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the first was posted beside an unbalanced one: %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := batcher.CommitAll(cancelled, txs); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	for _, repeat := range []bool{false, true} {
		got, err := batcher.CommitAll(t.Context(), txs)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[uint64]bool{}
		for i, r := range got {
			p, err := b.Find(t.Context(), txs[i].Key)
			if err != nil || r.Seq == 0 || p.Seq != r.Seq || r.Repeat != repeat || seen[r.Seq] {
				t.Fatalf("%s: got %+v, and found %+v, %v", txs[i].Key, r, p, err)
			}
			seen[r.Seq] = true
		}
	}
	if got, err := b.Read(t.Context(), txs[0].Moves[0].Reg, txs[n-1].Moves[1].Reg); err != nil || got[0] != -n || got[1] != 1 {
		t.Errorf("the registers hold %v, %v", got, err)
	}
}
