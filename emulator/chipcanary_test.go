package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"possim/host/wire"
	"possim/reader"
	"possim/reader/icc"
)

// TestNothingOfAChipIsLeftLyingAbout looks for what a chip gives a terminal, in all that
// the terminal says, prints, logs and keeps: sales that end in every way, with a card that
// puts its number into its texts.
func TestNothingOfAChipIsLeftLyingAbout(t *testing.T) {
	e := &exposed{world: chipWorld(t)}
	const number = "6210947000000021"
	loud := func(p *icc.Profile) {
		a := &p.Applications[0]
		a.Label, a.PreferredName, a.CodeTable = number, "\x1b[1mloud", 1
		a.Holder.PIN, a.Holder.Discretionary = canaryPIN, "8877665544"
	}
	both := func(f func(*icc.Profile)) func(*icc.Profile) { return func(p *icc.Profile) { loud(p); f(p) } }
	for _, c := range []struct {
		card   func(*icc.Profile)
		amount int64
		lose   string
		refuse wire.Code
	}{
		{card: loud, amount: 20_000}, {card: loud, amount: 20_000, lose: "0210"}, {card: loud, amount: 20_000, refuse: "51"},
		{card: both(noCVM), amount: 5_000}, {card: both(fault("pulled-out@AE:2")), amount: 20_000}, {card: both(fault("pulled-out@AE:1")), amount: 20_000},
		{card: both(func(p *icc.Profile) { p.Applications[0].Risk.DeclineAfterOnline = true }), amount: 20_000, lose: "0410"},
		{card: both(fault("stale-data")), amount: 20_000}, {card: both(fault("blocked")), amount: 20_000},
	} {
		e.swipes, e.pins = []reader.Presentation{chipCard(t, c.card).presented()}, []string{canaryPIN}
		e.lose, e.refuse = map[string]int{c.lose: 1}, c.refuse
		e.carryOut(sale(c.amount))
	}
	for _, s := range append(e.screens, e.slips...) {
		e.WriteString(s)
	}
	for _, q := range e.asked {
		fmt.Fprintf(&e.Buffer, "%+v", q)
	}
	text := e.String()
	if len(text) < 10_000 || !strings.Contains(text, "621094******0021") || !strings.Contains(text, "APP LABEL:621094******0021") {
		t.Fatalf("the canary looks at nothing: %d bytes", len(text))
	}
	for _, secret := range []string{number, "CANARY", canaryPIN, "8877665544", "\x1b"} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("%q is in it: ...%s...", secret, text[max(0, at-120):min(len(text), at+80)])
		}
	}
}
