package scenarios

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"testing"
	"time"

	"possim/emulator"
	"possim/host"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/server"
	"possim/host/wire"
)

const wholeDay = "a whole day"

// theDay returns the catalog's scenario of a whole day.
func theDay(t *testing.T) *Scenario {
	t.Helper()
	chosen, err := Select(loadCatalog(t), Options{Filter: regexp.MustCompile("^" + wholeDay + "$")})
	if err != nil || len(chosen) != 1 {
		t.Fatalf("got %d scenarios: %v", len(chosen), err)
	}
	return chosen[0]
}

// TestWholeDay: thirty transactions of every kind, and when the batch is settled the
// host's books hold to the cent what the terminal says: its totals are the host's
// batch, their difference is what the merchant is owed, and that is what the cards
// gave and what is held.
func TestWholeDay(t *testing.T) {
	sc := theDay(t)
	financial, kinds := 0, map[emulator.OrderKind]int{}
	for _, s := range flatten(sc.Steps) {
		if o, is := s.Action.(Order); is {
			if kinds[o.Kind]++; !o.plain {
				financial++
			}
		}
	}
	if financial != 30 || len(kinds) != 17 {
		t.Errorf("got %d transactions of %d kinds, want 30 and every kind: %v", financial, len(kinds), kinds)
	}

	w, err := newWorld(t.Context(), sc, 1, &Options{})
	if err != nil {
		t.Fatal(err)
	}
	if w.play(t.Context()); len(w.failures) > 0 {
		t.Fatalf("got %+v", w.failures)
	}
	h := w.inside.host
	batch, err := h.Batch(t.Context(), sc.Terminal.MID, sc.Terminal.TID, 1)
	if want := (host.BatchTotals{Debit: 405934, DebitCount: 13, Credit: 127810, CreditCount: 6}); err != nil || batch != want {
		t.Errorf("got %s (%v), want %s", batch, err, want)
	}
	owed, err := h.Settlement(t.Context(), sc.Terminal.MID)
	if err != nil || owed != batch.Debit-batch.Credit {
		t.Errorf("the merchant is owed %d (%v), want %d", owed, err, batch.Debit-batch.Credit)
	}
	var given, held int64
	for name, c := range sc.cards.all() {
		if c.Unknown {
			continue
		}
		took, err := w.taken(name)
		a, accountErr := w.account(name)
		if err != nil || accountErr != nil {
			t.Errorf("%s: %v, %v", name, err, accountErr)
		}
		given, held = given+took, held+a.Held
	}
	if held != 100000 || given != owed+held { // the hotel's hold stands again: its completion was voided
		t.Errorf("the cards gave %d, %d of it is held, the merchant is owed %d", given, held, owed)
	}
	if tables := w.saved.Tables; tables == nil || len(tables.CAPKs) != 5 || len(tables.AIDs) != 4 {
		t.Error("keys and applications did not come down")
	}
}

// acquirer serves a host of its own over TCP, as possim host does, and returns what a
// run needs to reach it. Time is real.
func acquirer(t *testing.T, d *wire.Dialect) (*host.Host, *Real) {
	t.Helper()
	known := registry.New()
	cards, err := CatalogCards()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cards {
		if entry, ok := c.Known(); ok {
			if err := known.PutCard(entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := &host.Host{Now: time.Now, Registry: known, Book: ledger.NewMemory(), TokenKey: make([]byte, 32),
		MAC: host.MACRequire, Random: randomness(1, "host")}
	if h.Downloads, err = CatalogDownloads(); err != nil {
		t.Fatal(err)
	}
	if err := h.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(ctx, listener, server.Config{Handle: h.Handler(d), Now: time.Now})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return h, &Real{
		Dial: func(ctx context.Context) (wire.Link, error) {
			return wire.Dial(ctx, listener.Addr().String(), time.Now)
		},
		Now: time.Now,
		// A hand at a stripe takes its time in a scenario; nobody waits for it here.
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// TestWholeDayOverTCP: the same day against a host behind a socket, twice, since the
// second finds the terminal's numbers and the host's batch where the first left them.
func TestWholeDayOverTCP(t *testing.T) {
	h, real := acquirer(t, wire.UnionPay())
	files := loadCatalog(t)
	state := emulator.State{}
	real.State = func(string) (emulator.State, func(emulator.State) error, error) {
		return state, func(s emulator.State) error { state = s; return nil }, nil
	}
	for day := 1; day <= 2; day++ {
		sum, err := Run(t.Context(), files, Options{Real: real, Filter: regexp.MustCompile("^" + wholeDay + "$")})
		if err != nil || sum.Passed != 1 {
			t.Fatalf("day %d: got %v %+v", day, err, failures(sum))
		}
		batch, err := h.Batch(t.Context(), registry.DefaultMID, "00000001", day)
		if err != nil || fmt.Sprint(batch) != "debit 4059.34 (13), credit 1278.10 (6)" {
			t.Errorf("day %d: the host has %s (%v)", day, batch, err)
		}
	}
	owed, err := h.Settlement(t.Context(), registry.DefaultMID)
	if err != nil || owed != 2*(405934-127810) {
		t.Errorf("the merchant is owed %d (%v)", owed, err)
	}
}

// TestDayOverTCPInAnyDialect: so is the day that every dialect has messages for.
func TestDayOverTCPInAnyDialect(t *testing.T) {
	for _, name := range wire.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // it waits for an answer that was dropped
			d, err := wire.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			_, real := acquirer(t, d)
			sum, err := Run(t.Context(), loadCatalog(t), Options{Real: real, Dialect: d, Filter: regexp.MustCompile("^a day in any dialect$")})
			if err != nil || sum.Passed != 1 {
				t.Errorf("got %v %+v", err, failures(sum))
			}
		})
	}
}
