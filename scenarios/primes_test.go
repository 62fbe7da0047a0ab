package scenarios

import (
	"bytes"
	"os"
	"testing"

	"possim/reader/emv"
	"possim/reader/icc"
)

// TestPrimes searches for the keys of every card of the list and holds primes.txt against
// them: it has all, and nothing else. -update writes it.
func TestPrimes(t *testing.T) {
	cards, err := CatalogCards()
	if err != nil {
		t.Fatal(err)
	}
	var ring emv.Keyring
	for _, c := range cards {
		if c.Chip == nil {
			continue
		}
		p, err := c.Profile(&ring)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := icc.New(p, icc.State{}); err != nil {
			t.Fatal(err)
		}
	}
	want := ring.Searched().String()
	if *update {
		if err := os.WriteFile("primes.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !*update && !bytes.Equal(primes, []byte(want)) {
		t.Errorf("primes.txt is not where the primes lie: go test ./scenarios -run TestPrimes -update writes\n%s", want)
	}
	if !*update && len(Keyring().Steps) == 0 {
		t.Error("the file cannot be read")
	}
}
