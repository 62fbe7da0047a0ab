package host

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"possim/host/ledger"
	"possim/host/money"
	"possim/host/sqlite"
	"possim/host/wire"
)

// tapped is one request of a chip in the naive model.
type tapped struct {
	verb    string // sale, offline
	message wire.Message
	atc     int
	right   bool
	amount  int64
	code    wire.Code
	stands  bool
	reverse wire.Code // the first answer to its reversal
	answer  []byte    // field 55
}

// naiveChip is what counters mean, written down a second time: everything is looked up
// in the list of what happened.
type naiveChip struct {
	all     []*tapped
	opening int64
}

func (n *naiveChip) highest() (atc int) {
	for _, a := range n.all {
		if a.right {
			atc = max(atc, a.atc)
		}
	}
	return atc
}

func (n *naiveChip) paid(atc int) bool {
	for _, a := range n.all {
		if a.atc == atc && a.code == "00" && a.stands {
			return true
		}
	}
	return false
}

func (n *naiveChip) balance() int64 {
	b := n.opening
	for _, a := range n.all {
		if a.code == "00" && a.stands {
			b -= a.amount
		}
	}
	return b
}

func (n *naiveChip) decide(a *tapped) (code wire.Code, rule string) {
	switch {
	case !a.right:
		return "05", "cryptogram"
	case a.verb == "offline" && n.paid(a.atc):
		return "05", "atc"
	case a.verb == "offline":
		return "00", ""
	case a.atc <= n.highest():
		return "05", "atc"
	case a.amount > n.balance():
		return "51", "balance"
	}
	return "00", ""
}

// TestChipAgainstNaiveModel: random sales online and offline with counters that come
// again, come late and are forged, repeats and reversals, on both books.
func TestChipAgainstNaiveModel(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(12) {
		book := ledger.Book(ledger.NewMemory())
		if seed%4 == 3 {
			file, err := sqlite.Open(filepath.Join(t.TempDir(), "books.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			book = file
		}
		w := newWorld(t)
		w.h.Book, w.owing = book, true
		w.run("card A keys=yes balance=300.00")
		n := &naiveChip{opening: 30000}
		r := rand.New(rand.NewPCG(seed, 31))
		for i := range 120 {
			what := n.step(t, w, r)
			seen[what]++
			if got := w.register("A"); got != money.Format(n.balance()) {
				t.Fatalf("seed %d, step %d (%s): balance %s, want %s", seed, i, what, got, money.Format(n.balance()))
			}
		}
		if err := w.balanced(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for _, want := range []string{"sale 00", "sale 51", "sale 05 atc", "sale 05 cryptogram", "offline 00", "offline 05 atc", "offline 05 cryptogram", "again", "reversal 00", "reversal 12"} {
		if seen[want] < 5 {
			t.Errorf("%s was met %d times: the seeds try too little (%v)", want, seen[want], seen)
		}
	}
}

// step does one thing and says what.
func (n *naiveChip) step(t *testing.T, w *world, r *rand.Rand) string {
	t.Helper()
	if len(n.all) > 0 {
		switch a := n.all[r.IntN(len(n.all))]; r.IntN(6) {
		case 0:
			d := w.h.Decide(t.Context(), Request{Message: a.message})
			if d.Answer.Code != a.code || !d.Repeat || !bytes.Equal(d.Answer.Chip, a.answer) {
				t.Fatalf("%s of ATC %d again: got %s %X, want %s %X", a.verb, a.atc, d.Answer.Code, d.Answer.Chip, a.code, a.answer)
			}
			return "again"
		case 1:
			return n.undo(t, w, a)
		}
	}
	a := &tapped{verb: []string{"sale", "sale", "offline"}[r.IntN(3)], atc: max(1, n.highest()+r.IntN(5)-1), right: r.IntN(8) > 0,
		amount: []int64{100, 900, 2500, 9000}[r.IntN(4)], stands: true}
	words := []string{"A", money.Format(a.amount), fmt.Sprint("atc=", a.atc)}
	if !a.right {
		words = append(words, "flip=95")
	}
	m, err := w.message(a.verb, words)
	if err != nil {
		t.Fatal(err)
	}
	code, rule := n.decide(a)
	d := w.h.Decide(t.Context(), Request{Message: m})
	if d.Answer.Code != code || d.Rule != rule {
		t.Fatalf("%s of ATC %d (right %v): got %s %s (%s), want %s %s", a.verb, a.atc, a.right, d.Answer.Code, d.Rule, d.Note, code, rule)
	}
	if proved := len(d.Answer.Chip) > 0; proved != (a.verb == "sale" && a.right && rule != "atc") {
		t.Fatalf("%s of ATC %d: field 55 %X with code %s", a.verb, a.atc, d.Answer.Chip, code)
	}
	a.message, a.code, a.answer = m, code, d.Answer.Chip
	n.all = append(n.all, a)
	if code == "05" {
		return a.verb + " 05 " + rule
	}
	return a.verb + " " + string(code)
}

// undo reverses it.
func (n *naiveChip) undo(t *testing.T, w *world, a *tapped) string {
	t.Helper()
	m := a.message
	m.MTI, m.Code, m.Chip = wire.MTIReversal, "98", nil
	if a.reverse == "" {
		if a.reverse = "12"; a.verb == "sale" {
			a.reverse, a.stands = "00", false
		}
	}
	if d := w.h.Decide(t.Context(), Request{Message: m}); d.Answer.Code != a.reverse {
		t.Fatalf("reversal of %s: got %s (%s), want %s", a.verb, d.Answer.Code, d.Note, a.reverse)
	}
	return "reversal " + string(a.reverse)
}
