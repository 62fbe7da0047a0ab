package emulator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
)

// qrCode is a payment code of the public example's shape: UnionPay, 19 digits.
const qrCode = "6221111111111111111"

// order is one order with what has to be there before it.
type order struct {
	emulator.Order
	before []emulator.Order
}

func yuan(kind emulator.OrderKind, fen int64) emulator.Order {
	return emulator.Order{Kind: kind, Amount: money.Yuan(fen)}
}

func of(kind emulator.OrderKind, fen int64, o emulator.Original) emulator.Order {
	return emulator.Order{Kind: kind, Amount: money.Yuan(fen), Original: o}
}

// voucher is the first transaction of the batch.
var voucher = emulator.Original{Voucher: "000001"}

// everyOrder is one of each kind of order that moves money.
func everyOrder() map[string]order {
	return map[string]order{
		"sale":       {Order: yuan(emulator.Sale, 8800)},
		"qr":         {Order: emulator.Order{Kind: emulator.QR, Amount: money.Yuan(8800), Code: qrCode}},
		"void":       {of(emulator.Void, 0, voucher), []emulator.Order{yuan(emulator.Sale, 8800)}},
		"void of qr": {of(emulator.Void, 0, voucher), []emulator.Order{{Kind: emulator.QR, Amount: money.Yuan(8800), Code: qrCode}}},
		"refund":     {of(emulator.Refund, 300, emulator.Original{RRN: "060100000001", Date: "0530"}), nil},
		"pre-auth":   {Order: yuan(emulator.PreAuth, 8800)},
		"cancel":     {of(emulator.PreAuthCancel, 0, voucher), []emulator.Order{yuan(emulator.PreAuth, 8800)}},
		"completion": {of(emulator.Completion, 9000, voucher), []emulator.Order{yuan(emulator.PreAuth, 8800)}},
		"notice":     {of(emulator.CompletionNotice, 9000, emulator.Original{Auth: "123456", Date: "0530"}), nil},
		"completion void": {of(emulator.CompletionVoid, 0, emulator.Original{Voucher: "000002"}),
			[]emulator.Order{yuan(emulator.PreAuth, 8800), of(emulator.Completion, 9000, voucher)}},
	}
}

// begin does what has to be there before an order and puts a card in front of it.
func (o order) begin(t *testing.T, w *world) {
	t.Helper()
	for _, earlier := range o.before {
		w.swipes = []reader.Presentation{good(plainTrack2)}
		if out := do(t, w, emulator.Config{}, earlier); out.Result != emulator.Approved {
			t.Fatalf("%s before it: %+v", earlier.Kind, out)
		}
	}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	w.touches, w.slips, w.wire, w.seen = 0, nil, nil, nil
}

func TestEveryOrderIsApprovedBookedAndPrinted(t *testing.T) {
	for name, o := range everyOrder() {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			o.begin(t, w)
			out := do(t, w, emulator.Config{}, o.Order)
			if out.Result != emulator.Approved || out.Code != wire.Approved || out.Slip == "" || out.Date != "0601" {
				t.Fatalf("got %+v", out)
			}
			last := w.saved.Journal[len(w.saved.Journal)-1]
			if last.STAN != out.STAN || w.charged[out.STAN] == 0 || len(w.slips) != 1 {
				t.Fatalf("journal %+v, host %v, slips %d", last, w.charged, len(w.slips))
			}
			if w.saved.Open != nil || len(w.saved.Offline) != 0 || w.saved.Unprinted {
				t.Fatalf("left behind %+v", w.saved)
			}
		})
	}
}

func TestEveryOrderIsDeclined(t *testing.T) {
	for name, o := range everyOrder() {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			o.begin(t, w)
			had := len(w.saved.Journal)
			w.refuse = "62"
			out := do(t, w, emulator.Config{}, o.Order)
			if out.Result != emulator.Declined || out.Code != "62" || len(w.slips) != 0 || len(w.saved.Journal) != had {
				t.Fatalf("got %+v", out)
			}
			if w.saved.Open != nil || len(w.saved.Offline) != 0 {
				t.Fatalf("left behind %+v", w.saved)
			}
		})
	}
}

func TestHowAnOriginalIsNamed(t *testing.T) {
	for name, want := range map[string]struct{ rrn, auth, original string }{
		"sale":            {},
		"void":            {"060100000001", "", "000001" + "000001"},
		"refund":          {"060100000001", "", "000000" + "000000" + "0530"},
		"cancel":          {"", "000001", "000000" + "000000" + "0601"},
		"completion":      {"", "000001", "000000" + "000000" + "0601"},
		"notice":          {"", "123456", "000000" + "000000" + "0530"},
		"completion void": {"060100000002", "", "000001" + "000002" + "0601"},
	} {
		t.Run(name, func(t *testing.T) {
			w := secured(t)
			o := everyOrder()[name]
			o.begin(t, w)
			do(t, w, emulator.Config{}, o.Order)
			m := w.seen[len(w.seen)-1]
			if m.RRN != want.rrn || m.AuthCode != want.auth || m.Original != want.original {
				t.Fatalf("F37 %q F38 %q F61 %q, want %+v", m.RRN, m.AuthCode, m.Original, want)
			}
		})
	}
}

// TestPowerCutInEveryOrder throws the switch at every touch of the outside, in
// every kind of order and under every loss, and wants host, journal and slips to
// agree afterwards: it counted and has a slip, or it did neither.
func TestPowerCutInEveryOrder(t *testing.T) {
	for name, o := range everyOrder() {
		losses := []string{"", "0200", "0210", "0210 0400", "0210 0410"}
		switch o.Kind {
		case emulator.PreAuth, emulator.PreAuthCancel:
			losses = []string{"", "0100", "0110", "0110 0400", "0110 0410"}
		case emulator.Refund, emulator.CompletionNotice:
			losses = []string{"", "0220", "0230"}
		}
		for _, lose := range losses {
			t.Run(strings.TrimSpace(name+" "+lose), func(t *testing.T) { cutEverywhere(t, o, strings.Fields(lose)) })
		}
	}
}

// cutEverywhere cuts an order at every touch, on a bench without MACs and on one
// whose terminal has to sign on in the middle of it.
func cutEverywhere(t *testing.T, o order, lose []string) {
	points := 0
	for _, sealed := range []bool{false, true} {
		for cut := 1; ; cut++ {
			w := cuttable(t, sealed, o, lose)
			w.cutAt = cut
			before := w.snapshot()
			at, died := cutDuring(w, o.Order)
			if !died {
				break
			}
			points++
			w.cutAt = 0
			w.agree(t, before, fmt.Sprintf("sealed %v, cut at %q (%d)", sealed, at, cut))
		}
	}
	if points < 25 {
		t.Errorf("only %d points were cut", points)
	}
}

// cuttable is a bench that is ready for an order.
func cuttable(t *testing.T, sealed bool, o order, lose []string) *world {
	w := newWorld(t)
	w.tmk = testTMK(t) // what is repeated names its card
	if sealed {
		w.batch, w.config.MAC = "000001", hsm.MACECB
		w.saved.LastSTAN = 999_998
		do(t, w, emulator.Config{}, signOn)
	}
	o.begin(t, w)
	if sealed {
		w.tak = hsm.Key{} // the host has forgotten it
	}
	for _, mti := range lose {
		w.lose[mti] = 1
	}
	return w
}

// before is what there was before an order.
type before struct {
	booked int
	known  map[string]bool
}

func (w *world) snapshot() before {
	b := before{len(w.saved.Journal), map[string]bool{}}
	for stan := range w.charged {
		b.known[stan] = true
	}
	return b
}

// agree has the terminal recover, and wants host, journal and slips to say the same.
func (w *world) agree(t *testing.T, b before, when string) {
	t.Helper()
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if out.Reversal == emulator.ReversalQueued || w.saved.Open != nil || len(w.saved.Queue)+len(w.saved.Offline) != 0 {
		t.Fatalf("%s: still open after recovery: %+v", when, w.saved)
	}
	counted := 0
	for stan := range w.charged {
		if !b.known[stan] && !w.undone[stan] {
			counted++
		}
	}
	booked, printed := len(w.saved.Journal)-b.booked, len(w.slips) > 0
	if counted > 1 || counted != booked || (counted == 1) != printed {
		t.Fatalf("%s: counted %d, booked %d, printed %v, wire %v", when, counted, booked, printed, w.wire)
	}
}

// TestPowerCutInTheRecovery cuts an order everywhere, then its recovery everywhere.
func TestPowerCutInTheRecovery(t *testing.T) {
	for name, lose := range map[string]string{"sale": "0210", "void": "0410", "refund": "0230"} {
		o := everyOrder()[name]
		for cut := 1; ; cut++ {
			died, again := false, true
			for second := 1; again; second++ {
				w := cuttable(t, false, o, []string{lose})
				w.cutAt = cut
				b := w.snapshot()
				if _, died = cutDuring(w, o.Order); !died {
					break
				}
				w.touches, w.cutAt = 0, second
				_, again = cutDuring(w, emulator.Order{Kind: emulator.Recover})
				w.cutAt = 0
				w.agree(t, b, fmt.Sprintf("%s cut at %d and %d", name, cut, second))
			}
			if !died {
				break
			}
		}
	}
}

func TestRefundIsRepeatedUnderItsOwnSTAN(t *testing.T) {
	w := secured(t)
	w.lose["0230"] = 3
	o := everyOrder()["refund"]
	o.begin(t, w)
	out := do(t, w, emulator.Config{}, o.Order)
	if out.Result != emulator.Unknown || out.Cause != emulator.NoAnswer || out.Reversal != emulator.ReversalNone || len(w.saved.Offline) != 1 {
		t.Fatalf("got %+v", out)
	}
	w.swipes = []reader.Presentation{good(plainTrack2)}
	if out := do(t, w, emulator.Config{}, sale(100)); out.Result != emulator.Approved {
		t.Fatalf("got %+v", out)
	}
	if len(w.saved.Offline) != 0 || len(w.saved.Journal) != 2 || len(w.slips) != 2 {
		t.Fatalf("after an order that the host answered: %+v, slips %q", w.saved, w.slips)
	}
	var repeats []wire.Message
	for _, m := range w.seen {
		if m.MTI == wire.MTIAdvice {
			repeats = append(repeats, m)
		}
	}
	if len(repeats) != 4 || repeats[3].STAN != repeats[0].STAN || repeats[3].PAN.Reveal() != "6222020000000015" || repeats[3].Track2 != "" {
		t.Fatalf("%d repeats, the last %v", len(repeats), repeats[len(repeats)-1])
	}
}

// gone is a line that carries one frame and breaks.
type gone struct{ *hostLink }

func (gone) Receive(context.Context, time.Duration) ([]byte, error) {
	return nil, wire.ErrLinkClosed
}

// TestRefundThatMayHaveArrivedStays: the line broke after it was sent, and then
// nobody listens any more.
func TestRefundThatMayHaveArrivedStays(t *testing.T) {
	w := newWorld(t)
	w.tmk = testTMK(t)
	o := everyOrder()["refund"]
	o.begin(t, w)
	term := w.terminal(emulator.Config{})
	term.Dial = func(context.Context) (wire.Link, error) {
		if len(w.wire) > 0 {
			return nil, wire.ErrNotSent
		}
		return gone{&hostLink{w: w}}, nil
	}
	out, err := term.Do(t.Context(), o.Order)
	if err != nil || out.Result != emulator.Unknown || out.Cause != emulator.NoAnswer || len(w.saved.Offline) != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if len(w.saved.Journal) != 1 || len(w.slips) != 1 {
		t.Fatalf("left %+v", w.saved)
	}
}

func TestNoticeIsStoredWhenNobodyListens(t *testing.T) {
	w := newWorld(t)
	w.tmk = testTMK(t)
	o := everyOrder()["notice"]
	o.begin(t, w)
	w.down = true
	out := do(t, w, emulator.Config{}, o.Order)
	if out.Result != emulator.Unknown || out.Cause != emulator.HostDown || len(w.saved.Offline) != 1 {
		t.Fatalf("got %+v", out)
	}
	if out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Settle}); out.Cause != emulator.OfflinePending {
		t.Fatalf("settled with a notice pending: %+v", out)
	}
	w.down = false
	do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Recover})
	if len(w.saved.Offline) != 0 || len(w.saved.Journal) != 1 || len(w.slips) != 1 {
		t.Fatalf("left %+v", w.saved)
	}
}

func TestOriginalsThatCannotBe(t *testing.T) {
	void := of(emulator.Void, 0, voucher)
	for name, test := range map[string]struct {
		before []emulator.Order
		order  emulator.Order
		want   emulator.Cause
	}{
		"no such voucher":             {nil, void, emulator.NoOriginal},
		"voided already":              {[]emulator.Order{yuan(emulator.Sale, 1), void}, void, emulator.AlreadyVoid},
		"void of a void":              {[]emulator.Order{yuan(emulator.Sale, 1), void}, of(emulator.Void, 0, emulator.Original{Voucher: "000002"}), emulator.NoOriginal},
		"void of a hold":              {[]emulator.Order{yuan(emulator.PreAuth, 1)}, void, emulator.NoOriginal},
		"refund of nothing":           {nil, yuan(emulator.Refund, 1), emulator.NoOriginal},
		"completion without its code": {nil, yuan(emulator.Completion, 1), emulator.NoOriginal},
		"not a payment code":          {nil, emulator.Order{Kind: emulator.QR, Amount: money.Yuan(1), Code: "123"}, emulator.BadCode},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			order{test.order, test.before}.begin(t, w)
			out := do(t, w, emulator.Config{}, test.order)
			if out.Result != emulator.Refused || out.Cause != test.want || len(w.wire) != 0 {
				t.Fatalf("got %+v after sending %v", out, w.wire)
			}
		})
	}
}

func TestBalance(t *testing.T) {
	w := secured(t)
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Balance})
	if out.Result != emulator.Approved || out.Balance == nil || *out.Balance != money.Yuan(12345) || out.Slip != "" {
		t.Fatalf("got %+v", out)
	}
	if m := w.seen[len(w.seen)-1]; m.Present(4) {
		t.Fatal("a balance inquiry carries an amount")
	}
	w.sees(t, "余额 123.45")
	w.lose["0210"] = 1
	w.swipes = []reader.Presentation{good(plainTrack2)}
	out = do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Balance})
	if out.Result != emulator.Unknown || out.Cause != emulator.NoAnswer || out.Reversal != emulator.ReversalNone || len(w.saved.Queue) != 0 {
		t.Fatalf("without an answer: %+v", out)
	}
}

func TestEveryDialectCarriesWhatItHas(t *testing.T) {
	for _, name := range wire.Names() {
		for kind, o := range everyOrder() {
			t.Run(name+" "+kind, func(t *testing.T) {
				w := newWorld(t)
				d, err := wire.ByName(name)
				if err != nil {
					t.Fatal(err)
				}
				w.dialect = d
				o.begin(t, w)
				if out := do(t, w, emulator.Config{}, o.Order); out.Result != emulator.Approved {
					t.Fatalf("got %+v", out)
				}
				m := w.seen[len(w.seen)-1]
				if iso := name != "unionpay"; iso && len(o.before) > 0 && m.OriginalData == "" || !iso && m.Present(90) {
					t.Fatal("field 90 does not name the original, or is none of the dialect's")
				}
			})
		}
	}
}

func TestNotSupportedIsSaid(t *testing.T) {
	w := newWorld(t)
	w.dialect, _ = wire.ByName("iso87bcd")
	out, err := w.terminal(emulator.Config{}).Do(context.Background(), emulator.Order{Kind: emulator.Status})
	if err != nil || out.Cause != emulator.NotSupported {
		t.Fatalf("got %+v, %v", out, err)
	}
}

// A UnionPay message ends at field 64: one bitmap, and the MAC in its last bit.
func TestUnionPayMessagesHaveOneBitmap(t *testing.T) {
	w := secured(t)
	w.lose["0210"] = 1
	w.swipes = []reader.Presentation{good(plainTrack2)}
	do(t, w, emulator.Config{}, sale(100))
	for _, m := range w.seen {
		for number := 65; number <= 128; number++ {
			if m.Has.Has(number) {
				t.Errorf("%s has field %d", m.MTI, number)
			}
		}
		if m.MTI == wire.MTIReversal && (!m.Present(64) || m.Present(12)) {
			t.Errorf("the reversal: %v", m)
		}
	}
}

// An echo of UnionPay is fields 41, 42 and 60 alone, and takes no number.
func TestEchoIsShort(t *testing.T) {
	w := newWorld(t)
	out := do(t, w, emulator.Config{}, emulator.Order{Kind: emulator.Echo})
	if m := w.seen[0]; out.Result != emulator.Approved || m.Private60 != "00000001301" || m.String() != "0820, fields 41 42 60" || w.saved.LastSTAN != 0 {
		t.Fatalf("sent %s, F60 %s", m, m.Private60)
	}
}

// The reversal of a code payment names the code again (UnionPay table, 扫码).
func TestReversalOfACodePaymentRepeatsIt(t *testing.T) {
	w := secured(t)
	w.lose["0210"] = 1
	o := everyOrder()["qr"]
	o.begin(t, w)
	if out := do(t, w, emulator.Config{}, o.Order); out.Result != emulator.Reversed {
		t.Fatalf("got %+v", out)
	}
	sent, reversed := w.seen[0], w.seen[1]
	if sent.EntryMode != "032" || sent.QR != "A3019"+qrCode || reversed.QR != sent.QR || sent.Present(35) || sent.Present(2) {
		t.Fatalf("sent %v, reversed %v", sent, reversed)
	}
	if m := reversed; m.String() != "0400 STAN 000001, fields 3 4 11 22 25 39 41 42 49 59 60 64" || m.Code != wire.NoResponse {
		t.Fatalf("the reversal is %s", m)
	}
}
