package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"possim/host/ledger"
)

// TestAgainstMemory lets eight callers commit to a store whose writes fail now and then and which is
// opened again between rounds. Then the memory model gets the same transactions in the order the store
// says they came in, and must say the same of each.
func TestAgainstMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	txs := map[ledger.Key]ledger.Tx{}
	var mu sync.Mutex
	for round := range uint64(4) {
		chance := rand.New(rand.NewPCG(round, 9)) // the writer's alone
		s := small(t, path, func(string) error {
			if chance.IntN(25) == 0 {
				return errors.New("broken")
			}
			return nil
		})
		var wg sync.WaitGroup
		for caller := range uint64(8) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r := rand.New(rand.NewPCG(round, caller))
				for i := range 60 {
					tx := anything(t, s, r, fmt.Sprintf("k%d-%d-%d", round, caller, i))
					mu.Lock()
					txs[tx.Key] = tx
					mu.Unlock()
					if err := insist(t, s, tx); err != nil {
						t.Error(err)
						return
					}
				}
			}()
		}
		wg.Wait()
		closed(t, s)
	}
	s, model := small(t, path, nil), ledger.NewMemory()
	stale := len(txs)
	for p, err := range s.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		stale--
		if _, err := model.Commit(t.Context(), txs[p.Key]); err != nil {
			t.Fatal(err)
		}
	}
	for p := range model.Postings(t.Context(), 0) {
		want, err := model.Find(t.Context(), p.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Find(t.Context(), p.Key); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	if got, want := state(t, s), state(t, model); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	t.Logf("%d transactions, %d of them stale", len(txs), stale)
}

// anything makes a transaction: a sale, or the undoing of one that another caller may be undoing too.
func anything(t *testing.T, s *Store, r *rand.Rand, key string) ledger.Tx {
	made := tx(key, r.Int64N(5))
	made.Guards[0].Max = ledger.At(600)
	made.Raise = []ledger.Raise{{Reg: ledger.Reg{Kind: ledger.ATC, Owner: "card"}, To: r.Int64N(1000)}}
	if r.IntN(3) > 0 {
		return made
	}
	made.Undoes = ledger.Key(fmt.Sprintf("k%d-%d-%d", r.IntN(4), r.IntN(8), r.IntN(60)))
	if r.IntN(3) > 0 {
		made.Guards, made.Moves = nil, nil
	}
	if made.Undoes == made.Key {
		made.Undoes = "other"
	}
	for {
		p, err := s.Find(t.Context(), made.Undoes)
		if err == nil || errors.Is(err, ledger.ErrNotFound) {
			made.UndoesSeq = p.Seq
			return made
		}
	}
}

// insist commits until the outcome is known.
func insist(t *testing.T, s *Store, tx ledger.Tx) (err error) {
	for range 100 {
		if _, err = s.Commit(t.Context(), tx); err == nil {
			return nil
		}
	}
	return err
}
