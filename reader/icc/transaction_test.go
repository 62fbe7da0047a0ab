package icc

import (
	"bytes"
	"testing"

	"possim/reader/emv"
)

func TestPlainPIN(t *testing.T) {
	r := insert(t, profile(t, "unionpay-debit"), State{}).open()
	r.want(0x63C2, 0, 0x20, 0, 0x80, pinBlock(t, "9999"))
	r.want(0x63C1, 0, 0x20, 0, 0x80, []byte("no block"))
	r.want(swOK, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
	if tries := r.counter(emv.TagPINTryCounter); !bytes.Equal(tries, []byte{3}) {
		t.Errorf("tries %X", tries)
	}
	for _, sw := range []status{0x63C2, 0x63C1, 0x63C0, swPINBlocked} {
		r.want(sw, 0, 0x20, 0, 0x80, pinBlock(t, "4321"))
	}
	r.want(swPINBlocked, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
	// and it stays so without power
	r = insert(t, profile(t, "unionpay-debit"), must[State](t)(DecodeState(r.c.State().Encode()))).open()
	r.want(swPINBlocked, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
	if iad := r.generate(byte(emv.ARQC)).Value(emv.TagIAD); iad[5]&0x40 == 0 {
		t.Errorf("PIN try limit exceeded is not in %X", iad)
	}
}

func TestEncipheredPIN(t *testing.T) {
	for _, own := range []bool{false, true} {
		p := profile(t, "visa-cvn18")
		p.Applications[0].PINKey = own
		r := insert(t, p, State{}).open()
		key := r.cardKey()
		if own {
			key = must[emv.ICCKey](t)(must[emv.IssuerKey](t)(r.issuerKey()).RecoverPIN(emv.PINCertificate(r.data), ""))
		}
		encipher := func(pin string, challenge []byte) []byte {
			return must[[]byte](t)(key.EncipherPIN(pinBlock(t, pin), challenge, emv.Seeded("terminal", "pin")))
		}
		challenge := r.want(swOK, 0, 0x84, 0, 0, nil)
		r.want(swOK, 0, 0x20, 0, 0x88, encipher("1234", challenge))
		r.want(swConditions, 0, 0x20, 0, 0x88, encipher("1234", challenge)) // it serves once
		again := r.want(swOK, 0, 0x84, 0, 0, nil)
		if bytes.Equal(challenge, again) {
			t.Error("the same challenge twice")
		}
		r.want(0x63C2, 0, 0x20, 0, 0x88, encipher("1234", challenge)) // replayed
		challenge = r.want(swOK, 0, 0x84, 0, 0, nil)
		r.want(0x63C1, 0, 0x20, 0, 0x88, encipher("9999", challenge))
		challenge = r.want(swOK, 0, 0x84, 0, 0, nil)
		r.counter(emv.TagATC)
		r.want(swConditions, 0, 0x20, 0, 0x88, encipher("1234", challenge)) // it was good for one command
		r.want(swOK, 0, 0x84, 0, 0, nil)
		r.want(swWrongLength, 0, 0x20, 0, 0x88, make([]byte, 8))
	}
	p := profile(t, "visa-cvn18")
	p.Applications[0].Holder.PIN = ""
	r := insert(t, p, State{}).open()
	r.want(swNoPIN, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
	r.want(swNoData, 0x80, 0xCA, 0x9F, 0x17, nil)
}

// What an issuer answers, and what the card makes of it.
func TestIssuerAuthentication(t *testing.T) {
	p := profile(t, "unionpay-debit")
	r := insert(t, p, State{}).open()
	r.generate(byte(emv.ARQC))
	wrong := r.answer("00", approves)
	wrong[0] ^= 1
	r.want(swWrongLength, 0, 0x82, 0, 0, wrong[:7])
	r.want(swFailed, 0, 0x82, 0, 0, wrong)
	r.want(swConditions, 0, 0x82, 0, 0, r.answer("00", approves))
	l := r.generate(byte(emv.TC), code("00"))
	r.ends(l, emv.AAC)
	if cvr := l.Value(emv.TagIAD)[4]; cvr != 0x28 { // AAC after ARQC, issuer authentication failed
		t.Errorf("CVR byte 2 %02X", cvr)
	}
	if n := len(r.c.State().Apps[0].Log); n != 0 {
		t.Error("a declined transaction is in the log")
	}
	r.open() // the next one remembers
	r.ends(r.generate(byte(emv.TC)), emv.ARQC)
	r.want(swOK, 0, 0x82, 0, 0, r.answer("00", approves))
	r.ends(r.generate(byte(emv.TC), code("00")), emv.TC)
	r.open()
	r.ends(r.generate(byte(emv.TC)), emv.TC) // all is well again

	p.Applications[0].Risk.NeedsIssuer = true
	r = insert(t, p, State{}).open()
	r.generate(byte(emv.ARQC))
	r.ends(r.generate(byte(emv.TC), code("00")), emv.AAC)
	r.open()
	r.generate(byte(emv.ARQC))
	r.ends(r.generate(byte(emv.TC), code("Y3")), emv.TC) // no issuer could be heard
}

// The issuer's answer in CDOL2, for a card whose AIP does not ask for a command.
func TestIssuerAuthenticationInCDOL2(t *testing.T) {
	p := profile(t, "visa-cvn18")
	a := &p.Applications[0]
	a.AIP.Clear(emv.AIPIssuerAuthentication)
	a.CDOL2 = append(dol("91:8"), a.CDOL2...)
	a.Risk.NeedsIssuer = true
	for _, c := range []struct {
		csu   [4]byte
		flip  byte
		empty bool
		kind  emv.CryptogramType
	}{{csu: approves, kind: emv.TC}, {csu: approves, flip: 1, kind: emv.AAC}, {kind: emv.AAC}, {csu: approves, empty: true, kind: emv.AAC}} {
		r := insert(t, p, State{}).open()
		r.generate(byte(emv.ARQC))
		r.want(swConditions, 0, 0x82, 0, 0, make([]byte, 8))
		data := r.answer("", c.csu)
		data[0] ^= c.flip
		if c.empty {
			data = nil
		}
		r.ends(r.generate(byte(emv.TC), code("00"), emv.New(emv.TagIssuerAuthenticationData, data)), c.kind)
	}
}

func TestStatusUpdate(t *testing.T) {
	p := profile(t, "visa-cvn18")
	r := insert(t, p, State{}).open()
	r.want(0x63C2, 0, 0x20, 0, 0x80, pinBlock(t, "9999"))
	r.generate(byte(emv.ARQC))
	r.want(swOK, 0, 0x82, 0, 0, r.answer("", [4]byte{0x01, csuApproves | csuPINTries | csuGoOnline | csuBlockApplication, 0, 0}))
	r.ends(r.generate(byte(emv.TC), code("00")), emv.TC)
	if s := r.c.State().Apps[0]; s.Tries != 1 || !s.GoOnline || !s.Blocked {
		t.Errorf("%+v", s)
	}
	r.want(swInvalidated, 0, 0xA4, 4, 0, r.a.AID)
}

// The card's own risk management: never more than was asked, less where it must.
func TestRisk(t *testing.T) {
	for _, c := range []struct {
		name        string
		set         func(*Application, *AppState)
		asked, kind emv.CryptogramType
	}{
		{"nothing", func(*Application, *AppState) {}, emv.TC, emv.TC},
		{"new", func(a *Application, _ *AppState) { a.Risk.NewOnline = true }, emv.TC, emv.ARQC},
		{"always online", func(a *Application, _ *AppState) { a.Risk.AlwaysOnline = true }, emv.TC, emv.ARQC},
		{"always online, but declined", func(a *Application, _ *AppState) { a.Risk.AlwaysOnline = true }, emv.AAC, emv.AAC},
		{"always decline", func(a *Application, _ *AppState) { a.Risk.AlwaysDecline = true }, emv.ARQC, emv.AAC},
		{"incomplete", func(_ *Application, s *AppState) { s.Incomplete = true }, emv.TC, emv.ARQC},
		{"below the limit", func(_ *Application, s *AppState) { s.Offline, s.Limits.LowerOffline = 2, 3 }, emv.TC, emv.TC},
		{"at the limit", func(_ *Application, s *AppState) { s.Offline, s.Limits.LowerOffline = 3, 3 }, emv.TC, emv.ARQC},
		{"sum at the limit", func(_ *Application, s *AppState) { s.Cumulative, s.Limits.Cumulative = 766, 2000 }, emv.TC, emv.TC},
		{"sum over the limit", func(_ *Application, s *AppState) { s.Cumulative, s.Limits.Cumulative = 767, 2000 }, emv.TC, emv.ARQC},
		{"another currency", func(a *Application, s *AppState) {
			a.Currency, s.Cumulative, s.Limits.Cumulative = 840, 1999, 2000
		}, emv.TC, emv.TC},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := profile(t, "unionpay-debit")
			s := State{Apps: []AppState{{Tries: 3}}}
			c.set(&p.Applications[0], &s.Apps[0])
			r := insert(t, p, s).open()
			r.ends(r.generate(byte(c.asked)), c.kind)
		})
	}
}

// Where a terminal cannot go online, the upper limit ends it.
func TestUnableToGoOnline(t *testing.T) {
	for offline, kind := range map[int]emv.CryptogramType{4: emv.TC, 5: emv.AAC} {
		s := State{Apps: []AppState{{Tries: 3, Offline: offline, Limits: Limits{LowerOffline: 3, UpperOffline: 5}}}}
		r := insert(t, profile(t, "unionpay-debit"), s).open()
		r.ends(r.generate(byte(emv.TC)), emv.ARQC)
		l := r.generate(byte(emv.TC), code("Y3"))
		r.ends(l, kind)
		if l.Value(emv.TagIAD)[4]&0x01 == 0 {
			t.Error("the CVR does not say so")
		}
	}
	p := profile(t, "unionpay-debit")
	p.Applications[0].Risk.DeclineAfterOnline = true
	r := insert(t, p, State{}).open()
	r.generate(byte(emv.ARQC))
	r.want(swOK, 0, 0x82, 0, 0, r.answer("00", approves))
	r.ends(r.generate(byte(emv.TC), code("00")), emv.AAC)
}

// The card remembers what the terminal found, until the next transaction.
func TestLastTransaction(t *testing.T) {
	r := insert(t, profile(t, "unionpay-debit"), State{}).open()
	r.tvr.Set(emv.TVRDDAFailed)
	r.generate(byte(emv.AAC))
	r.open()
	if iad := r.generate(byte(emv.ARQC)).Value(emv.TagIAD); iad[6] != 0x04 {
		t.Errorf("CVR byte 4 of %X", iad)
	}
	r.c.Reset() // power lost before the second GENERATE AC
	r.open()
	if iad := r.generate(byte(emv.TC)).Value(emv.TagIAD); iad[4]&0x30 != 0x20 || iad[5]&0x80 == 0 {
		t.Errorf("not completed is not in %X", iad)
	}
}

func TestLogIsARing(t *testing.T) {
	r := insert(t, profile(t, "unionpay-debit"), State{})
	for range logLength + 2 {
		r.open()
		r.ends(r.generate(byte(emv.TC)), emv.TC)
	}
	newest := r.want(swOK, 0, 0xB2, 1, 11<<3|4, nil)
	oldest := r.want(swOK, 0, 0xB2, logLength, 11<<3|4, nil)
	r.want(swNoRecord, 0, 0xB2, logLength+1, 11<<3|4, nil)
	if newest[len(newest)-1] != 12 || oldest[len(oldest)-1] != 3 {
		t.Errorf("ATCs %d and %d", newest[len(newest)-1], oldest[len(oldest)-1])
	}
	r.c.in.m.apps[0].state.ATC = 0xFFFF
	r.selectApplication()
	r.want(swConditions, 0x80, 0xA8, 0, 0, emv.New(emv.TagCommandTemplate, r.pdol).Bytes())
}
