package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/icc"
	"possim/reader/pcsc"
	"possim/reader/vpcd/vpcdtest"
)

// chipCard makes an emulated card.
func chipCard(t *testing.T, name string, pan card.PAN, alter func(*icc.Profile)) *icc.Card {
	t.Helper()
	p, err := icc.Shipped(name, icc.Person{Seed: "read", Holder: icc.Holder{PAN: pan, Sequence: "01", ServiceCode: "201",
		Expiry: card.Expiry{Year: 2029, Month: 12}, PIN: "1234", Name: "CANARY/YELLOW", Discretionary: canarySecret}})
	if err != nil {
		t.Fatal(err)
	}
	if alter != nil {
		alter(&p)
	}
	c, err := icc.New(p, icc.State{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bothForms is what is shown of a presentation, for people and as JSON.
func bothForms(t *testing.T, p presentation) (text, object string) {
	t.Helper()
	var a, b bytes.Buffer
	if err := errors.Join(p.print(&a, false), p.print(&b, true)); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String()
}

const testChip card.PAN = "6210947000000021"

func TestReadChip(t *testing.T) {
	c := chipCard(t, "visa-cvn18", testChip, nil)
	released := 0
	p, err := present(t.Context(), &reader.Chip{ATR: c.ATR(), Card: c, Release: func() error { released++; return nil }}, false)
	if err != nil || released != 1 {
		t.Fatalf("%v; released %d times", err, released)
	}
	text, object := bothForms(t, p)
	want := `{"kind":"chip","pan":"621094******0021","expiry":"2912","service_code":"201","verdict":"ok","atr":"3BE000008131FE45EB",` +
		`"applications":[{"aid":"A0000000031010","label":"VISA CREDIT","preferred_name":"Visa Test","priority":1,` +
		`"pan":"621094******0021","expiry":"2912","psn":"01","service_code":"201","country":"840","currency":"840","languages":["en"],` +
		`"aip":["SDA supported","DDA supported","cardholder verification is supported","terminal risk management is to be performed","issuer authentication is supported","CDA supported"],`
	if !strings.HasPrefix(object, want) {
		t.Errorf("got  %s\nwant %s", object, want)
	}
	for _, part := range []string{`"version":"0096"`, `"capk":"A000000003 `, `"atc":1,"last_online_atc":0,"pin_tries":3}]}`,
		`"cvm":["enciphered PIN verified by ICC, if terminal supports the CVM, else next"`} {
		if !strings.Contains(object, part) {
			t.Errorf("there is no %s in %s", part, object)
		}
	}
	for _, part := range []string{"ok          chip  621094******0021  expires 2912  service 201\n  ATR 3BE000008131FE45EB\n  1. Visa Test  A0000000031010\n",
		"ATC 1  last online 0  PIN tries left 3\n"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
	if p, _ := present(t.Context(), &reader.Chip{Card: chipCard(t, "visa-cvn18", testChip, nil)}, true); p.PAN != string(testChip) {
		t.Errorf("--unsafe shows %s of a test card", p.PAN)
	}
}

// storage is a card that knows no command.
type storage struct{ t *testing.T }

func (s storage) Transmit(context.Context, []byte) ([]byte, error) {
	s.t.Error("a card that only stores was sent a command")
	return nil, errors.New("no")
}

func TestReadTransportCard(t *testing.T) {
	atr := []byte{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 3, 6, 3, 0, 1, 0, 0, 0, 0, 0x6A}
	p, err := present(t.Context(), &reader.Tap{UID: []byte{4, 0xA1, 0xB2, 0xC3}, ATR: atr, Card: storage{t}}, false)
	text, object := bothForms(t, p)
	if err != nil || !strings.Contains(object, `"uid":"04A1B2C3","card_type":"MIFARE Classic 1K (ISO/IEC 14443 A part 3)"`) || !strings.Contains(object, `"pan":""`) {
		t.Errorf("%s, %v", object, err)
	}
	if !strings.Contains(text, "UID 04A1B2C3\n  MIFARE Classic 1K") || !strings.Contains(text, "no payment card: it only stores") {
		t.Error(text)
	}
}

// A card that goes away says so, and what was read until then.
func TestReadInterrupted(t *testing.T) {
	for fault, want := range map[string]string{"pulled-out@B2:8": "partial", "mute": "unreadable"} {
		f, err := icc.ParseFault(fault)
		if err != nil {
			t.Fatal(err)
		}
		c := chipCard(t, "unionpay-debit", testChip, func(p *icc.Profile) { p.Faults = []icc.Fault{f} })
		p, err := present(t.Context(), &reader.Chip{Card: c}, false)
		if !errors.Is(err, errInterrupted) || p.Verdict.String() != want || !strings.Contains(p.Problem, "no answer from the card") {
			t.Errorf("%s: %s %q, %v", fault, p.Verdict, p.Problem, err)
		}
	}
}

// Nothing of a live card shows but its masked number, not even where it puts it into texts.
func TestReadChipCanary(t *testing.T) {
	for _, tap := range []bool{false, true} {
		c := chipCard(t, "unionpay-debit", canary, func(p *icc.Profile) {
			p.Contactless = tap
			p.Applications[0].Label, p.Applications[0].PreferredName = canary, "\x1b[31m"+canary[:8]
		})
		var in reader.Presentation = &reader.Chip{ATR: c.ATR(), Card: c}
		if tap {
			in = &reader.Tap{ATR: c.ATR(), Card: c}
		}
		p, err := present(t.Context(), in, true)
		if err != nil || p.PAN != "622202******3456" {
			t.Fatalf("%s, %v: what was to be hidden?", p.PAN, err)
		}
		p.Applications[0].PreferredName = "" // eight digits are no number
		text, object := bothForms(t, p)
		noCanary(t, "text", text)
		noCanary(t, "JSON", object)
		if strings.Contains(text, "\x1b") {
			t.Errorf("a card's text reaches the terminal as it is: %q", text)
		}
	}
}

func TestDoctorChipReaders(t *testing.T) {
	for _, c := range []struct {
		slots []pcsc.Slot
		err   error
		want  string
	}{
		{nil, pcsc.ErrNoService, `missing +pcscd +no chip readers: pcscd is not running: start it`},
		{nil, pcsc.ErrDenied, `problem +pcscd +no chip readers: pcscd does not let this user in`},
		{nil, nil, `missing +pcscd +pcscd runs and has no chip reader\n.*libccid`},
		{[]pcsc.Slot{{Name: "ACME 00 00"}}, nil, `ok +reader +ACME 00 00, no card in it\n +--reader 'pcsc:ACME 00 00'\n`},
		{[]pcsc.Slot{{Name: "A%2F", Present: true}}, nil, `ok +reader +A%2F, with a card in it\n +--reader pcsc:A%252F\n`},
		{[]pcsc.Slot{{Name: "A", Present: true, Mute: true}}, nil, `with a card that does not answer`},
	} {
		a, stdout, _ := testApp("")
		d := &doctor{app: a, slots: func(context.Context) ([]pcsc.Slot, error) { return c.slots, c.err }}
		for _, f := range d.chipReaders(t.Context()) {
			f.print(a)
		}
		if !regexp.MustCompile(c.want).MatchString(stdout.String()) {
			t.Errorf("got %q, want %s", stdout, c.want)
		}
	}
}

// TestReadThroughPCSCD reads an emulated card as a user does, through Debian's pcscd.
func TestReadThroughPCSCD(t *testing.T) {
	d := vpcdtest.Lab{CI: os.Getenv("CI") == "true"}.Start(t)
	slot := d.Insert(t, chipCard(t, "unionpay-dual", testChip, nil))
	run := func(want int, args ...string) string {
		a, stdout, stderr := testApp("")
		a.sleep = sleep
		if code := a.run(t.Context(), args); code != want {
			t.Errorf("%v: exit %d, want %d: %s", args, code, want, stderr)
		}
		return stdout.String() + stderr.String()
	}
	var got presentation
	out := run(0, "read", "--reader", "pcsc:"+vpcdtest.Reader, "--once", "--json")
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Applications) != 2 || got.PAN != "621094******0021" || got.ATR == "" {
		t.Errorf("%v: %s", err, out)
	}
	if out := run(0, "doctor", "--dev", t.TempDir(), "--state", t.TempDir()); !strings.Contains(out, "--reader 'pcsc:"+vpcdtest.Reader+"'") {
		t.Errorf("doctor: %s", out)
	}
	if out := run(4, "read", "--reader", "pcsc:nothing"); !strings.Contains(out, `"`+vpcdtest.Reader2+`"`) {
		t.Errorf("a wrong name: %s", out)
	}
	slot.Remove(t)
	slot = d.Insert(t, chipCard(t, "unionpay-debit", testChip, func(p *icc.Profile) {
		p.Faults = []icc.Fault{{Kind: icc.FaultPulledOut, INS: 0xB2, At: 4}}
	}))
	if out := run(4, "read", "--reader", "pcsc:", "--once"); !strings.Contains(out, "partial") || !strings.Contains(out, "no answer") {
		t.Errorf("pulled out: %s", out)
	}
	slot.Left(t)
}
