package ledger_test

import (
	"fmt"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

func newMemory(*testing.T) ledger.Book { return ledger.NewMemory() }

func TestConformance(t *testing.T) { ledgertest.Run(t, newMemory) }

// TestRandom adds to the suite what only memory is fast enough for.
func TestRandom(t *testing.T) {
	for seed := uint64(100); seed < 130; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { ledgertest.Random(t, ledger.NewMemory(), seed, 300) })
	}
}
