//go:build unix

package postgres

import (
	"testing"

	"possim/host/ledger"
)

// TestRestMovedBefore has what is left of a posting be moved, and folded, before that posting is there. The
// host that posts it learns of that only when it finds that the book has gone on.
func TestRestMovedBefore(t *testing.T) {
	name, url := newDatabase(t)
	a, b := mustOpen(t, url), mustOpen(t, url)
	rest := ledger.Reg{Kind: ledger.Rest, Owner: "late"}
	for i, c := range []struct {
		s    *Store
		key  ledger.Key
		move int64
	}{{a, "first", 0}, {b, "before", -27}, {b, "back", 27}, {a, "late", 27}} {
		tx := ledger.Tx{Key: c.key}
		if c.move != 0 {
			tx.Moves = []ledger.Move{{Reg: rest, Add: c.move}}
		}
		if r, err := c.s.Commit(t.Context(), tx); err != nil || r.Seq != uint64(i+1) {
			t.Fatalf("got %+v, %v", r, err)
		}
	}
	for _, f := range []fold{
		{since: 0, until: 3, key: "back", names: []string{registerName(rest)}, values: []int64{0}},
		{},
	} {
		if f.until == 0 {
			f = b.knows(t, 3)
		}
		if upto, err := b.foldNow(t.Context(), f); err != nil || upto != f.until {
			t.Fatalf("got %d, %v", upto, err)
		}
	}
	if got, err := mustOpen(t, url).Read(t.Context(), rest); err != nil || got[0] != 27 {
		t.Errorf("got %v, %v, want 27", got, err)
	}
	sumUp(t, name)
}

// knows is what a host that begins now, where the table is up to date to a posting, would fold.
func (s *Store) knows(t *testing.T, upto uint64) fold {
	t.Helper()
	w := &writer{store: s, batch: batch(&request{Want: &look{}})}
	defer w.hangUp()
	w.commit()
	if err := w.batch.Requests[0].Err; err != nil || w.cache.folded != upto {
		t.Fatalf("the table is up to date to %d, %v", w.cache.folded, err)
	}
	return w.cache.foldable()
}
