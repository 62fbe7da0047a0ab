package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"possim/emulator"
	"possim/emulator/kernel"
	"possim/reader"
	"possim/reader/icc"
)

// tapWorld is a bench whose terminal takes taps up to 1000.00, those up to 300.00 without
// a PIN, and up to 50.00 offline.
func tapWorld(t *testing.T) *world {
	w := chipWorld(t)
	w.config.Contactless = true
	w.config.EMV.Contactless = kernel.Contactless{Floor: 5_000, Limit: 100_000, CVM: 30_001, NoPIN: 30_000, NoSignature: 30_000}
	return w
}

func tapCard(t *testing.T, change func(*icc.Profile)) *reader.Tap {
	c := chipCard(t, func(p *icc.Profile) {
		p.Contactless = true
		if change != nil {
			change(p)
		}
	})
	return &reader.Tap{UID: []byte{1, 2, 3, 4}, Card: c}
}

func TestTap(t *testing.T) {
	offline := func(p *icc.Profile) { p.Applications[0].Tap.Offline = 10_000 }
	for _, c := range []struct {
		name   string
		card   func(*icc.Profile)
		world  func(*world)
		amount int64
		want   string // result, code, cause, reversal, F22
		slip   string
	}{
		{name: "under the limit", amount: 20_000, want: "approved 00  none 072", slip: "交易金额未超300.00元，免密免签"},
		{name: "over it, with a PIN", amount: 50_000, want: "approved 00  none 071", slip: "持卡人签名"},
		{name: "declined", amount: 20_000, world: func(w *world) { w.refuse = "51" }, want: "declined 51  none 072"},
		{name: "answer lost", amount: 20_000, world: func(w *world) { w.lose["0210"] = 1 }, want: "reversed  no-answer acknowledged 072"},
		{name: "more than a tap may be", amount: 100_000, want: "refused  tap-refused none "},
		{name: "approved offline", card: offline, amount: 4_000, want: "approved Y1  none "},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := tapWorld(t)
			w.do(emulator.Order{Kind: emulator.SignOn})
			if c.world != nil {
				c.world(w)
			}
			w.swipes, w.pins = []reader.Presentation{tapCard(t, c.card)}, []string{"1234"}
			out := w.do(sale(c.amount))
			mode := ""
			for _, m := range w.seen {
				if m.MTI == "0200" {
					mode = m.EntryMode
					if len(m.Chip) == 0 || m.Sub60().ReadCapability != "6" {
						t.Errorf("F55 %X F60 %s", m.Chip, m.Private60)
					}
				}
			}
			if got := fmt.Sprintf("%s %s %s %s %s", out.Result, out.Code, out.Cause, out.Reversal, mode); got != c.want {
				t.Errorf("got %q, want %q: %s", got, c.want, out.Note)
			}
			if out.Entry != "tap" && out.Result != emulator.Refused {
				t.Errorf("entry %q", out.Entry)
			}
			if c.slip != "" && !strings.Contains(out.Slip, c.slip) {
				t.Errorf("the slip lacks %q:\n%s", c.slip, out.Slip)
			}
		})
	}
}

// A tap that is too much is asked to be inserted, and pays so.
func TestTapThenInsert(t *testing.T) {
	w := tapWorld(t)
	w.swipes, w.pins = []reader.Presentation{tapCard(t, nil), tapCard(t, nil), chipCard(t, nil).presented()}, []string{"1234"}
	if out := w.do(sale(100_000)); out.Result != emulator.Approved || out.Entry != "chip" {
		t.Errorf("got %+v: %s", out, out.Note)
	}
}
