package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
)

// TestDayKeepsSecrets is the canary of a whole day: no card, PIN, verification value,
// payment code or key is in the log, the book, a note or anything that prints.
func TestDayKeepsSecrets(t *testing.T) {
	w := newWorld(t)
	w.h.WalkIn = true
	var notes strings.Builder
	step := func(text string) {
		w.run(text)
		fmt.Fprintf(&notes, "%v %+v %s\n", w.first.Note, w.first.Answer, w.first.Rule)
	}
	for line := range strings.Lines(`card A pin=918273 cvn=746
		signon net=004 -> 00
		sale A 1.00 pin=918273 as=s -> 00
		sale A 1.00 pin=918274 -> 55
		sale A 1.00 disc=00000746 -> 00
		sale A 1.00 disc=00000747 -> 05
		sale A 1.00 pin=garbage -> 99
		void A 1.00 of=s -> 00
		preauth A 5.00 as=p -> 00
		complete A 6.00 of=p -> 64
		qr A 2.00 -> 00
		qr A 2.00 code=6298765432109876543 -> 00
		qr A 2.00 code=same -> 94
		balance A -> 00
		settle 0.00/0 0.00/0 -> 00 F48=21
		upload f48=010100000200006222020000000010000000006000 -> 00
		end f48=0001 -> 00`) {
		step(line)
	}
	terminal, _ := w.h.Registry.Terminal(registry.DefaultMID, "00000001")
	c, _ := w.h.Registry.Card(pan("A"))
	all := w.log.String() + notes.String() + fmt.Sprintf("%v %+v %#v %v %+v", terminal, terminal, terminal, c, c)
	for p := range w.h.Book.Postings(context.Background(), 0) {
		all += string(p.AppendJSON(nil))
	}
	secrets := []string{pan("A").Reveal(), "918273", "918274", "98765432109876543", w.code[:12]}
	for _, k := range []hsm.Key{w.keys.TPK, w.keys.TAK, w.keys.TDK, registry.TestTMK} {
		secrets = append(secrets, fmt.Sprintf("%X", k.Reveal()), fmt.Sprintf("%x", k.Reveal()), string(k.Reveal()), fmt.Sprint(k.Reveal()))
	}
	for _, secret := range append(secrets, "746 ", `"746"`, "00000746") {
		if strings.Contains(all, secret) {
			t.Errorf("%q is somewhere in:\n%s", secret, all)
		}
	}
	if !strings.Contains(all, "622202******0010") {
		t.Error("not even the masked card is there")
	}
}

// full is a registry.Store that has no room.
type full struct{}

func (full) SaveTerminal(context.Context, string, string, string) error {
	return errors.New("disk full")
}
func (full) LoadTerminals(context.Context, func(mid, tid, state string) error) error {
	return nil
}

// TestKeysAreKeptFirst: nobody gets keys that the host may forget.
func TestKeysAreKeptFirst(t *testing.T) {
	w := newWorld(t)
	if err := w.h.Registry.Keep(context.Background(), full{}, hsm.Key{}); err != nil {
		t.Fatal(err)
	}
	m := wire.Message{TID: "00000001", MID: registry.DefaultMID, STAN: "000001"}
	tx, _ := wire.UnionPay().Transaction(wire.SignOn)
	tx.Start(&m)
	if d := w.h.Decide(context.Background(), Request{Message: m}); !d.Silent || !strings.Contains(d.Note, "disk full") {
		t.Errorf("got %+v", d)
	}
	if terminal, _ := w.h.Registry.Terminal(registry.DefaultMID, "00000001"); terminal.Batch != 0 {
		t.Errorf("got %+v", terminal.Session)
	}
}

// TestFollowUpsISO87 voids, refunds, completes and cancels where field 90 names the
// original and nothing carries a batch.
func TestFollowUpsISO87(t *testing.T) {
	for _, name := range []string{"iso87ascii", "iso87bcd"} {
		t.Run(name, func(t *testing.T) {
			dialect, err := wire.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			w.run("card A")
			stan := 0
			ask := func(k wire.Kind, amount int64, change func(*wire.Message)) wire.Message {
				t.Helper()
				stan++
				m := wire.Message{TID: "00000001", MID: registry.DefaultMID, STAN: number(stan, 6), PAN: pan("A"), Amount: amount, Currency: "156"}
				tx, _ := dialect.Transaction(k)
				tx.Start(&m)
				m.Private60 = ""
				if change != nil {
					change(&m)
				}
				frame, ok := w.h.Handler(dialect)(context.Background(), encoded(t, dialect, m))
				var a wire.Message
				if _, err := dialect.Decode(frame, &a); !ok || err != nil {
					t.Fatalf("%s: %v\n%s", k, err, w.log.String())
				}
				return a
			}
			of := func(mti wire.MTI, first wire.Message) func(*wire.Message) {
				return func(m *wire.Message) {
					m.OriginalData = wire.Original{MTI: mti, STAN: first.STAN, Date: first.Date, Time: first.Time}.Field90()
				}
			}
			want := func(what string, a wire.Message, code wire.Code, balance string) {
				t.Helper()
				if got := w.register("A"); a.Code != code || got != balance {
					t.Errorf("%s: got %s and a balance of %s, want %s and %s\n%s", what, a.Code, got, code, balance, w.log.String())
				}
			}
			sale := ask(wire.Purchase, 6000, nil)
			want("sale", sale, "00", "999940.00")
			w.clock = w.clock.Add(duration(t, "20h"))
			want("void", ask(wire.Void, 6000, of("0200", sale)), "00", "1000000.00")
			second := ask(wire.Purchase, 6000, nil)
			want("refund by reference", ask(wire.Refund, 1000, func(m *wire.Message) { m.RRN = second.RRN }), "00", "999950.00")
			hold := ask(wire.PreAuth, 6000, nil)
			want("pre-authorisation", hold, "00", "999890.00")
			done := ask(wire.CompletionNotice, 5000, func(m *wire.Message) { m.AuthCode = hold.AuthCode })
			want("completion", done, "00", "999900.00")
			hold = ask(wire.PreAuth, 100, nil)
			want("cancel", ask(wire.PreAuthCancel, 100, of("0100", hold)), "00", "999900.00")
			hold = ask(wire.PreAuth, 100, nil)
			rev := ask(wire.Reversal, 100, func(m *wire.Message) { of("0100", hold)(m); m.Code = "98" })
			want("reversal of a pre-authorisation", rev, "00", "999900.00")
			bal := ask(wire.Balance, 0, nil)
			if b, err := wire.ParseBalance(bal.Balance); err != nil || b.Amount.Minor != 99990000 || bal.Code != "00" {
				t.Errorf("balance: got %q, %v", bal.Balance, err)
			}
			today, _ := w.h.totals(context.Background(), "batch:"+registry.DefaultMID+"/00000001/20260602")
			text, err := wire.Totals{Domestic: wire.Sums{Debit: today.Debit, DebitCount: int(today.DebitCount), Credit: today.Credit, CreditCount: int(today.CreditCount)}}.Field48()
			if err != nil {
				t.Fatal(err)
			}
			settled := ask(wire.Settlement, 0, func(m *wire.Message) { m.Private48, m.PAN = text, "" })
			if got, err := wire.ParseTotals(settled.Private48); err != nil || got.Domestic.Agreed != wire.Balanced || settled.Code != "00" || today.CreditCount != 2 {
				t.Errorf("settlement: got %+v, %v, %s", got, err, today)
			}
		})
	}
}

// TestLookFails: a book that fails while an original is looked for silences
// the host, and nothing is decided.
func TestLookFails(t *testing.T) {
	w := newWorld(t)
	w.run("card A\nsale A 1.00 as=s -> 00")
	for _, words := range []string{"void A 1.00 of=s", "refund A 1.00 of=s", "rev A 1.00 of=s"} {
		args := strings.Fields(words)
		m, _ := w.message(args[0], args[1:])
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if d := w.h.Decide(ctx, Request{Message: m}); !d.Silent || d.Note == "" {
			t.Errorf("%s: got %+v", words, d)
		}
	}
	if got := w.register("A"); got != "999999.00" {
		t.Errorf("got %s", got)
	}
}
