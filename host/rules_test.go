package host

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
)

// TestLimits: a limit is inclusive, and only approvals count (RULES: day and limits).
func TestLimits(t *testing.T) {
	for name, text := range map[string]string{
		"per transaction": `
			card A per=100.00
			sale A 100.01 -> 61 per-transaction A=1000000.00
			sale A 100.00 -> 00 A=999900.00
			sale A 100.00 -> 00 A=999800.00
		`,
		"day amount": `
			card A day=500.00
			sale A 500.01 -> 61 day-amount A.day=0.00 A.count=0
			sale A 300.00 -> 00 A.day=300.00
			sale A 200.01 -> 61 day-amount A.day=300.00 A.count=1
			sale A 200.00 -> 00 A.day=500.00
			sale A 0.01 -> 61 day-amount
			clock 2026-06-01T23:59:59
			sale A 0.01 -> 61 day-amount
			clock +1s
			sale A 500.00 -> 00 A.day=500.00 A=999000.00
			sale A 0.01 -> 61
		`,
		"day count": `
			card A count=2 balance=10.00
			sale A 10.01 -> 51 balance A.count=0
			sale A 1.00 -> 00 A.count=1
			sale A 1.00 -> 00 A.count=2
			sale A 1.00 -> 65 day-count A.count=2
			clock +24h
			sale A 1.00 -> 00 A.count=1
		`,
		"a limit of nothing": `
			card A day=0.00
			sale A 0.01 -> 61 day-amount
			card B count=0
			sale B 0.01 -> 65 day-count
			card C per=0.00
			sale C 0.01 -> 61 per-transaction
		`,
		"terminal day": `
			card A balance=9000000.00
			sale A 499999.99 -> 00 T=499999.99
			sale A 0.02 -> 61 terminal-day T=499999.99
			sale A 0.01 -> 00 T=500000.00
			sale A 0.01 -> 61 terminal-day
			sale A 0.01 tid=2 -> 00
			clock +24h
			sale A 0.01 -> 00 T=0.01
		`,
		"balance": `
			card A balance=100.00
			sale A 100.01 -> 51 balance A=100.00
			sale A 99.99 -> 00 A=0.01 M=99.99
			sale A 0.02 -> 51 balance
			sale A 0.01 -> 00 A=0.00 M=100.00
			sale A 0.01 -> 51 balance
			card B balance=0.00
			sale B 0.01 -> 51 balance
		`,
		"the largest amount": `
			card A
			sale A 9999999999.99 -> 61 terminal-day
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestMerchantDay(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	w.run("sale A 60.00 -> 00")
	if err := w.h.Registry.PutMerchant(registry.Merchant{MID: registry.DefaultMID, DayAmount: new(int64(100_00))}); err != nil {
		t.Fatal(err)
	}
	w.run(`
		sale A 40.01 tid=2 -> 61 merchant-day # what was sold before the limit was set counts
		sale A 40.00 tid=2 -> 00
		sale A 0.01 tid=3 -> 61 merchant-day`)
}

func TestTerminalDayOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.h.TerminalDay = new(int64(10_00))
	if err := w.h.Registry.PutTerminal(registry.Terminal{TID: "00000002", MID: registry.DefaultMID, DayAmount: new(int64(20_00))}); err != nil {
		t.Fatal(err)
	}
	w.run(`
		card A
		sale A 10.01 -> 61 terminal-day
		sale A 10.00 -> 00
		sale A 20.01 tid=2 -> 61 terminal-day
		sale A 20.00 tid=2 -> 00`)
}

// A fault breaks one rule of a good sale.
type fault struct {
	rule  string
	code  wire.Code
	spoil func(*world, *Request)
}

func limited(f func(*registry.Limits)) func(*world, *Request) {
	return func(w *world, _ *Request) {
		c, _ := w.h.Registry.Card(pan("A"))
		f(&c.Limits)
		_ = w.h.Registry.PutCard(c)
	}
}

// insert puts a chip of the card into the request, over the stripe that it had.
func insert(w *world, r *Request, atc, flip string) {
	c, _ := w.h.Registry.Card(pan("A"))
	c.Issuer = chipKeys("yes")
	_ = w.h.Registry.PutCard(c)
	if err := w.insertChip(&r.Message, pan("A"), map[string]string{"atc": atc, "flip": flip, "entry": strings.TrimPrefix(r.EntryMode, "012")}); err != nil {
		panic(err)
	}
}

// faults are one way to break each rule, in the order of RULES.
var faults = []fault{
	{"format", "30", func(_ *world, r *Request) { r.Malformed = errors.New("broken") }},
	{"merchant", "03", func(_ *world, r *Request) { r.MID = "898100054119999" }},
	{"terminal", "97", func(_ *world, r *Request) { r.TID = "00010001" }},
	{"mac", "A0", func(w *world, _ *Request) {
		w.h.Verify = func(context.Context, Request) error { return errors.New("the MAC is another one") }
	}},
	{"duplicate", "94", func(w *world, r *Request) {
		first := *r
		first.Amount++
		w.h.Decide(context.Background(), first)
	}},
	{"card", "14", func(_ *world, r *Request) { r.PAN = pan("Z") }},
	{"amount", "13", func(_ *world, r *Request) { r.Amount = 0; r.Has.Add(4) }},
	{"currency", "12", func(_ *world, r *Request) { r.Currency = "840" }},
	{"status", "62", func(w *world, _ *Request) { _ = w.h.Registry.SetStatus(pan("A"), registry.Frozen) }},
	{"expiry", "54", func(_ *world, r *Request) { r.Expiry = "2605" }},
	{"fallback", "45", func(_ *world, r *Request) { r.EntryMode = "802" }},
	{"cryptogram", "05", func(w *world, r *Request) {
		insert(w, r, "9999", "95")
	}},
	{"atc", "05", func(w *world, r *Request) {
		insert(w, r, "10", "")
		w.run("sale A 0.01 atc=10 tid=8 stan=900001 -> 00")
	}},
	{"cvn", "05", func(w *world, r *Request) {
		c, _ := w.h.Registry.Card(pan("A"))
		c.CVN = "123"
		_ = w.h.Registry.PutCard(c)
		r.Track2 = wireTrack(r.PAN.Reveal() + "=291210100000999")
	}},
	{"pin", "55", func(w *world, r *Request) {
		c, _ := w.h.Registry.Card(pan("A"))
		c.PIN, _ = hsm.ParsePIN("1234")
		_ = w.h.Registry.PutCard(c)
		w.run("signon -> 00")
		pin, _ := hsm.ParsePIN("4321")
		r.PINBlock, _ = hsm.ISO0.Encrypt(w.keys.TPK, pin, r.PAN, nil)
	}},
	{"per-transaction", "61", limited(func(l *registry.Limits) { l.PerTransaction = new(int64(99)) })},
	{"day-amount", "61", limited(func(l *registry.Limits) { l.DayAmount = new(int64(99)) })},
	{"day-count", "65", limited(func(l *registry.Limits) { l.DayCount = new(int64(0)) })},
	{"terminal-day", "61", func(w *world, _ *Request) { w.h.TerminalDay = new(int64(99)) }},
	{"balance", "51", func(w *world, _ *Request) {
		w.run("sale A 999999.00 tid=9 stan=900000 -> 00") // leaves 1.00
	}},
}

// TestOrderOfRefusals breaks a good sale of 1.01 in one way, and in every two
// ways at once: the earlier rule must win.
func TestOrderOfRefusals(t *testing.T) {
	try := func(t *testing.T, want fault, breaks ...fault) {
		w := newWorld(t)
		w.h.TerminalDay = new(int64(1_000_000_000_00))
		w.run("card A")
		m, _ := w.message("sale", []string{"A", "1.01"})
		r := Request{Message: m}
		// Those that prepare the world by a sale come first, while it still allows one.
		order := slices.Clone(breaks)
		slices.SortStableFunc(order, func(a, b fault) int { return preparation(a) - preparation(b) })
		for _, b := range order {
			b.spoil(w, &r)
		}
		got := w.h.Decide(context.Background(), r)
		if got.Rule != want.rule || got.Answer.Code != want.code {
			t.Errorf("got %s %s, want %s %s", got.Rule, got.Answer.Code, want.rule, want.code)
		}
	}
	for i, a := range faults {
		t.Run(a.rule, func(t *testing.T) { try(t, a, a) })
		for _, b := range faults[i+1:] {
			t.Run(a.rule+" before "+b.rule, func(t *testing.T) { try(t, a, a, b) })
		}
	}
}

// preparation puts balance (a sale of its own) first and the duplicate (a sale of
// what the request then is) last.
func preparation(f fault) int {
	return map[string]int{"balance": -2, "atc": -1, "duplicate": 1, "mac": 2}[f.rule]
}

// TestFaultsCoverTheRules fails when a rule is added that no fault breaks.
func TestFaultsCoverTheRules(t *testing.T) {
	elsewhere := map[string]bool{"transaction": true, "repeat": true, "original": true, "merchant-day": true,
		"track": true, "batch": true, "code-age": true, "code-used": true, "pin-tries": true, "rest": true}
	for _, r := range rules {
		if !elsewhere[r.name] && !slices.ContainsFunc(faults, func(f fault) bool { return f.rule == r.name && f.code == r.code }) {
			t.Errorf("rule %s (%s) is broken by no fault", r.name, r.code)
		}
	}
}

func TestStatuses(t *testing.T) {
	table(t, `
		card A status=frozen
		sale A 1.00 -> 62 status
		card B status=stop-payment
		sale B 1.00 -> 36 status
		card C status=lost
		sale C 1.00 -> 41 status
		card D status=stolen
		sale D 1.00 -> 43 status
		status D active
		sale D 1.00 -> 00
		status D frozen
		sale D 1.00 -> 62 status D=999999.00`)
}

func TestStatusTableIsConfiguration(t *testing.T) {
	w := newWorld(t)
	w.h.StatusCodes = map[registry.Status]wire.Code{registry.Frozen: "36"}
	w.run(`
		card A status=frozen
		sale A 1.00 -> 36
		card B status=stolen # a status that the table forgot still refuses
		sale B 1.00 -> 62`)
}

// TestExpiry: a card is good through the last second of its month, on the host's clock.
func TestExpiry(t *testing.T) {
	table(t, `
		card A expiry=2606
		clock 2026-06-30T23:59:59
		sale A 1.00 -> 00                # F14 absent: the issuer's record
		sale A 1.00 exp=2606 -> 00
		sale A 1.00 track=2606 -> 00
		sale A 1.00 exp=2912 -> 54 expiry # not the date the issuer gave
		sale A 1.00 track=2912 -> 54 expiry
		clock +1s
		sale A 1.00 -> 54 expiry
		sale A 1.00 exp=2606 -> 54
		card B                           # the issuer does not say: what is presented counts
		sale B 1.00 -> 00
		sale B 1.00 exp=2606 -> 54
		sale B 1.00 track=2606 -> 54
		sale B 1.00 exp=2607 -> 00`)
}

func TestCardsComeFromF2OrTheTracks(t *testing.T) {
	w := newWorld(t)
	w.run("card A expiry=2912")
	good, _ := w.message("sale", []string{"A", "1.00"})
	a := pan("A").Reveal()
	cases := []struct {
		name   string
		change func(*wire.Message)
		code   wire.Code
	}{
		{"field 2", func(m *wire.Message) {}, "00"},
		{"track 2", func(m *wire.Message) { m.PAN, m.Track2 = "", wireTrack(a+"=2912101") }, "00"},
		{"both", func(m *wire.Message) { m.Track2 = wireTrack(a + "=2912101") }, "00"},
		{"both, another card", func(m *wire.Message) { m.Track2 = wireTrack(pan("B").Reveal() + "=2912101") }, "30"},
		{"track 2 without dates", func(m *wire.Message) { m.PAN, m.Track2 = "", wireTrack(a+"==") }, "00"},
		{"track 2 without separator", func(m *wire.Message) { m.Track2 = wireTrack(a) }, "30"},
		{"track 3 alone", func(m *wire.Message) { m.PAN, m.Track3 = "", wireTrack("99"+a+"=") }, "00"},
		{"broken track 3 beside field 2", func(m *wire.Message) { m.Track3 = "x" }, "00"},
		{"broken track 3 alone", func(m *wire.Message) { m.PAN, m.Track3 = "", "x" }, "30"},
		{"nothing", func(m *wire.Message) { m.PAN = "" }, "30"},
		{"short", func(m *wire.Message) { m.PAN = "6222020" }, "30"},
		{"letters", func(m *wire.Message) { m.PAN = "622202000000001X" }, "30"},
		{"month 13", func(m *wire.Message) { m.Expiry = "2913" }, "30"},
		{"no STAN", func(m *wire.Message) { m.STAN = "" }, "30"},
		{"no TID", func(m *wire.Message) { m.TID = "" }, "30"},
		{"no MID", func(m *wire.Message) { m.MID = "" }, "30"},
		{"no amount", func(m *wire.Message) { m.Amount, m.Has = 0, wire.Fields{} }, "30"},
		{"amount below zero", func(m *wire.Message) { m.Amount = -1 }, "30"},
		{"no processing code", func(m *wire.Message) { m.ProcessingCode = "" }, "30"},
		{"another processing code", func(m *wire.Message) { m.ProcessingCode = "990000" }, "12"},
		{"another message type", func(m *wire.Message) { m.MTI = "0900" }, "12"},
		{"no currency", func(m *wire.Message) { m.Currency = "" }, "00"},
		{"padded MID and TID", func(m *wire.Message) { m.MID += " "; m.TID += " " }, "00"},
	}
	for i, c := range cases {
		m := good
		m.STAN = "0001" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)})
		c.change(&m)
		d := w.h.Decide(context.Background(), Request{Message: m})
		if d.Answer.Code != c.code || d.Silent {
			t.Errorf("%s: got %q (%s %s), want %s", c.name, d.Answer.Code, d.Rule, d.Note, c.code)
		}
		if c.code == "30" && d.Seq != 0 {
			t.Errorf("%s: a format error was recorded", c.name)
		}
	}
}

func TestSilence(t *testing.T) {
	w := newWorld(t)
	for _, mti := range []wire.MTI{"", "0210", "0410", "0830", "02", "0290", "\xff\xff\xff\xff"} {
		d := w.h.Decide(context.Background(), Request{Message: wire.Message{MTI: mti, STAN: "000001", TID: "00000001", MID: registry.DefaultMID}})
		if !d.Silent || d.Note == "" || d.Answer.MTI != "" {
			t.Errorf("%q: got %+v, want silence and why", mti, d)
		}
	}
}

func TestEcho(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		m    wire.Message
		mti  wire.MTI
		code wire.Code
	}{
		{"unionpay", wire.Message{MTI: "0820", TID: "00000001", MID: registry.DefaultMID, Private60: "00000001301"}, "0830", "00"},
		{"ISO 8583", wire.Message{MTI: "0800", STAN: "000001", NetworkCode: "301"}, "0810", "00"},
		{"of a stranger", wire.Message{MTI: "0820", TID: "00010001", MID: registry.DefaultMID, Private60: "00000001301"}, "0830", "97"},
		{"a code that means nothing", wire.Message{MTI: "0800", STAN: "000001", TID: "00000001", MID: registry.DefaultMID, Private60: "00000001999"}, "0810", "12"},
	} {
		d := w.h.Decide(context.Background(), Request{Message: c.m})
		if d.Answer.MTI != c.mti || d.Answer.Code != c.code || d.Silent {
			t.Errorf("%s: got %s %q (%s)", c.name, d.Answer.MTI, d.Answer.Code, d.Note)
		}
	}
	if got := w.log.String(); strings.Count(got, "\n") != 4 {
		t.Errorf("want one line a decision, got\n%s", got)
	}
}

func wireTrack(s string) card.TrackData { return card.TrackData(s) }
