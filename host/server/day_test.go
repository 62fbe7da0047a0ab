package server_test

import (
	"context"
	"crypto/rand"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/host"
	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/server"
	"possim/host/sqlite"
	"possim/host/wire"
)

// till is a terminal on the other side of a socket.
type till struct {
	t    *testing.T
	d    *wire.Dialect
	addr string
	keys hsm.WorkingKeys
	mine wire.Sub60
	stan int
}

// acquirer is a host over a database, that can be stopped and started again.
func acquirer(t *testing.T, db string, dialect *wire.Dialect) (h *host.Host, addr string, stop func()) {
	t.Helper()
	store, err := sqlite.Open(db)
	if err != nil {
		t.Fatal(err)
	}
	master, err := hsm.ParseMaster(strings.Repeat("C3", 32))
	if err != nil {
		t.Fatal(err)
	}
	known := registry.New()
	if err := known.Keep(t.Context(), store, master); err != nil {
		t.Fatal(err)
	}
	pin, _ := hsm.ParsePIN("123456")
	if err := known.PutCard(registry.Card{PAN: "6222020000000015", Checks: registry.Checks{PIN: pin}}); err != nil {
		t.Fatal(err)
	}
	h = &host.Host{Now: time.Now, Registry: known, Book: store, TokenKey: make([]byte, 16), MAC: host.MACRequire, Random: rand.Reader}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(ctx, listener, server.Config{Handle: h.Handler(dialect), Now: time.Now})
	}()
	return h, listener.Addr().String(), func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
}

// ask sends a message of a kind, sealed where it has to be, and verifies the answer.
func (c *till) ask(k wire.Kind, change func(*wire.Message)) wire.Message {
	c.t.Helper()
	c.stan++
	m := wire.Message{STAN: padded(c.stan), TID: "00000001", MID: registry.DefaultMID, Private60: c.mine.String()}
	tx, ok := c.d.Transaction(k)
	if !ok {
		c.t.Fatalf("%s has no %s", c.d, k)
	}
	if change != nil {
		change(&m)
	}
	tx.Start(&m)
	var seal wire.Seal
	if tx.Sealed {
		var err error
		if seal, err = hsm.MACECB.Sealer(c.keys.TAK); err != nil {
			c.t.Fatal(err)
		}
	}
	frame, err := c.d.Encode(nil, &m, seal)
	if err != nil {
		c.t.Fatal(err)
	}
	link := dial(c.t, c.addr)
	if err := link.Send(c.t.Context(), frame); err != nil {
		c.t.Fatal(err)
	}
	if frame, err = link.Receive(c.t.Context(), time.Minute); err != nil {
		c.t.Fatalf("%s: %v", k, err)
	}
	var a wire.Message
	mab, err := c.d.Decode(frame, &a)
	if err == nil {
		err = wire.Matches(&m, &a)
	}
	if err == nil && seal != nil {
		err = hsm.Verify(seal, mab, a.MAC)
	}
	if err != nil {
		c.t.Fatalf("%s: %v", k, err)
	}
	return a
}

func padded(n int) string { s := "000000" + itoa(n); return s[len(s)-6:] }

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// signOn takes over keys and batch.
func (c *till) signOn() {
	c.t.Helper()
	c.mine.Type, c.mine.Batch, c.mine.Network = "00", "000000", "004"
	a := c.ask(wire.SignOn, nil)
	keys, err := hsm.OpenWorkingKeys(registry.TestTMK, a.Private62)
	if err != nil || a.Code != wire.Approved {
		c.t.Fatalf("sign-on: %s, %v", a.Code, err)
	}
	c.keys, c.mine = keys, wire.Sub60{Type: "00", Batch: a.Batch(), Network: "000", ReadCapability: "6"}
}

func (c *till) paid(minor int64) func(*wire.Message) {
	return func(m *wire.Message) { m.PAN, m.Amount, m.Currency = "6222020000000015", minor, "156" }
}

// TestDayOverTCP is a day of one terminal: the host is stopped and started again in
// the middle of it, and the terminal goes on with the keys it has.
func TestDayOverTCP(t *testing.T) {
	dialect, db := wire.UnionPay(), filepath.Join(t.TempDir(), "books.db")
	h, addr, stop := acquirer(t, db, dialect)
	c := &till{t: t, d: dialect, addr: addr}
	want := func(what string, a wire.Message, code wire.Code) wire.Message {
		t.Helper()
		if a.Code != code {
			t.Fatalf("%s: got %s, want %s", what, a.Code, code)
		}
		return a
	}
	c.signOn()
	sale := want("sale", c.ask(wire.Purchase, func(m *wire.Message) {
		c.paid(6000)(m)
		pin, _ := hsm.ParsePIN("123456")
		m.PINBlock, _ = hsm.ISO0.Encrypt(c.keys.TPK, pin, m.PAN, nil)
		m.PINCapture, m.Security = "12", "2600000000000000"
	}), "00")
	wrong := want("wrong PIN", c.ask(wire.Purchase, func(m *wire.Message) {
		c.paid(6000)(m)
		pin, _ := hsm.ParsePIN("654321")
		m.PINBlock, _ = hsm.ISO0.Encrypt(c.keys.TPK, pin, m.PAN, nil)
	}), "55")
	told := wrong.Additional
	if texts, err := wire.ParseTexts(wrong.Private63); err == nil && texts.Issuer != "" { // UnionPay's
		told = texts.Issuer
	}
	if told != "PIN tries left 2" {
		t.Errorf("F44 is %q, F63 %q", wrong.Additional, wrong.Private63)
	}
	hold := want("pre-authorisation", c.ask(wire.PreAuth, c.paid(10000)), "00")
	want("sign-off", c.ask(wire.SignOff, nil), "00")
	stop()

	h, addr, stop = acquirer(t, db, dialect)
	c.addr = addr
	c.signOn()
	stop()

	h, c.addr, stop = acquirer(t, db, dialect) // with the keys of before
	defer stop()
	want("completion", c.ask(wire.Completion, func(m *wire.Message) {
		c.paid(9000)(m)
		m.AuthCode, m.Original = hold.AuthCode, wire.Original{Date: hold.Date}.Field61()
	}), "00")
	want("void", c.ask(wire.Void, func(m *wire.Message) {
		c.paid(6000)(m)
		m.RRN, m.Original = sale.RRN, wire.Original{Batch: c.mine.Batch, STAN: sale.STAN}.Field61()
	}), "00")
	stan := c.stan
	c.ask(wire.Reversal, func(m *wire.Message) { // of the void, whose answer was lost
		c.paid(6000)(m)
		m.STAN, m.ProcessingCode, m.Condition, m.Code = padded(stan), "200000", "00", wire.NoResponse
		sub := c.mine
		sub.Type = "23"
		m.Private60 = sub.String()
	})
	if a, err := h.Account(t.Context(), "6222020000000015"); err != nil || a.Balance != registry.DefaultBalance-15000 || a.Held != 0 {
		t.Errorf("got %+v, %v", a, err)
	}
	totals, err := wire.Totals{Domestic: wire.Sums{Debit: 15000, DebitCount: 2}}.Field48()
	if err != nil {
		t.Fatal(err)
	}
	settled := c.ask(wire.Settlement, func(m *wire.Message) { m.Private48, m.Currency = totals, "156" })
	if got, err := wire.ParseTotals(settled.Private48); err != nil || got.Domestic.Agreed != wire.Balanced || settled.Present(39) {
		t.Errorf("settlement: %+v, %v", got, err)
	}
	want("batch end", c.ask(wire.BatchEnd, func(m *wire.Message) { m.Private48 = "0000" }), "00")
	want("a sale of the closed batch", c.ask(wire.Purchase, c.paid(1)), wire.SignOnAgain)
	c.signOn()
	if c.mine.Batch != "000002" {
		t.Errorf("after settlement the batch is %s", c.mine.Batch)
	}
	want("a sale of the new batch", c.ask(wire.Purchase, c.paid(1)), "00")
}
