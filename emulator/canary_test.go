package emulator_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader"
)

const canaryPIN = "739164"

// exposed is everything that a day at the terminal leaves where somebody may look:
// each state that was saved, screens, questions, slips, logs, outcomes and errors.
type exposed struct {
	*world
	bytes.Buffer
}

func (e *exposed) order(o emulator.Order) emulator.Outcome {
	e.swipes = []reader.Presentation{good("6222020000000015=29121010073519468")}
	e.pins = []string{canaryPIN}
	return e.carryOut(o)
}

// carryOut has an order carried out with the cards and PINs that are there.
func (e *exposed) carryOut(o emulator.Order) emulator.Outcome {
	term := e.terminal(emulator.Config{})
	term.Log = zerolog.New(&e.Buffer).Level(zerolog.TraceLevel)
	save := term.Save
	term.Save = func(s emulator.State) error {
		text, err := json.Marshal(s)
		fmt.Fprintf(&e.Buffer, "%s %+v %#v %v\n", text, s, s, err)
		return save(s)
	}
	out, err := term.Do(e.t.Context(), o)
	fmt.Fprintf(&e.Buffer, "%+v %v %v %v\n", out, out.Balance, out.Settlement, err)
	return out
}

// secrets are what must be nowhere in it.
func (e *exposed) secrets() map[string]string {
	all := map[string]string{
		"card number": "6222020000000015", "track 2": string(plainTrack2), "discretionary data": "73519468",
		"PIN": canaryPIN, "payment code": qrCode,
	}
	for name, k := range map[string]hsm.Key{"TMK": e.tmk, "TPK": e.tpk, "TAK": e.tak, "TDK": e.tdk} {
		if !k.Zero() {
			all[name] = hex.EncodeToString(k.Reveal())
		}
	}
	return all
}

func TestNothingSecretIsLeftLyingAbout(t *testing.T) {
	e := &exposed{world: secured(t)}
	e.config.PINEntry, e.config.EncryptTracks = true, true
	e.order(signOn)
	keys := e.secrets()
	e.edit = func(_, ans *wire.Message) {
		if ans.Code == wire.WrongPIN {
			ans.Additional = "PIN tries left 2"
		}
	}
	for _, o := range everyOrder() {
		for _, earlier := range o.before {
			earlier.Original = emulator.Original{}
			e.order(earlier)
		}
		last := fmt.Sprintf("%06d", e.saved.LastSTAN)
		if o.Original.Voucher != "" {
			o.Original.Voucher = last
		}
		for _, lose := range []string{"", "0210", "0110", "0230", "0410"} {
			e.lose = map[string]int{lose: 1}
			e.order(o.Order)
		}
		e.refuse = wire.WrongPIN
		e.order(o.Order)
		e.refuse = ""
	}
	e.order(emulator.Order{Kind: emulator.Balance})
	e.charged["999999"], e.kinds["999999"] = 5, wire.Purchase
	e.order(settle)
	e.spoil = func(f []byte) [][]byte { return [][]byte{f[:len(f)-3]} }
	e.order(sale(100))
	for _, s := range e.screens {
		e.WriteString(s)
	}
	for _, s := range e.slips {
		e.WriteString(s)
	}
	for _, q := range e.asked {
		fmt.Fprintf(&e.Buffer, "%+v", q)
	}
	text := strings.ToLower(e.String())
	if len(text) < 50_000 || !strings.Contains(text, "622202******0015") {
		t.Fatalf("the canary looks at nothing: %d bytes", len(text))
	}
	for _, secrets := range []map[string]string{keys, e.secrets()} {
		for name, secret := range secrets {
			if at := strings.Index(text, strings.ToLower(secret)); at >= 0 {
				t.Errorf("the %s is in it: ...%s...", name, text[max(0, at-120):min(len(text), at+80)])
			}
		}
	}
}
