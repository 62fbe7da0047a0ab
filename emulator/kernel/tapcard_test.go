package kernel_test

import (
	"context"
	"fmt"
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

// taps is a row: what is altered, and "decision cause code CVM" that must come of it.
type taps struct {
	name  string
	alter func(*tapped)
	want  string
	why   string // in Err; "" where there is none
}

func (c taps) run(t *testing.T) {
	w, keys := tapWorld(t, "unionpay-debit")
	if c.alter != nil {
		c.alter(&w)
	}
	r := w.tap(t)
	if got := fmt.Sprintf("%s %s %s %X", r.Decision, r.Cause, r.Code, r.CVM[:]); got != c.want {
		t.Errorf("got %s, want %s: %v", got, c.want, r.Err)
	}
	if (r.Err == nil) != (c.why == "") || r.Err != nil && !strings.Contains(r.Err.Error(), c.why) {
		t.Errorf("because of %v, want %q", r.Err, c.why)
	}
	if r.TVR != (emv.TVR{}) || r.TSI != (emv.TSI{}) {
		t.Errorf("TVR %s TSI %s: qPBOC has none", r.TVR, r.TSI)
	}
	if r.Decision == kernel.Online {
		issue(t, keys, r, "00", nil) // what goes to the issuer is what the card's cryptogram was made of
	}
	if _, err := w.k.Finish(t.Context(), kernel.HostAnswer{Code: "00"}); err == nil {
		t.Error("a tap can be finished: the card is gone")
	}
}

func runTaps(t *testing.T, rows []taps) {
	for _, c := range rows {
		t.Run(c.name, c.run)
	}
}

const (
	approvedTap = "approved  Y1 1F0002"
	declinedTap = "declined  Z1 3F0000"
	onlineTap   = "online   1F0002"
	onlinePIN   = "online   020000"
)

// Each limit, just under it and at it.
func TestTapLimits(t *testing.T) {
	rich := func(w *tapped) { w.a.Tap.Offline = 50000 }
	typed := func(b byte) func(*tapped) { return func(w *tapped) { w.k.Type = b } }
	runTaps(t, []taps{
		{name: "small", want: approvedTap},
		{name: "at the card's limit", alter: tapAmount(5000), want: approvedTap},
		{name: "over the card's limit", alter: tapAmount(5001), want: onlineTap},
		{name: "at the floor", alter: tapAll(rich, tapAmount(10000)), want: approvedTap},
		{name: "over the floor", alter: tapAll(rich, tapAmount(10001)), want: onlineTap},
		{name: "under the CVM limit", alter: tapAmount(29999), want: onlineTap},
		{name: "at the CVM limit", alter: tapAmount(30000), want: onlinePIN},
		{name: "under the limit", alter: tapAmount(99999), want: onlinePIN},
		{name: "at the limit", alter: tapAmount(100000), want: "other-interface limit  3F0000", why: "below 100000"},
		{name: "no limits set", alter: func(w *tapped) { w.k.Contactless = kernel.Contactless{} }, want: onlinePIN},
		{name: "nothing to pay", alter: tapAmount(0), want: onlineTap},
		{name: "nothing to pay, and not taken", alter: tapAll(tapAmount(0), func(w *tapped) { w.k.Contactless.NoZero = true }),
			want: "other-interface limit  3F0000", why: "nothing to pay"},
		{name: "forced online", alter: func(w *tapped) { w.tx.ForceOnline = true }, want: onlineTap},
		{name: "a terminal that is always online", alter: typed(0x21), want: onlineTap},
		{name: "a terminal that never is", alter: typed(0x23), want: approvedTap},
		{name: "and a card that wants to", alter: tapAll(typed(0x23), tapAmount(6000)), want: declinedTap},
		{name: "and nothing to pay", alter: tapAll(typed(0x23), tapAmount(0)), want: "other-interface limit  3F0000", why: "nothing to pay"},
		{name: "an application's own limits", alter: func(w *tapped) { w.k.Applications[0].Contactless = &kernel.Contactless{} }, want: onlinePIN},
	})
}

// What the reader tells the card (9F66), by what it is and what is paid.
func TestTapTTQ(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(*tapped)
		want  string
	}{
		{"all it can", nil, "36000080"},
		{"over floor and CVM limit", tapAmount(30000), "36C00080"},
		{"no contacts", func(w *tapped) { w.k.Capabilities[0] = 0x40 }, "26000080"},
		{"no signature", func(w *tapped) { w.k.Capabilities[1] = 0x40 }, "34000080"},
		{"no PIN pad", func(w *tapped) { w.k.PIN = nil }, "32000080"},
		{"no online PIN", func(w *tapped) { w.k.Capabilities[1] = 0x28 }, "32000080"},
		{"never online", func(w *tapped) { w.k.Type = 0x23 }, "3A000080"},
		{"as it is told", func(w *tapped) { w.k.Contactless.TTQ = emv.TTQ{0x22, 0xFF, 0, 0x80} }, "223F0080"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := tapWorld(t, "unionpay-debit")
			if c.alter != nil {
				c.alter(&w)
			}
			var got string
			w.lie = func(command, answer []byte) []byte {
				if command[1] == 0xA8 {
					got = fmt.Sprintf("%X", command[7:11])
				}
				return answer
			}
			if w.tap(t); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestTapTellsTheIssuer(t *testing.T) {
	w, _ := tapWorld(t, "unionpay-debit")
	w.a.Extra = emv.List{emv.New(emv.TagCardProduct, make([]byte, 16))}
	w.tx.Amount.Minor = 20000
	r := w.tap(t)
	if r.Cryptogram != emv.ARQC || r.PAN.Reveal() != "6210947000000021" || r.Sequence != "01" || r.Expiry.YYMM() != "2912" ||
		!strings.HasPrefix(r.Track2.Reveal(), "6210947000000021=2912201") || r.Application.Label != "PBOC DEBIT" {
		t.Errorf("got %s of %s %s %s: %v", r.Cryptogram, r.PAN, r.Sequence, r.Expiry, r.Err)
	}
	for _, tag := range kernel.UnionPay55 {
		if !r.Tags.Has(tag) && tag != emv.TagIFDSerial { // which this terminal was not given
			t.Errorf("field 55 lacks %s (%s)", tag, tag.Name())
		}
	}
	if got := fmt.Sprintf("%X %X", r.Tags.Value(emv.TagTVR), r.Data.Value(emv.TagEntryMode)); got != "0000000000 07" {
		t.Errorf("TVR and entry mode %s", got)
	}
}

// BenchmarkTap is a tap in process, card and terminal together.
func BenchmarkTap(b *testing.B) {
	for name, fen := range map[string]int64{"online": 20000, "offline": 4000} {
		b.Run(name, func(b *testing.B) {
			w, _ := tapWorld(b, "unionpay-debit")
			c := insert(b, *w.p)
			w.tx.Amount.Minor = fen
			for b.Loop() {
				c.Reset()
				if r, err := w.k.Tap(b.Context(), c, *w.tx); err != nil || string(r.Decision) != map[bool]string{true: "online", false: "approved"}[fen > 5000] {
					b.Fatal(r.Decision, r.Err, err)
				}
			}
		})
	}
}
