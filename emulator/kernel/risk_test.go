package kernel

import (
	"testing"

	"possim/reader/emv"
)

// Random selection selects as often as it says: 25 % below the threshold, and up to the
// maximum just under the floor. Four standard deviations of 4000 throws are 2.8 %.
func TestRandomSelectionIsFair(t *testing.T) {
	for _, c := range []struct {
		name string
		fen  int64
		want float64
	}{
		{"below the threshold", 1000, 25},
		{"at the threshold", 20000, 25},
		{"half way", 60000, 50},
		{"under the floor", 99999, 74.5},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, tx := newKernel(), newSale()
			k.Random = emv.Seeded("dice", c.name)
			a := &k.Applications[0]
			a.Threshold, a.Target, a.MaxTarget = 20000, 25, 75
			tx.Amount.Minor = c.fen
			n := 0
			for range 4000 {
				s, err := k.newSession(newDeaf, tx)
				if err != nil {
					t.Fatal(err)
				}
				s.app = *a
				if err := s.floor(); err != nil {
					t.Fatal(err)
				}
				if s.tvr.Has(emv.TVRRandomOnline) {
					n++
				}
			}
			// One to 99 are thrown, so that 25 % is 25 of 99.
			if got, want := float64(n)/40, c.want*100/99; got < want-2.8 || got > want+2.8 {
				t.Errorf("selected %.1f %%, want %.1f", got, want)
			}
		})
	}
}

func TestDiceNeedRandomness(t *testing.T) {
	k := newKernel()
	k.Applications[0].Target = 50
	k.Random = stuck{}
	if r, err := k.Start(t.Context(), newChip(), newSale()); err == nil || r.Cause != CauseTerminal {
		t.Errorf("got %s %s, error %v", r.Decision, r.Cause, err)
	}
}

// stuck gives FF for ever.
type stuck struct{}

func (stuck) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 0xFF
	}
	return len(b), nil
}

var newDeaf = &tape{}
