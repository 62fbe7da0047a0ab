//go:build unix

package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/gather"
	"possim/host/ledger/ledgertest"
)

// taped is a Book in memory that keeps what it was asked and what it said.
type taped struct {
	ledger.Book
	txs     []ledger.Tx
	results []ledger.Result
}

func (b *taped) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	r, err := b.Book.Commit(ctx, tx)
	b.txs, b.results = append(b.txs, tx), append(b.results, r)
	return r, err
}

// TestBatches hands what the suite's random transactions are to a writer many at a time, repeats and
// originals among them, and wants of each what the Book in memory said of it alone.
func TestBatches(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			memory := &taped{Book: ledger.NewMemory()}
			ledgertest.Random(t, memory, seed, 300)
			_, url := newDatabase(t)
			store := mustOpen(t, url)
			w := &writer{store: store, batch: batch()}
			defer w.hangUp()
			r := rand.New(rand.NewPCG(seed, 2))
			for at := 0; at < len(memory.txs); {
				n := min(1+r.IntN(60), len(memory.txs)-at)
				w.batch.Requests = w.batch.Requests[:0]
				for i := range n {
					w.batch.Requests = append(w.batch.Requests, &request{Tx: memory.txs[at+i]})
				}
				w.commit()
				for i, got := range w.batch.Requests {
					if want := memory.results[at+i]; got.Err != nil || !reflect.DeepEqual(got.Result, want) {
						t.Fatalf("transaction %d, %d of a batch of %d: %+v\ngot  %+v, %v\nwant %+v", at+i, i, n, got.Tx, got.Result, got.Err, want)
					}
				}
				at += n
			}
			same(t, store, memory)
		})
	}
}

// batch is one that somebody has gathered.
func batch(requests ...*request) *gather.Batch[look] { return &gather.Batch[look]{Requests: requests} }

// same compares two journals.
func same(t *testing.T, got, want ledger.Book) {
	t.Helper()
	var journals [2][]ledger.Posting
	for i, b := range []ledger.Book{got, want} {
		for p, err := range b.Postings(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			journals[i] = append(journals[i], p)
		}
	}
	for i := range max(len(journals[0]), len(journals[1])) {
		if i >= len(journals[0]) || i >= len(journals[1]) || !reflect.DeepEqual(journals[0][i], journals[1][i]) {
			t.Fatalf("posting %d: got %+v, want %+v", i+1, journals[0][min(i, len(journals[0])-1)], journals[1][min(i, len(journals[1])-1)])
		}
	}
}

// TestLateBesideRepeat has an original arrive in one batch with a repeat of the reversal that came before it:
// it is refused as it is alone.
func TestLateBesideRepeat(t *testing.T) {
	_, url := newDatabase(t)
	store := mustOpen(t, url)
	late, reversal := sale("late"), ledger.Tx{Key: "reversal", Day: 20260601, Undoes: "late"}
	if r, err := store.Commit(t.Context(), reversal); err != nil || r.Undo != ledger.Unknown {
		t.Fatalf("got %+v, %v", r, err)
	}
	w := &writer{store: store, batch: batch(&request{Tx: reversal}, &request{Tx: late})}
	defer w.hangUp()
	w.commit()
	if r := w.batch.Requests[0].Result; w.batch.Requests[0].Err != nil || !r.Repeat || r.Undo != ledger.Unknown {
		t.Errorf("the reversal: got %+v, %v", r, w.batch.Requests[0].Err)
	}
	if r := w.batch.Requests[1].Result; w.batch.Requests[1].Err != nil || r.Refused != ledger.RuleTombstone {
		t.Errorf("the original: got %+v, %v, want %s", r, w.batch.Requests[1].Err, ledger.RuleTombstone)
	}
}

// TestUndoneBesideRepeat has a sale undone in one batch with a repeat of it, by a host that does not know
// the sale: what was left of it is what the book says.
func TestUndoneBesideRepeat(t *testing.T) {
	_, url := newDatabase(t)
	store := mustOpen(t, url)
	first := sale("first")
	rest := ledger.Reg{Kind: ledger.Rest, Owner: "first"}
	first.Moves = append(first.Moves, ledger.Move{Reg: rest, Add: 18})
	posted, err := store.Commit(t.Context(), first)
	if err != nil || posted.Refused != "" {
		t.Fatalf("got %+v, %v", posted, err)
	}
	void := ledger.Tx{Key: "void", Day: 20260601, Undoes: "first", UndoesSeq: posted.Seq}
	folded := fold{until: 1, key: "first", names: []string{"balance:0:card", "balance:0:shop", "day-amount:20260601:card"}, values: []int64{-1, 1, 1}}
	if upto, err := store.foldNow(t.Context(), folded); err != nil || upto != 1 {
		t.Fatalf("folded up to %d, %v", upto, err)
	}
	w := &writer{store: store, batch: batch(&request{Tx: first}, &request{Tx: void})}
	defer w.hangUp()
	w.commit()
	for i, r := range w.batch.Requests {
		if r.Err != nil || r.Result.Refused != "" || r.Result.Repeat != (i == 0) {
			t.Errorf("%d: got %+v, %v", i, r.Result, r.Err)
		}
	}
	again := mustOpen(t, url)
	if got, err := again.Read(t.Context(), rest); err != nil || got[0] != 0 {
		t.Errorf("%d is left of it, %v, want 0", got, err)
	}
}
