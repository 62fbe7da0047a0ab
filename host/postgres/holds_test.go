//go:build unix

package postgres

import (
	"reflect"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// TestPostingsOf finds by index what reading the whole journal finds.
func TestPostingsOf(t *testing.T) {
	for seed := range uint64(3) {
		store := newStore(t).(*Store)
		ledgertest.Random(t, store, seed, 200)
		for _, kind := range []ledger.Kind{ledger.Hold, ledger.ATC} {
			var got, want []uint64
			for p, err := range store.PostingsOf(t.Context(), 10, kind) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, p.Seq)
			}
			for p, err := range store.Postings(t.Context(), 10) {
				if err != nil {
					t.Fatal(err)
				}
				for _, mv := range p.Moves {
					if mv.Reg.Kind == kind {
						want = append(want, p.Seq)
						break
					}
				}
			}
			if !reflect.DeepEqual(got, want) || len(want) == 0 {
				t.Errorf("seed %d, %s: got %v, want %v", seed, kind, got, want)
			}
			for range store.PostingsOf(t.Context(), 0, kind) {
				break
			}
		}
	}
}
