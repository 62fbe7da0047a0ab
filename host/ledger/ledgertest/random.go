package ledgertest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"possim/host/ledger"
)

// Random commits n random transactions to b and to the reference, and compares every answer and,
// in the end, every register and posting. The same seed makes the same transactions.
func Random(t *testing.T, b ledger.Book, seed uint64, n int) {
	g := generator{r: rand.New(rand.NewPCG(seed, 1)), hostile: seed%3 == 2}
	ref := &reference{}
	seen := map[string]int{}
	for i := range n {
		tx := g.tx(ref)
		want := ref.commit(tx)
		got, err := b.Commit(t.Context(), tx)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d, transaction %d: %+v\ngot  %+v, %v\nwant %+v", seed, i, tx, got, err, want)
		}
		seen[outcome(got)]++
		if i%8 == 0 {
			g.look(t, b, ref)
		}
	}
	compare(t, b, ref)
	rebuild(t, b, &g)
	t.Log(seen)
}

// generator makes transactions over few owners and keys, so that they meet.
type generator struct {
	r       *rand.Rand
	hostile bool // amounts at the edge of int64
	next    int
	day     ledger.Day
}

var owners = []string{"card1", "card2", "shop", "bank"}

func (g *generator) tx(ref *reference) ledger.Tx {
	if g.r.IntN(40) == 0 {
		g.day++
	}
	tx := ledger.Tx{Key: g.newKey(), At: at, Day: 20260601 + g.day, Memo: []byte(fmt.Sprint("memo ", g.next))}
	tx.Print[0] = byte(g.r.IntN(2) * g.r.IntN(2))
	for range g.r.IntN(3) {
		tx.Guards = append(tx.Guards, g.guard())
	}
	if g.r.IntN(4) == 0 {
		tx.Raise = []ledger.Raise{{Reg: reg(ledger.ATC, g.owner()), To: g.amount()}}
	}
	switch what := g.r.IntN(20); {
	case what < 2: // a repeat, perhaps with another print
		if n := len(ref.lines); n > 0 {
			tx = ref.lines[g.r.IntN(n)].tx
			tx.Print[0] ^= byte(g.r.IntN(3) / 2)
		}
		return tx
	case what < 11:
		tx.Moves = g.moves(true)
	case what == 11:
		tx.Refuse, tx.Moves = "14", g.moves(false)
	default:
		g.undo(&tx, ref)
	}
	return tx
}

// undo makes tx undo something: recent, old, refused, itself an undo, or not there yet.
func (g *generator) undo(tx *ledger.Tx, ref *reference) {
	if g.r.IntN(3) > 0 {
		tx.Guards = nil
	}
	n := len(ref.lines)
	switch g.r.IntN(6) {
	case 0:
		tx.Undoes = ledger.Key(fmt.Sprint("k", g.next+1+g.r.IntN(3)))
	case 1, 2:
		if n > 0 {
			tx.Undoes = ref.lines[g.r.IntN(n)].tx.Key
		}
	default:
		if n > 0 {
			tx.Undoes = ref.lines[max(0, n-1-g.r.IntN(8))].tx.Key
		}
	}
	if tx.Undoes == "" {
		return
	}
	tx.UndoesSeq = uint64(ref.find(tx.Undoes) + 1)
	switch g.r.IntN(12) {
	case 0:
		tx.UndoesSeq = uint64(g.r.IntN(n + 2))
	case 1, 2:
		tx.Moves = g.moves(true)
	case 3:
		tx.Refuse = "64"
	}
}

func (g *generator) newKey() ledger.Key {
	g.next++
	return ledger.Key(fmt.Sprint("k", g.next))
}

// moves makes money go from one to another, and counters change.
func (g *generator) moves(money bool) (moves []ledger.Move) {
	if money {
		n := g.amount()
		from, to := g.owner(), g.owner()
		moves = append(moves, ledger.Move{Reg: reg(ledger.Balance, from), Add: -n}, ledger.Move{Reg: reg(ledger.Balance, to), Add: n})
		if g.r.IntN(4) == 0 {
			moves[1].Reg.Kind = ledger.Hold
		}
	}
	for range g.r.IntN(3) {
		moves = append(moves, ledger.Move{Reg: g.counter(), Add: g.amount(), Set: g.r.IntN(5) == 0})
	}
	return moves
}

func (g *generator) guard() ledger.Guard {
	guard := ledger.Guard{Rule: fmt.Sprint("rule", g.r.IntN(4)), Reg: g.counter(), Add: g.amount()}
	if g.r.IntN(2) == 0 {
		guard.Reg = reg(ledger.Balance, g.owner())
	}
	if g.r.IntN(2) == 0 {
		guard.Max = ledger.At(guard.Add * 3)
	}
	if g.r.IntN(4) == 0 {
		guard.Min = ledger.At(-4 * guard.Add)
	}
	return guard
}

func (g *generator) counter() ledger.Reg {
	kinds := []ledger.Kind{ledger.DayAmount, ledger.DayCount, ledger.ATC}
	r := reg(kinds[g.r.IntN(len(kinds))], g.owner())
	if r.Kind != ledger.ATC {
		r.Day = 20260601 + g.day
	}
	return r
}

func (g *generator) owner() string { return owners[g.r.IntN(len(owners))] }

func (g *generator) amount() int64 {
	if g.hostile && g.r.IntN(6) == 0 {
		return math.MaxInt64 - g.r.Int64N(3)
	}
	return g.r.Int64N(1000)
}

// registers are all that the generator can have touched.
func (g *generator) registers() (regs []ledger.Reg) {
	for _, owner := range owners {
		regs = append(regs, reg(ledger.Balance, owner), reg(ledger.Hold, owner), reg(ledger.ATC, owner))
		for d := range g.day + 1 {
			regs = append(regs, ledger.Reg{Kind: ledger.DayAmount, Owner: owner, Day: 20260601 + d},
				ledger.Reg{Kind: ledger.DayCount, Owner: owner, Day: 20260601 + d})
		}
	}
	return regs
}

// look compares the registers, and that money neither comes nor goes.
func (g *generator) look(t *testing.T, b ledger.Book, ref *reference) {
	t.Helper()
	regs := g.registers()
	got, err := b.Read(t.Context(), regs...)
	if err != nil {
		t.Fatal(err)
	}
	var money int64 // may wrap; zero is zero all the same
	for i, r := range regs {
		if want := ref.value(r); !want.IsInt64() || got[i] != want.Int64() {
			t.Fatalf("%s: got %d, want %s", r, got[i], want)
		}
		if r.Kind.Money() {
			money += got[i]
		}
	}
	if money != 0 {
		t.Fatalf("all money sums to %d, want 0", money)
	}
}

// compare compares the journal with the reference's list, and who has undone whom.
func compare(t *testing.T, b ledger.Book, ref *reference) {
	t.Helper()
	n := 0
	for p, err := range b.Postings(t.Context(), 0) {
		if err != nil || n >= len(ref.lines) {
			t.Fatalf("posting %d: %+v, %v, want %d postings", n+1, p, err, len(ref.lines))
		}
		l := ref.lines[n]
		n++
		if !reflect.DeepEqual(p.Result(), l.Result) || p.Key != l.tx.Key || p.Undoes != l.tx.Undoes || p.Print != l.tx.Print || !p.At.Equal(l.tx.At) || p.Day != l.tx.Day {
			t.Fatalf("posting %d: got %+v, want %+v", n, p, l)
		}
		p.UndoneBy = ""
		if i := ref.undoer(n - 1); i >= 0 {
			p.UndoneBy = ref.lines[i].tx.Key
		}
		if got, err := b.Find(t.Context(), p.Key); err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("Find: got %+v, %v, want %+v", got, err, p)
		}
	}
	if n != len(ref.lines) {
		t.Fatalf("got %d postings, want %d", n, len(ref.lines))
	}
	if _, err := b.Find(t.Context(), "k0"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("Find of an unknown key: got %v", err)
	}
}

// rebuild replays the journal, through its JSON, into a new machine, which must be the same book.
func rebuild(t *testing.T, b ledger.Book, g *generator) {
	t.Helper()
	var m ledger.Machine
	for p, err := range b.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		var q ledger.Posting
		if err := q.UnmarshalJSON(p.AppendJSON(nil)); err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("through JSON: got %+v, %v, want %+v", q, err, p)
		}
		if err := m.Replay(q); err != nil {
			t.Fatal(err)
		}
	}
	regs := g.registers()
	if got, err := b.Read(t.Context(), regs...); err != nil || !reflect.DeepEqual(got, m.Read(regs...)) {
		t.Fatalf("rebuilt: got %v, want %v, %v", m.Read(regs...), got, err)
	}
}
