package kernel_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"possim/emulator/kernel"
	"possim/reader"
	"possim/reader/emv"
	"possim/reader/icc"
)

// reading is a card that lets itself be read, and fails the test for any other command.
type reading struct {
	t testing.TB
	*icc.Card
}

func (r reading) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	if !slices.Contains([]byte{0xA4, 0xB2, 0xA8, 0xCA, 0xC0}, apdu[1]) {
		r.t.Errorf("a card that is only read was sent %X", apdu)
	}
	return r.Card.Transmit(ctx, apdu)
}

// peek says in a line what was read.
func peek(t testing.TB, p icc.Profile, kind reader.Kind) (kernel.Contents, string) {
	t.Helper()
	c, err := kernel.Peek(t.Context(), reading{t, insert(t, p)}, kind)
	lines := []string{c.Directory}
	for _, h := range c.Applications {
		line := fmt.Sprintf("%X %s %s %s %s", h.AID, h.Title(), h.PAN(), h.Expiry(), h.ServiceCode())
		if h.Blocked {
			line += " blocked"
		}
		if h.Problem != nil {
			line += " (" + h.Problem.Error() + ")"
		}
		if h.Data.Has(emv.TagCryptogram) {
			t.Errorf("the card gave a cryptogram: %s", h.Data)
		}
		lines = append(lines, line)
	}
	for _, e := range []error{c.Problem, err} {
		if e != nil {
			lines = append(lines, "!"+e.Error())
		}
	}
	return c, strings.Join(lines, "; ")
}

func TestPeek(t *testing.T) {
	const debit, credit = "A000000333010101 PBOC DEBIT 621094******0021 2912 201", "A000000333010102 PBOC CREDIT 621094******0021 2912 201"
	const visa = "A0000000031010 Visa Test 411111******1111 2912 201"
	fault := func(text string) func(*icc.Profile) {
		return func(p *icc.Profile) {
			f, err := icc.ParseFault(text)
			if err != nil {
				t.Fatal(err)
			}
			p.Faults = []icc.Fault{f}
		}
	}
	noPSE := func(p *icc.Profile) { p.NoPSE = true }
	tap := func(p *icc.Profile) { p.Contactless = true }
	for _, c := range []struct {
		name, card string
		alter      func(*icc.Profile)
		want       string
	}{
		{"debit", "unionpay-debit", nil, "1PAY.SYS.DDF01; " + debit},
		{"T=1", "unionpay-debit", func(p *icc.Profile) { p.Protocol = icc.T1 }, "1PAY.SYS.DDF01; " + debit},
		{"two", "unionpay-dual", nil, "1PAY.SYS.DDF01; " + debit + "; " + credit},
		{"no directory", "unionpay-dual", noPSE, "; " + debit + "; " + credit},
		{"visa, no directory", "visa-cvn18", noPSE, "; " + visa},
		{"visa", "visa-cvn18", nil, "1PAY.SYS.DDF01; " + visa},
		{"tapped", "unionpay-dual", tap, "2PAY.SYS.DDF01; " + debit + "; " + credit},
		{"blocked application", "unionpay-debit", fault("application-blocked"), "1PAY.SYS.DDF01; " + debit + " blocked"},
		{"blocked card", "unionpay-debit", fault("blocked"), "; !the card answers 6A81 to its first SELECT: it is blocked"},
		{"mute", "unionpay-debit", fault("mute"), "; !SELECT PSE: no answer from the card: " + icc.ErrMute.Error()},
		{"pulled out", "unionpay-debit", fault("pulled-out@B2:6"), "1PAY.SYS.DDF01; " + debit +
			" (READ RECORD: no answer from the card: the card was pulled out); !READ RECORD: no answer from the card: the card was pulled out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, _ := profile(t, c.card)
			if c.alter != nil {
				c.alter(&p)
			}
			kind := reader.KindChip
			if p.Contactless {
				kind = reader.KindTap
			}
			_, got := peek(t, p, kind)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// What a card books of its sales is read back.
func TestPeekLog(t *testing.T) {
	p, keys := profile(t, "unionpay-debit")
	c, k := insert(t, p), terminal(keys, "1234")
	k.Capabilities[1] = 0x28
	for range 2 {
		tx := sale
		tx.Amount.Minor = 1000
		if r, err := k.Start(t.Context(), c, tx); err != nil || r.Decision != kernel.Approved {
			t.Fatal(r.Decision, r.Err, err)
		}
		c.Reset()
	}
	got, err := kernel.Peek(t.Context(), c, reader.KindChip)
	if err != nil || len(got.Applications) != 1 {
		t.Fatal(got, err)
	}
	h := got.Applications[0]
	if len(h.Log) != 2 || hex.EncodeToString(h.Log[0].Value(emv.TagAmountAuthorised)) != "000000001000" ||
		hex.EncodeToString(h.Log[0].Value(emv.TagTransactionDate)) != "260601" {
		t.Errorf("log %s (%v)", h.Log, h.Problem)
	}
	if hex.EncodeToString(h.Data.Value(emv.TagATC)) != "0003" || h.Data.Value(emv.TagPINTryCounter)[0] != 3 {
		t.Errorf("counters %s", h.Data)
	}
}

func TestPeekIsCancelled(t *testing.T) {
	p, _ := profile(t, "unionpay-debit")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if c, err := kernel.Peek(ctx, insert(t, p), reader.KindChip); !errors.Is(err, context.Canceled) || len(c.Applications) > 0 {
		t.Errorf("%v, %v", c, err)
	}
}

// Nothing that is read prints a number, a name or a track.
func TestPeekPrintsNothingSecret(t *testing.T) {
	p, _ := profile(t, "unionpay-debit")
	c, _ := peek(t, p, reader.KindChip)
	var b strings.Builder
	for _, v := range []any{c, &c, c.Applications[0], c.Applications[0].Data, c.Applications[0].Log} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(j)
	}
	if !c.Applications[0].Data.Has(emv.TagCardholderName) || !strings.Contains(b.String(), "621094******0021") {
		t.Fatal("there is no name, or no number: what was to be hidden?")
	}
	for _, secret := range []string{"6210947000000021", "CANARY", hex.EncodeToString([]byte("CANARY"))} {
		if strings.Contains(strings.ToLower(b.String()), strings.ToLower(secret)) {
			t.Errorf("%s prints", secret)
		}
	}
}
