package kernel_test

import (
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader/emv"
	"possim/reader/icc"
)

// tapped is what a row of a tap may change before it runs.
type tapped struct {
	p  *icc.Profile
	a  *icc.Application
	k  *kernel.Kernel
	tx *kernel.Transaction
	// lie spoils an answer of the card's; command is what was sent.
	lie func(command, answer []byte) []byte
}

// liar stands between a card and a terminal.
type liar struct {
	*icc.Card
	lie func(command, answer []byte) []byte
}

func (l liar) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	out, err := l.Card.Transmit(ctx, apdu)
	if err == nil && l.lie != nil {
		out = l.lie(apdu, out)
	}
	return out, err
}

// tapWorld is a terminal that approves up to 100.00 and verifies from 300.00, and a card
// that approves up to 50.00.
func tapWorld(t testing.TB, name string) (tapped, *emv.IssuerKeys) {
	t.Helper()
	p, keys := profile(t, name)
	p.Contactless = true
	w := tapped{p: &p, a: &p.Applications[0], k: terminal(keys, "1234"), tx: &kernel.Transaction{Amount: money.Yuan(4000), At: sale.At, Sequence: 7}}
	for i := range p.Applications {
		p.Applications[i].Tap.Offline = 5000
	}
	w.k.Contactless = kernel.Contactless{Limit: 100000, Floor: 10000, CVM: 30000}
	return w, keys
}

func (w tapped) tap(t testing.TB) kernel.Result {
	t.Helper()
	r, err := w.k.Tap(t.Context(), liar{insert(t, *w.p), w.lie}, *w.tx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tapAmount(fen int64) func(*tapped) { return func(w *tapped) { w.tx.Amount.Minor = fen } }

func ctq(bits ...emv.CTQBit) func(*tapped) {
	return func(w *tapped) { w.a.Tap.CTQ = emv.CTQ{}.With(bits...) }
}

func tapAll(fs ...func(*tapped)) func(*tapped) {
	return func(w *tapped) {
		for _, f := range fs {
			f(w)
		}
	}
}

func TestTapMain(t *testing.T) {
	w, keys := tapWorld(t, "unionpay-debit")
	w.tx.Amount.Minor = 20000
	r := w.tap(t)
	if r.Decision != kernel.Online || r.Cryptogram != emv.ARQC || r.PAN.Reveal() != "6210947000000021" || r.Sequence != "01" || r.Expiry.YYMM() != "2912" {
		t.Fatalf("got %s %s: %v", r.Decision, r.Cause, r.Err)
	}
	issue(t, keys, r, "00", nil) // the cryptogram is right
	if got := strings.ToUpper(hex.EncodeToString(r.Tags.Bytes())); !strings.Contains(got, "95050000000000") {
		t.Errorf("field 55 %s", got)
	}
	w.tx.Amount.Minor = 4000
	if r = w.tap(t); r.Decision != kernel.Approved || r.Code != emv.OfflineApproved {
		t.Fatalf("offline: got %s %s: %v", r.Decision, r.Cause, r.Err)
	}
}
