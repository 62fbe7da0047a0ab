package host

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
)

func duration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestLimitUnderLoad: many terminals at once on one card; exactly as many sales
// pass as the limit has room for, and the books sum to zero.
func TestLimitUnderLoad(t *testing.T) {
	w := newWorld(t)
	w.run("card A day=100.00 balance=1000.00")
	var wg sync.WaitGroup
	codes := make([][]wire.Code, 16)
	for g := range codes {
		wg.Go(func() {
			for i := range 20 {
				m, _ := (&world{t: t}).message("sale", []string{"A", "1.00"})
				m.TID, m.STAN = "000000"+number(g+1, 2), number(i, 6)
				codes[g] = append(codes[g], w.h.Decide(context.Background(), Request{Message: m}).Answer.Code)
			}
		})
	}
	wg.Wait()
	got := map[wire.Code]int{}
	for _, c := range codes {
		for _, code := range c {
			got[code]++
		}
	}
	if got["00"] != 100 || got["61"] != 220 {
		t.Errorf("got %v, want 100 approved and 220 over the limit", got)
	}
	if w.register("A") != "900.00" || w.register("A.day") != "100.00" {
		t.Errorf("balance %s, day %s", w.register("A"), w.register("A.day"))
	}
	if err := w.balanced(); err != nil {
		t.Error(err)
	}
}

// TestRaces sends each sale, its repeat and its reversal at once, from goroutines
// that the scheduler orders: whatever the order, nothing is left on the card.
func TestRaces(t *testing.T) {
	w := newWorld(t)
	w.h.WalkIn = true
	var wg sync.WaitGroup
	for i := range 60 {
		sale, _ := (&world{t: t}).message("sale", []string{"A", "1.00"})
		sale.STAN = number(i, 6)
		rev, _ := (&world{t: t}).message("rev", []string{"-", "1.00"})
		rev.STAN = sale.STAN
		for _, m := range []wire.Message{sale, rev, sale, rev} {
			wg.Go(func() {
				d := w.h.Decide(context.Background(), Request{Message: m})
				if c := d.Answer.Code; c != "00" && c != "25" && c != "94" {
					t.Errorf("%s: got %q (%s)", m.MTI, c, d.Note)
				}
			})
		}
	}
	wg.Wait()
	if got := w.register("A"); got != "1000000.00" {
		t.Errorf("got a balance of %s", got)
	}
	if w.register("A.count") != "0" || w.register("M") != "0.00" {
		t.Errorf("count %s, merchant %s", w.register("A.count"), w.register("M"))
	}
	if err := w.balanced(); err != nil {
		t.Error(err)
	}
}

func number(n, width int) string {
	s := strings.Repeat("0", width) + itoa(n)
	return s[len(s)-width:]
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// naive is the rules of limits, repeats and reversals written down a second time,
// without ledger, guards or tombstones.
type naive struct {
	balance, day   map[string]int64
	count          map[string]int64
	sales          map[string]*naiveSale // by STAN
	dayLimit       int64
	countLimit     int64
	perTransaction int64
}

type naiveSale struct {
	card   string
	amount int64
	code   wire.Code
	undone bool
	ghost  bool  // a reversal came for it first
	first  int64 // and this was its amount
}

func (n *naive) sale(stan, card string, amount int64) wire.Code {
	if s := n.sales[stan]; s != nil && s.code != "" {
		if s.card != card || s.amount != amount {
			return "94"
		}
		return s.code
	} else if s != nil && s.ghost {
		*s = naiveSale{card: card, amount: amount, code: "94", ghost: true, first: s.first}
		return "94"
	}
	s := &naiveSale{card: card, amount: amount, code: "00"}
	n.sales[stan] = s
	switch {
	case amount == 0:
		s.code = "13"
	case amount > n.perTransaction, n.day[card]+amount > n.dayLimit:
		s.code = "61"
	case n.count[card]+1 > n.countLimit:
		s.code = "65"
	case n.balance[card] < amount:
		s.code = "51"
	default:
		n.add(s, 1)
	}
	return s.code
}

func (n *naive) add(s *naiveSale, sign int64) {
	n.balance[s.card] -= sign * s.amount
	n.day[s.card] += sign * s.amount
	n.count[s.card] += sign
}

func (n *naive) reverse(stan string, amount int64) wire.Code {
	s := n.sales[stan]
	switch {
	case s == nil:
		n.sales[stan] = &naiveSale{amount: amount, ghost: true, first: amount}
		return "25"
	case s.amount != amount && s.code != "":
		return "64"
	case s.ghost && s.first != amount:
		return "94" // another amount under the key of the first reversal
	case s.ghost:
		return "25"
	case s.code == "00" && !s.undone:
		s.undone = true
		n.add(s, -1)
	}
	return "00"
}

// TestAgainstNaiveModel: 40 seeds of 250 random messages, few STANs and amounts so
// that repeats, clashes and late originals abound.
func TestAgainstNaiveModel(t *testing.T) {
	for seed := range uint64(40) {
		w := newWorld(t)
		w.run("card A balance=60.00 day=40.00 count=7 per=9.00\ncard B balance=60.00 day=40.00 count=7 per=9.00")
		n := &naive{map[string]int64{"A": 6000, "B": 6000}, map[string]int64{}, map[string]int64{}, map[string]*naiveSale{}, 4000, 7, 900}
		r := rand.New(rand.NewPCG(seed, 1))
		seen := map[wire.Code]int{}
		for range 250 {
			stan, name := number(r.IntN(60), 6), string(rune('A'+r.IntN(2)))
			amount := []int64{0, 100, 450, 900, 901}[r.IntN(5)]
			verb, card, want := "sale", name, wire.Code("")
			if r.IntN(3) == 0 {
				verb, card, want = "rev", "-", n.reverse(stan, amount)
			} else {
				want = n.sale(stan, name, amount)
			}
			m, _ := w.message(verb, []string{card, "0.00"})
			m.STAN, m.Amount = stan, amount
			got := w.h.Decide(context.Background(), Request{Message: m})
			seen[want]++
			if got.Answer.Code != want {
				t.Fatalf("seed %d: %s %s %s %d: got %s (%s %s), want %s", seed, verb, card, stan, amount, got.Answer.Code, got.Rule, got.Note, want)
			}
		}
		for _, name := range []string{"A", "B"} {
			a, _ := w.h.Account(context.Background(), pan(name))
			if a != (Account{Balance: n.balance[name], DayAmount: n.day[name], DayCount: n.count[name]}) {
				t.Fatalf("seed %d: card %s: got %+v, want %d %d %d", seed, name, a, n.balance[name], n.day[name], n.count[name])
			}
		}
		if err := w.balanced(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if seen["25"] == 0 || seen["94"] == 0 || seen["64"] == 0 {
			t.Fatalf("seed %d tries too little: %v", seed, seen)
		}
	}
}

// TestRestart: a new host over the same book; another balance in the card file is
// not another opening.
func TestRestart(t *testing.T) {
	w := newWorld(t)
	w.run(`
		card A balance=100.00 day=80.00
		sale A 60.00 -> 00 A=40.00`)
	again := newWorld(t)
	again.h.Book = w.h.Book
	again.run(`
		clock +1h
		card A balance=500.00 day=90.00
		sale A 30.01 stan=2 -> 61 day-amount A=40.00 A.day=60.00
		sale A 30.00 stan=3 -> 00 A=10.00
		sale A 60.00 stan=1 -> 00 A=10.00 # a repeat across the restart
		rev - 60.00 stan=1 -> 00 A=70.00`)
}

func TestWalkIn(t *testing.T) {
	w := newWorld(t)
	w.run("sale A 1.00 -> 14 card")
	w.h.WalkIn = true
	w.run(`
		again -> 14                         # the first answer
		sale A 1.00 track=2912 -> 00 A=999999.00
		sale A 1.00 -> 00 A=999998.00
		sale B 1.00 stan=2 -> 94 B=0.00     # a clash opens no account
		sale B 1.00 exp=2001 -> 54 B=1000000.00`)
}

// TestAccountsOpenAtFirstSight: a host whose Due nobody called.
func TestAccountsOpenAtFirstSight(t *testing.T) {
	w := newWorld(t)
	if err := w.h.Registry.PutCard(registry.Card{PAN: pan("A"), Balance: new(int64(500))}); err != nil {
		t.Fatal(err)
	}
	w.run("sale A 1.00 -> 00 A=4.00")
	for range 3 {
		if err := w.h.Due(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if w.register("A") != "4.00" {
		t.Errorf("got %s", w.register("A"))
	}
}

func TestDueWantsAKey(t *testing.T) {
	w := newWorld(t)
	w.h.TokenKey = []byte("short")
	if err := w.h.Due(context.Background()); err == nil {
		t.Error("a short token key passes")
	}
}

// TestAnswer: what table 3 of the UnionPay dialect has in a 0210, and nothing else.
func TestAnswer(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	m, _ := w.message("sale", []string{"A", "12.34", "track=2912"})
	m.PAN = pan("A")
	m.TPDU, m.Header = []byte{0x60, 0x06, 0x01, 0, 0}, []byte{0x60, 0x31, 0, 0x31, 0x11, 0x08}
	m.PINBlock, m.Track3 = wire.Secret("12345678"), "99="
	a := w.h.Decide(context.Background(), Request{Message: m}).Answer
	for _, c := range []struct{ field, got, want string }{
		{"TPDU", string(a.TPDU), "\x60\x00\x00\x06\x01"}, {"MTI", string(a.MTI), "0210"},
		{"3", a.ProcessingCode, "000000"}, {"11", a.STAN, "000001"}, {"12", a.Time, "090000"}, {"13", a.Date, "0601"},
		{"15", a.SettlementDate, "0601"}, {"25", a.Condition, "00"}, {"32", a.Acquirer, "48980000"},
		{"37", a.RRN, "615200000002"}, {"38", a.AuthCode, "000002"}, {"39", string(a.Code), "00"},
		{"41", a.TID, m.TID}, {"42", a.MID, m.MID}, {"49", string(a.Currency), "156"}, {"60", a.Private60, m.Private60},
	} {
		if c.got != c.want {
			t.Errorf("field %s: got %q, want %q", c.field, c.got, c.want)
		}
	}
	if a.Amount != 1234 {
		t.Errorf("field 4: got %d", a.Amount)
	}
	for _, n := range []int{2, 14, 22, 35, 36, 52, 55} {
		if a.Present(n) {
			t.Errorf("field %d went back", n)
		}
	}
}

// TestRRNs: every recorded decision has its own.
func TestRRNs(t *testing.T) {
	w := newWorld(t)
	w.run("card A balance=5.00")
	seen := map[string]bool{}
	for range 10 {
		w.run("sale A 1.00 -> " + map[bool]string{true: "00", false: "51"}[len(seen) < 5])
		rrn := w.first.Answer.RRN
		if len(rrn) != 12 || seen[rrn] {
			t.Errorf("RRN %q", rrn)
		}
		seen[rrn] = true
		if got := w.first.Answer.AuthCode; (got != "") != (w.first.Answer.Code == "00") {
			t.Errorf("code %s with auth code %q", w.first.Answer.Code, got)
		}
		w.clock = w.clock.Add(9 * time.Hour)
	}
}

// TestNoSecrets is the canary: neither log nor book nor any error shows a card.
func TestNoSecrets(t *testing.T) {
	w := newWorld(t)
	w.h.WalkIn = true
	w.run(`
		card A per=1.00
		sale A 2.00 track=2912 -> 61
		rev A 2.00 -> 00
		sale A 0.50 exp=2912 -> 00
		sale B 1.00 exp=2913 -> 30
		sale A 0.50 stan=1 -> 94
		rev B 0.50 stan=2 -> 64`)
	all := w.log.String()
	for p := range w.h.Book.Postings(context.Background(), 0) {
		all += string(p.Key) + string(p.Memo)
		for _, m := range p.Moves {
			all += m.Reg.String()
		}
	}
	for _, secret := range []string{pan("A").Reveal(), pan("B").Reveal(), "2020000000001", "2912101"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is in the log or the book:\n%s", secret, all)
		}
	}
	if !strings.Contains(all, "622202******0010") {
		t.Error("not even the masked card is there")
	}
	if got := strings.Count(w.log.String(), "\n"); got != 6 {
		t.Errorf("want one line a decision, got %d:\n%s", got, w.log.String())
	}
}

var _ ledger.Book = (*meddler)(nil)
