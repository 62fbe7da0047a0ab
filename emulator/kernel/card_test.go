package kernel_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// The emulated card and the kernel were written apart from each other, from the books:
// here they meet, with an issuer between them that computes for itself.

var issuers = map[emv.RID]func() *emv.IssuerKeys{
	emv.RIDUnionPay: sync.OnceValue(func() *emv.IssuerKeys { return newIssuer(emv.RIDUnionPay, "621094") }),
	emv.RIDVisa:     sync.OnceValue(func() *emv.IssuerKeys { return newIssuer(emv.RIDVisa, "411111") }),
}

func newIssuer(rid emv.RID, bin string) *emv.IssuerKeys {
	k, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "kernel and card", RID: rid, Issuer: bin})
	if err != nil {
		panic(err)
	}
	return k
}

func profile(t testing.TB, name string) (icc.Profile, *emv.IssuerKeys) {
	t.Helper()
	rid, pan := emv.RIDUnionPay, card.PAN("6210947000000021")
	if strings.HasPrefix(name, "visa") {
		rid, pan = emv.RIDVisa, "4111111111111111"
	}
	keys := issuers[rid]()
	p, err := icc.Shipped(name, icc.Person{Seed: "kernel and card", Issuer: keys, Holder: icc.Holder{PAN: pan, Sequence: "01",
		Expiry: card.Expiry{Year: 2029, Month: 12}, PIN: "1234", ServiceCode: "201", Name: "CANARY/CARDHOLDER"}})
	if err != nil {
		t.Fatal(err)
	}
	return p, keys
}

func terminal(keys *emv.IssuerKeys, pin string) *kernel.Kernel {
	app := kernel.Application{AID: keys.Authority.RID[:], Partial: true, Version: []byte{0, 0x30}, FloorLimit: 100000}
	if keys.Authority.RID == emv.RIDVisa {
		app.Version = []byte{0, 0x96}
	}
	return &kernel.Kernel{Type: 0x22, Capabilities: emv.Capabilities{0xE0, 0xF8, 0xC8}, More: emv.MoreCapabilities{0xF0, 0, 0xF0, 0xA0, 0x01},
		Country: "156", CAPKs: emv.CAPKs{keys.Authority.CAPK()}, Random: emv.Seeded("kernel and card", "terminal"),
		Applications: []kernel.Application{app},
		PIN: func(context.Context, kernel.PINRequest) (kernel.PINEntry, error) {
			p, err := kernel.NewPIN(pin)
			return kernel.PINEntry{PIN: p}, err
		}}
}

var sale = kernel.Transaction{Amount: money.Yuan(200000), At: time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC), Sequence: 7}

// issuer verifies the ARQC in field 55 as a host would, and answers it.
func issue(t testing.TB, keys *emv.IssuerKeys, r kernel.Result, code string, script func(emv.Scheme, emv.Keys) ([]byte, error)) kernel.HostAnswer {
	t.Helper()
	s, err := emv.SchemeOf(r.Application.AID, r.Tags.Value(emv.TagIAD))
	if err != nil {
		t.Fatal(err)
	}
	k, err := s.CardKeys(keys.Master, r.PAN, r.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(k, r.Tags); err != nil {
		t.Fatalf("ARQC: %v", err)
	}
	answer := emv.Answer{ResponseCode: code}
	if code == "00" {
		answer.StatusUpdate = [4]byte{0, 0x80}
	}
	proof, err := s.IssuerAuthentication(k, r.Tags, answer)
	if err != nil {
		t.Fatal(err)
	}
	a := kernel.HostAnswer{Code: code, F55: emv.List{emv.New(emv.TagIssuerAuthenticationData, proof)}}
	if script != nil {
		c, err := script(s, k)
		if err != nil {
			t.Fatal(err)
		}
		a.F55 = append(a.F55, emv.Template(emv.TagScriptTemplate1, emv.New(emv.TagScriptCommand, c)))
	}
	return a
}

func insert(t testing.TB, p icc.Profile) *icc.Card {
	t.Helper()
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSaleWithEveryCard(t *testing.T) {
	for _, name := range icc.Names() {
		for _, oda := range []struct {
			name     string
			security byte
			tvr      byte // first byte
		}{{"CDA", 0xC8, 0}, {"DDA", 0xC0, 0}, {"SDA", 0x80, 0x02}, {"none", 0x00, 0x80}} {
			for _, code := range []string{"00", "51"} {
				t.Run(name+" "+oda.name+" "+code, func(t *testing.T) {
					p, keys := profile(t, name)
					c, k := insert(t, p), terminal(keys, "1234")
					k.Capabilities[2] = oda.security
					r, err := k.Start(t.Context(), c, sale)
					if err != nil || r.Decision != kernel.Online || r.TVR[0] != oda.tvr {
						t.Fatalf("start: %s %s TVR %s: %v %v", r.Decision, r.Cause, r.TVR, r.Err, err)
					}
					r, err = k.Finish(t.Context(), issue(t, keys, r, code, nil))
					want := map[string]kernel.Decision{"00": kernel.Approved, "51": kernel.Declined}[code]
					if err != nil || r.Decision != want || r.Reverse || !r.TSI.Has(emv.TSIIssuerAuthenticationPerformed) ||
						r.TVR.Has(emv.TVRIssuerAuthenticationFailed) {
						t.Errorf("finish: got %s TVR %s TSI %s, want %s: %v %v", r.Decision, r.TVR, r.TSI, want, r.Err, err)
					}
				})
			}
		}
	}
}

func TestEveryCVMWithTheCard(t *testing.T) {
	for _, c := range []struct {
		name, pin, cvm string
		capable        byte
		tvr            byte // third byte
	}{
		{"online PIN", "1234", "420300", 0x40, 0x04},
		{"enciphered PIN", "1234", "440302", 0x10, 0},
		{"plain PIN", "1234", "410302", 0x80, 0},
		{"wrong PIN until it blocks", "4321", "5E0300", 0xA0, 0x20},
		{"signature", "", "5E0300", 0x20, 0},
		{"nothing", "", "1F0302", 0x08, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, keys := profile(t, "unionpay-debit")
			k := terminal(keys, c.pin)
			k.Capabilities[1] = c.capable
			r, err := k.Start(t.Context(), insert(t, p), sale)
			if got := strings.ToUpper(hex.EncodeToString(r.CVM[:])); err != nil || got != c.cvm || r.TVR[2] != c.tvr {
				t.Errorf("got %s TVR %s, want %s %02X: %v %v", got, r.TVR, c.cvm, c.tvr, r.Err, err)
			}
		})
	}
}

func TestCardsOwnWill(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(*icc.Profile, *kernel.Kernel)
		small bool // under the floor
		want  kernel.Decision
		end   kernel.Decision
		rev   bool
	}{
		{name: "approved offline", small: true, want: kernel.Approved},
		{name: "declines", alter: func(p *icc.Profile, _ *kernel.Kernel) { p.Applications[0].Risk.AlwaysDecline = true }, want: kernel.Declined},
		{name: "wants to go online", small: true, alter: func(p *icc.Profile, _ *kernel.Kernel) { p.Applications[0].Risk.AlwaysOnline = true },
			want: kernel.Online, end: kernel.Approved},
		{name: "declines after approval", alter: func(p *icc.Profile, _ *kernel.Kernel) { p.Applications[0].Risk.DeclineAfterOnline = true },
			want: kernel.Online, end: kernel.Declined, rev: true},
		{name: "expired", alter: func(p *icc.Profile, _ *kernel.Kernel) { p.Applications[0].Holder.Expiry.Year = 2025 }, want: kernel.Declined},
		{name: "no directory", alter: func(p *icc.Profile, _ *kernel.Kernel) { p.NoPSE = true }, want: kernel.Online, end: kernel.Approved},
		{name: "velocity", small: true, alter: func(p *icc.Profile, _ *kernel.Kernel) {
			p.Applications[0].Risk.LowerVelocity, p.Applications[0].Risk.UpperVelocity = 3, 6
		}, want: kernel.Online, end: kernel.Approved},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, keys := profile(t, "unionpay-debit")
			k, tx := terminal(keys, "1234"), sale
			k.Capabilities[1] = 0x28 // nothing to type
			if c.alter != nil {
				c.alter(&p, k)
			}
			if c.small {
				tx.Amount = money.Yuan(1000)
			}
			r, err := k.Start(t.Context(), insert(t, p), tx)
			if err != nil || r.Decision != c.want {
				t.Fatalf("start: got %s TVR %s, want %s: %v %v", r.Decision, r.TVR, c.want, r.Err, err)
			}
			if c.want != kernel.Online {
				return
			}
			r, err = k.Finish(t.Context(), issue(t, keys, r, "00", nil))
			if err != nil || r.Decision != c.end || r.Reverse != c.rev {
				t.Errorf("finish: got %s, reverse %v, want %s, %v: %v %v", r.Decision, r.Reverse, c.end, c.rev, r.Err, err)
			}
		})
	}
}

func TestFaultyCards(t *testing.T) {
	for fault, want := range map[string]string{
		"mute":                "fallback no-answer 0000000000",
		"blocked":             "terminated card-blocked 0000000000",
		"application-blocked": "terminated application-blocked 0000000000",
		"timeout@4":           "fallback no-answer 0000000000",
		"pulled-out@AE:1":     "terminated no-answer 0000048000",
		"pulled-out@B2:3":     "fallback no-answer 0000000000",
		"wrong-certificate":   "online  0400048000",
		"stale-data":          "online  0400048000",
	} {
		t.Run(fault, func(t *testing.T) {
			f, err := icc.ParseFault(fault)
			if err != nil {
				t.Fatal(err)
			}
			p, keys := profile(t, "unionpay-debit")
			p.Faults = []icc.Fault{f}
			r, err := terminal(keys, "1234").Start(t.Context(), insert(t, p), sale)
			if got := string(r.Decision) + " " + string(r.Cause) + " " + r.TVR.String(); err != nil || got != want {
				t.Errorf("got %s, want %s: %v %v", got, want, r.Err, err)
			}
		})
	}
}

func TestWrongAnswerAndScripts(t *testing.T) {
	p, keys := profile(t, "unionpay-debit")
	c, k := insert(t, p), terminal(keys, "1234")
	r, err := k.Start(t.Context(), c, sale)
	if err != nil {
		t.Fatal(err)
	}
	a := issue(t, keys, r, "00", nil)
	a.F55[0].Value[0] ^= 1
	r, err = k.Finish(t.Context(), a)
	if err != nil || r.Decision != kernel.Declined || !r.Reverse || !r.TVR.Has(emv.TVRIssuerAuthenticationFailed) {
		t.Errorf("a wrong ARPC: got %s, reverse %v, TVR %s: %v %v", r.Decision, r.Reverse, r.TVR, r.Err, err)
	}
	if r, err = k.Start(t.Context(), c, sale); err != nil || r.Decision != kernel.Online {
		t.Fatalf("the next: %s %v %v", r.Decision, r.Err, err)
	}
	r, err = k.Finish(t.Context(), issue(t, keys, r, "00", func(s emv.Scheme, m emv.Keys) ([]byte, error) {
		return s.PINChange(m, r.Tags, "5678", "")
	}))
	if err != nil || r.Decision != kernel.Approved || hex.EncodeToString(r.Scripts) != "2000000000" || !r.TSI.Has(emv.TSIScriptPerformed) {
		t.Errorf("PIN change: got %s, scripts %X, TVR %s: %v %v", r.Decision, r.Scripts, r.TVR, r.Err, err)
	}
	k = terminal(keys, "5678")
	k.Capabilities[1] = 0x90
	if r, err = k.Start(t.Context(), c, sale); err != nil || r.CVM != (emv.CVMResults{0x44, 3, 2}) {
		t.Errorf("the new PIN: got %s: %v %v", r.CVM, r.Err, err)
	}
}

func TestUnableToGoOnline(t *testing.T) {
	p, keys := profile(t, "unionpay-debit")
	k := terminal(keys, "1234")
	if _, err := k.Start(t.Context(), insert(t, p), sale); err != nil {
		t.Fatal(err)
	}
	r, err := k.Finish(t.Context(), kernel.HostAnswer{})
	if err != nil || r.Decision != kernel.Declined || r.Code != emv.UnableOnlineDeclined || r.Reverse {
		t.Errorf("got %s %s: %v %v", r.Decision, r.Code, r.Err, err)
	}
}

func TestTwoApplications(t *testing.T) {
	p, keys := profile(t, "unionpay-dual")
	k := terminal(keys, "1234")
	var shown []string
	k.Choose = func(_ context.Context, l []kernel.Candidate) (int, error) {
		for _, c := range l {
			shown = append(shown, c.Title())
		}
		return 1, nil
	}
	r, err := k.Start(t.Context(), insert(t, p), sale)
	if err != nil || strings.Join(shown, ", ") != "PBOC DEBIT, PBOC CREDIT" || r.Application.Label != "PBOC CREDIT" || r.Decision != kernel.Online {
		t.Errorf("shown %q, got %s %s: %v %v", shown, r.Application.Label, r.Decision, r.Err, err)
	}
}

// The same randomness, transaction and card make the same commands and the same result.
func TestSameSeedSameBytes(t *testing.T) {
	run := func() string {
		p, keys := profile(t, "unionpay-debit")
		r, err := terminal(keys, "1234").Start(t.Context(), insert(t, p), sale)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(r.Data.Bytes())
	}
	if a, b := run(), run(); a != b {
		t.Errorf("two runs differ:\n%s\n%s", a, b)
	}
}

func TestPulledOutIsTold(t *testing.T) {
	p, keys := profile(t, "unionpay-debit")
	f, err := icc.ParseFault("pulled-out@AE:2")
	if err != nil {
		t.Fatal(err)
	}
	p.Faults = []icc.Fault{f}
	k := terminal(keys, "1234")
	r, err := k.Start(t.Context(), insert(t, p), sale)
	if err != nil {
		t.Fatal(err)
	}
	r, err = k.Finish(t.Context(), issue(t, keys, r, "00", nil))
	if err != nil || r.Decision != kernel.Terminated || !r.Reverse || !errors.Is(r.Err, icc.ErrRemoved) {
		t.Errorf("got %s, reverse %v: %v %v", r.Decision, r.Reverse, r.Err, err)
	}
}

// BenchmarkSale is a full contact sale by DDA, the issuer's part included.
func BenchmarkSale(b *testing.B) {
	p, keys := profile(b, "unionpay-debit")
	c, k := insert(b, p), terminal(keys, "1234")
	k.Capabilities[2] = 0xC0
	for b.Loop() {
		r, err := k.Start(b.Context(), c, sale)
		if err != nil || r.Decision != kernel.Online {
			b.Fatal(r.Decision, r.Err, err)
		}
		if r, err = k.Finish(b.Context(), issue(b, keys, r, "00", nil)); err != nil || r.Decision != kernel.Approved {
			b.Fatal(r.Decision, r.Err, err)
		}
	}
}

func TestPINUnderAKeyOfItsOwn(t *testing.T) {
	p, keys := profile(t, "unionpay-debit")
	p.Applications[0].PINKey = true
	k := terminal(keys, "1234")
	k.Capabilities = emv.Capabilities{0xE0, 0x10, 0x80} // SDA: the card's own key is not recovered before
	r, err := k.Start(t.Context(), insert(t, p), sale)
	if err != nil || r.CVM != (emv.CVMResults{0x44, 3, 2}) || !r.Data.Has(emv.TagPINKeyCertificate) {
		t.Errorf("got %s TVR %s: %v %v", r.CVM, r.TVR, r.Err, err)
	}
}
