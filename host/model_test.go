package host

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"possim/host/money"
	"possim/host/wire"
)

// act is one approved or refused order of the naive day.
type act struct {
	name, verb, card string
	amount           int64
	code             wire.Code
	day              int  // of its use: a completion's is its hold's
	of               *act // what it undoes or, for a refund, refunds
	by               []*act
	reversed         wire.Code // the first answer to its reversal
}

// naiveDay is the rules of what follows up what, written down a second time: nothing
// is added up as it goes, everything is counted anew from the list of acts.
type naiveDay struct {
	acts    []*act
	opening int64
	day     int
	limit   int64
	count   int
}

// stands: approved, and nothing that stands has undone it.
func (a *act) stands() bool {
	return a.code == "00" && !slices.ContainsFunc(a.by, func(b *act) bool { return b.verb != "refund" && b.stands() })
}

func (a *act) refunded() (sum int64) {
	for _, b := range a.by {
		if b.verb == "refund" && b.code == "00" {
			sum += b.amount
		}
	}
	return sum
}

// sums are what the books must hold for a card, on a day.
type sums struct{ balance, held, use, count int64 }

func (n *naiveDay) sums(card string, day int) sums {
	s := sums{balance: n.opening}
	for _, a := range n.acts {
		if a.card != card || !a.stands() {
			continue
		}
		switch a.verb {
		case "sale", "complete":
			s.balance -= a.amount
		case "preauth":
			s.balance -= a.amount
			s.held += a.amount
		case "refund":
			s.balance += a.amount
			continue
		default:
			continue
		}
		if a.day == day {
			s.use, s.count = s.use+a.amount, s.count+1
		}
	}
	return s
}

// batch is the totals of the batch: a void leaves its sale a debit.
func (n *naiveDay) batch() (b BatchTotals) {
	for _, a := range n.acts {
		back := slices.ContainsFunc(a.by, func(r *act) bool { return r.verb == "rev" && r.stands() })
		if a.code != "00" || back {
			continue
		}
		switch a.verb {
		case "sale", "complete":
			b.Debit, b.DebitCount = b.Debit+a.amount, b.DebitCount+1
		case "void", "cvoid", "refund":
			b.Credit, b.CreditCount = b.Credit+a.amount, b.CreditCount+1
		}
	}
	return b
}

// pay decides on a sale or pre-authorisation.
func (n *naiveDay) pay(a *act) wire.Code {
	s := n.sums(a.card, n.day)
	switch {
	case s.use+a.amount > n.limit:
		return "61"
	case s.count+1 > int64(n.count):
		return "65"
	case s.balance < a.amount:
		return "51"
	}
	return "00"
}

// follow decides on what follows up an earlier act.
func (n *naiveDay) follow(a *act) wire.Code {
	wants := map[string][]string{"void": {"sale"}, "cvoid": {"complete"}, "cancel": {"preauth"}, "complete": {"preauth"}, "refund": {"sale", "complete"}}
	of := a.of
	switch {
	case !slices.Contains(wants[a.verb], of.verb):
		return "12"
	case !of.stands():
		return "25"
	case a.card != of.card:
		return "64"
	}
	switch a.verb {
	case "complete":
		if a.amount*100 > of.amount*115 {
			return "64"
		}
		if a.amount > of.amount && n.sums(a.card, n.day).balance+of.amount < a.amount {
			return "51"
		}
	case "refund":
		if of.refunded()+a.amount > of.amount {
			return "64"
		}
	default:
		if a.amount != of.amount || of.refunded() > 0 {
			return "64"
		}
	}
	return "00"
}

// reverse decides on a reversal, and undoes.
func (n *naiveDay) reverse(of *act) wire.Code {
	if of.verb == "refund" {
		return "12"
	}
	if of.reversed == "" {
		of.reversed = "00"
		switch {
		case of.code == "00" && of.stands() && of.refunded() > 0:
			of.reversed = "64"
		case of.stands() && of.raisable():
			of.by = append(of.by, &act{verb: "rev", code: "00"})
		}
	}
	return of.reversed
}

// raisable: without a completion void its completion would take the hold again, and
// cannot when somebody gave that back meanwhile.
func (a *act) raisable() bool {
	return a.verb != "cvoid" || a.of.of.stands()
}

// next makes up an order: its words for the table, and what the naive day says.
func (n *naiveDay) next(r *rand.Rand) (words []string, want wire.Code) {
	if len(n.acts) > 0 && r.IntN(4) == 0 {
		of := n.acts[r.IntN(len(n.acts))]
		return []string{"rev", "-", money.Format(of.amount), "of=" + of.name}, n.reverse(of)
	}
	verb := []string{"sale", "sale", "preauth", "void", "cvoid", "cancel", "complete", "complete", "refund"}[r.IntN(9)]
	a := &act{name: fmt.Sprint("n", len(n.acts)), verb: verb, card: string(rune('A' + r.IntN(2))), day: n.day,
		amount: []int64{100, 1000, 1150, 1151, 2000}[r.IntN(5)]}
	switch verb {
	case "sale", "preauth":
		a.code = n.pay(a)
		words = []string{verb, a.card, money.Format(a.amount), "as=" + a.name}
	default:
		a.of = n.chosen(r, verb)
		if a.of == nil {
			return n.next(r)
		}
		if r.IntN(8) > 0 { // mostly what may pass
			if a.card = a.of.card; verb != "complete" && verb != "refund" {
				a.amount = a.of.amount
			}
		}
		if a.code = n.follow(a); verb == "complete" {
			a.day = a.of.day
		}
		if a.code == "00" {
			a.of.by = append(a.of.by, a)
		}
		words = []string{verb, a.card, money.Format(a.amount), "of=" + a.of.name, "as=" + a.name}
	}
	n.acts = append(n.acts, a)
	return words, a.code
}

// chosen is an earlier act, often of the kind that fits. A name that a refused
// pre-authorisation never got (an authorisation code) cannot be given, and that of a
// pre-authorisation is no batch and STAN of a sale.
func (n *naiveDay) chosen(r *rand.Rand, verb string) *act {
	byAuth := verb == "cancel" || verb == "complete"
	var fit []*act
	for _, a := range n.acts {
		if byAuth == (a.verb == "preauth") && (!byAuth || a.code == "00") && a.verb != "cancel" && a.verb != "refund" {
			fit = append(fit, a)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	return fit[r.IntN(len(fit))]
}

// TestDayAgainstNaiveModel: 40 seeds of 200 random orders over two days, and some
// repeated.
func TestDayAgainstNaiveModel(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(40) {
		w := newWorld(t)
		w.owing = true
		w.run("card A balance=200.00 day=90.00 count=12\ncard B balance=200.00 day=90.00 count=12")
		n := &naiveDay{opening: 20000, limit: 9000, count: 12}
		r := rand.New(rand.NewPCG(seed, 9))
		for i := range 200 {
			if i == 120 {
				w.clock, n.day = w.clock.Add(24*time.Hour), 1
			}
			words, want := n.next(r)
			m, err := w.message(words[0], words[1:])
			if err != nil {
				t.Fatal(err)
			}
			got := w.h.Decide(context.Background(), Request{Message: m})
			if name := pairs(words)["as"]; name != "" {
				w.named[name] = order{m, got.Answer}
			}
			seen[words[0]+" "+string(want)]++
			if got.Answer.Code != want {
				t.Fatalf("seed %d, step %d: %v: got %s (%s %s), want %s", seed, i, words, got.Answer.Code, got.Rule, got.Note, want)
			}
			if again := w.h.Decide(context.Background(), Request{Message: m}); r.IntN(5) == 0 && again.Answer.Code != want {
				t.Fatalf("seed %d, step %d: %v again: got %s, want %s", seed, i, words, again.Answer.Code, want)
			}
			n.compare(t, w, seed, i)
		}
		if err := w.balanced(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for _, want := range []string{"void 00", "void 25", "void 12", "void 64", "refund 00", "refund 64", "refund 25", "complete 00", "complete 64", "complete 25", "cancel 00", "cancel 25", "cvoid 00", "cvoid 25", "rev 64", "rev 12", "sale 61", "preauth 00"} {
		if seen[want] < 5 {
			t.Errorf("%s was met %d times: the seeds try too little (%v)", want, seen[want], seen)
		}
	}
}

func (n *naiveDay) compare(t *testing.T, w *world, seed uint64, step int) {
	t.Helper()
	for _, card := range []string{"A", "B"} {
		a, err := w.h.Account(context.Background(), pan(card))
		if err != nil {
			t.Fatal(err)
		}
		if want := n.sums(card, n.day); want != (sums{a.Balance, a.Held, a.DayAmount, a.DayCount}) {
			t.Fatalf("seed %d, step %d: card %s: got %+v, want %+v", seed, step, card, a, want)
		}
	}
	got, err := w.h.Batch(context.Background(), "898100054110001", "00000001", 1)
	if want := n.batch(); err != nil || got != want {
		t.Fatalf("seed %d, step %d: batch: got %s, want %s (%v)", seed, step, got, want, err)
	}
}

// TestRestUnderLoad: many refunds, a void and a reversal of one sale at once: what
// goes back is never more than was paid.
func TestRestUnderLoad(t *testing.T) {
	for round := range 20 {
		w := newWorld(t)
		w.run("card A\nsale A 10.00 as=s -> 00")
		var wg sync.WaitGroup
		var mu sync.Mutex
		back := map[string]int{}
		send := func(verb, amount string, stan int) {
			m, err := w.message(verb, []string{"A", amount, "of=s"})
			if err != nil {
				t.Fatal(err)
			}
			if verb != "rev" {
				m.STAN = number(stan, 6)
			}
			wg.Go(func() {
				d := w.h.Decide(context.Background(), Request{Message: m})
				if c := d.Answer.Code; c != "00" && c != "25" && c != "64" {
					t.Errorf("%s: got %s (%s)", verb, c, d.Note)
				}
				mu.Lock()
				defer mu.Unlock()
				if d.Answer.Code == "00" {
					back[verb]++
				}
			})
		}
		for i := range 12 {
			send("refund", "1.00", 100+i)
		}
		for i := range 2 {
			send("void", "10.00", 200+i)
		}
		if round%2 == 0 {
			send("rev", "10.00", 0)
		}
		wg.Wait()
		sum := int64(back["refund"]) * 100
		if back["void"] > 1 || back["refund"] > 10 || back["void"] == 1 && back["refund"] > 0 {
			t.Errorf("approved: %v", back)
		}
		want := money.Format(100_000_000 - 1000 + sum)
		if back["void"] == 1 || back["rev"] == 1 && back["refund"] == 0 {
			want = "1000000.00"
		}
		if got := w.register("A"); got != want {
			t.Errorf("after %v the balance is %s, want %s", back, got, want)
		}
		if err := w.balanced(); err != nil {
			t.Error(err)
		}
	}
}

// TestPINUnderLoad: however many terminals guess at once, only as many PINs are
// looked at as the limit has room for.
func TestPINUnderLoad(t *testing.T) {
	w := newWorld(t)
	w.run("signon -> 00\ncard A pin=123456")
	var wg sync.WaitGroup
	for i := range 40 {
		m, err := w.message("sale", []string{"A", "1.00", "pin=111111"})
		if err != nil {
			t.Fatal(err)
		}
		m.STAN = number(i+100, 6)
		wg.Go(func() {
			if c := w.h.Decide(context.Background(), Request{Message: m}).Answer.Code; c != "55" && c != "75" {
				t.Errorf("got %s", c)
			}
		})
	}
	wg.Wait()
	counted := 0
	for p := range w.h.Book.Postings(context.Background(), 0) {
		if p.Refused == "pin" && len(p.Moves) > 0 {
			counted++
		}
	}
	if counted != 3 {
		t.Errorf("%d PINs were tried, want 3", counted)
	}
	w.run("sale A 1.00 pin=123456 stan=999 -> 75")
}

// TestCodeUnderLoad: one code at many terminals pays once.
func TestCodeUnderLoad(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	m, err := w.message("qr", []string{"A", "1.00"})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 30 {
		m := m
		m.TID, m.STAN = number(i+1, 8), number(i+1, 6)
		wg.Go(func() {
			if c := w.h.Decide(context.Background(), Request{Message: m}).Answer.Code; c != "00" && c != "94" {
				t.Errorf("got %s", c)
			}
		})
	}
	wg.Wait()
	if got := w.register("A"); got != "999999.00" {
		t.Errorf("got a balance of %s", got)
	}
}
