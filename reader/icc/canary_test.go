package icc

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"possim/reader/emv"
)

// The middle of this number, the PINs, the name and the keys are nowhere in what prints.
const (
	canaryPAN = "6222020739184615"
	canaryPIN = "983475"
	canaryNew = "571938"
)

func canaryProfile(t testing.TB) Profile {
	p := profile(t, "unionpay-dual")
	p.Seed = "SECRETSEED"
	for i := range p.Applications {
		h := &p.Applications[i].Holder
		h.PAN, h.PIN, h.Name, h.Discretionary = canaryPAN, canaryPIN, "CANARY/BIRD", "1472583690"
		p.Applications[i].AIP.Clear(emv.AIPSDA, emv.AIPDDA, emv.AIPCDA)
	}
	return p
}

func watch(t *testing.T, how, out string) {
	t.Helper()
	upper := strings.ToUpper(out)
	for _, secret := range []string{"0739184", "739184", canaryPIN, canaryNew, "CANARY", "43414E415259", "SECRETSEED", "1472583690",
		"393833343735", "57 56 51 52 55 53"} {
		if strings.Contains(upper, secret) {
			t.Errorf("%s shows %s: %.300s", how, secret, out)
		}
	}
}

func TestNothingSecretPrints(t *testing.T) {
	p := canaryProfile(t)
	c := must[*Card](t)(New(p, State{}))
	s := c.State()
	s.Apps[0].PIN = canaryNew
	master := strings.ToUpper(hex.EncodeToString(p.Applications[0].Issuer.Master.AC.Reveal()))[:12]
	for _, v := range []any{p, &p, p.Applications[0], p.Applications, p.Applications[0].Holder, Person{Holder: p.Applications[0].Holder, Seed: p.Seed},
		c, *c, []*Card{c}, struct{ c *Card }{c}, struct{ C *Card }{c}, struct{ c Card }{*c}, s, &s, s.Apps, Secret(canaryPIN)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%o", "%30v"} {
			out := fmt.Sprintf(verb, v)
			watch(t, fmt.Sprintf("%s of %T", verb, v), out)
			if strings.Contains(strings.ToUpper(out), master) {
				t.Errorf("%s of %T shows a key", verb, v)
			}
		}
		if b, err := json.Marshal(v); err == nil {
			watch(t, fmt.Sprintf("JSON of %T", v), string(b))
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: untimed})).Info("x", "v", v)
		watch(t, fmt.Sprintf("slog of %T", v), log.String())
	}
	if got := fmt.Sprintf("%v %q", c, c); got != `card 622202******4615 "card 622202******4615"` {
		t.Error(got)
	}
}

func TestNothingSecretInErrors(t *testing.T) {
	note := func(_ any, err error) {
		t.Helper()
		if err == nil {
			t.Error("no error")
			return
		}
		watch(t, "error", err.Error())
	}
	for _, spoil := range []func(*Application){
		func(a *Application) { a.Holder.PIN = canaryPIN + "x" },
		func(a *Application) { a.Holder.Sequence = canaryPIN },
		func(a *Application) { a.Holder.PAN += "1234" },
		func(a *Application) { a.Holder.Discretionary = canaryPAN },
		func(a *Application) { a.Holder.Name = Secret(strings.Repeat("CANARY", 9)) },
		func(a *Application) { a.Bits = 1; a.AIP.Set(emv.AIPDDA) },
	} {
		p := canaryProfile(t)
		spoil(&p.Applications[0])
		note(New(p, State{}))
	}
	note(New(canaryProfile(t), State{Apps: []AppState{{PIN: canaryPIN + "x"}}}))
	for _, text := range []string{`{"Apps":[{"PIN":"983475x"}]}`, `{"Apps":[{"PIN":983475}]}`, `{"Apps":"983475"}`, `{"983475":1}`, `{"PIN":983475`,
		`{"Apps":[{"Tries":99}]}`, `{"Apps":[{"Scripts":-1}]}`} {
		note(DecodeState([]byte(text)))
	}
	note(Shipped("unionpay-debit", Person{Holder: Holder{PAN: canaryPAN + canaryPIN}}))
	note(Shipped("unionpay-debit", Person{Holder: Holder{PAN: canaryPAN}}))
}

// Encode is the one that writes PINs, and what it wrote comes back.
func TestStateComesBack(t *testing.T) {
	s := State{Blocked: true, Draws: 7, Apps: []AppState{{ATC: 9, LastOnline: 8, Tries: 2, PIN: canaryNew, Offline: 1,
		Cumulative: 1234, Limits: Limits{1, 2, 3}, Incomplete: true, Log: []Entry{{1, 2}}}, {}}}
	got := must[State](t)(DecodeState(s.Encode()))
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", s) || got.Apps[0].PIN != canaryNew {
		t.Errorf("%+v", got)
	}
	clone := s.Clone()
	clone.Apps[0].Log[0] = Entry{9}
	clone.Apps[0].ATC = 1
	if s.Apps[0].ATC != 9 || s.Apps[0].Log[0][0] != 1 {
		t.Error("a clone shares")
	}
}

// Any bytes as a command get a status word, and never a panic: alone, and amid a
// transaction.
func FuzzTransmit(f *testing.F) {
	for _, seed := range []string{"", "00A404000E315041592E5359532E4444463031", "00A4040008A000000333010101", "80A800000B830900000000000000000156",
		"80AE9000", "00200088", "841E000004DEADBEEF", "00C0000000", "80CA9F3600", "00B2010C00", "0084000000", "00880000040000000000"} {
		b, _ := hex.DecodeString(seed)
		f.Add(b, byte(0))
		f.Add(b, byte(3))
		f.Add(b, byte(4))
	}
	p := profile(f, "unionpay-debit")
	ready := must[*Card](f)(New(p, State{}))
	f.Fuzz(func(t *testing.T, b []byte, stage byte) {
		m := *ready.in.m // keys are made once
		m.byINS = map[byte]int{}
		a := *m.apps[0]
		state := AppState{Tries: 3}
		a.state = &state
		m.apps = []*application{&a}
		r := &terminal{TB: t, c: &Card{&box{&m}}, a: &p.Applications[0]}
		m.profile.Contactless = stage&5 == 4
		if stage&1 != 0 {
			r.open()
		}
		if stage&2 != 0 && stage&1 != 0 {
			r.generate(byte(emv.ARQC))
		}
		for n := 0; n < 8 && len(b) > 0; n++ { // as many commands as b is made of
			size := min(len(b), 1+int(b[0])%64)
			if _, sw := r.raw(b[:size]); sw == 0 {
				t.Fatal("no status word")
			}
			b = b[size:]
			if len(b) > 0 {
				r.raw(b)
			}
		}
		s := r.c.State()
		if s.check() != nil || s.Apps[0].Tries > 3 || s.Apps[0].ATC > 20 {
			t.Fatalf("%+v", s)
		}
	})
}

// Any bytes as a saved state are a card's or an error.
func FuzzDecodeState(f *testing.F) {
	f.Add(State{Apps: []AppState{{Tries: 3, PIN: "1234", Log: []Entry{{1}}}}}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeState(b); err == nil {
			must[State](t)(DecodeState(s.Encode()))
		}
	})
}

// A whole contact DDA transaction, records and all, and its second GENERATE AC.
func BenchmarkDDATransaction(b *testing.B) {
	p := must[Profile](b)(Shipped("unionpay-debit", Person{Seed: "bench", Holder: profile(b, "unionpay-debit").Applications[0].Holder}))
	r := insert(b, p, State{})
	for b.Loop() {
		if r.c.State().Apps[0].ATC > 60000 {
			r = insert(b, p, State{})
		}
		r.open()
		r.want(swOK, 0, 0x88, 0, 0, []byte{1, 2, 3, 4})
		r.want(swOK, 0, 0x20, 0, 0x80, pinBlock(b, "1234"))
		r.generate(byte(emv.ARQC))
		r.want(swOK, 0, 0x82, 0, 0, r.answer("00", approves))
		r.generate(byte(emv.TC), code("00"))
	}
}

func BenchmarkNew(b *testing.B) {
	p := must[Profile](b)(Shipped("unionpay-debit", Person{Seed: "bench", Holder: profile(b, "unionpay-debit").Applications[0].Holder}))
	for b.Loop() {
		must[*Card](b)(New(p, State{}))
	}
}

func BenchmarkGenerateAC(b *testing.B) {
	p := profile(b, "unionpay-debit")
	r := insert(b, p, State{})
	r.open()
	data := make([]byte, p.Applications[0].CDOL1.Length())
	apdu := append([]byte{0x80, 0xAE, 0x80, 0, byte(len(data))}, data...)
	for b.Loop() {
		r.c.in.m.tx.done = false
		if _, err := r.c.Transmit(context.Background(), apdu); err != nil {
			b.Fatal(err)
		}
	}
}

// untimed leaves the time out of a log: its digits could pass for a secret's.
func untimed(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
