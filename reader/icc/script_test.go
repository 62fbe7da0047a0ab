package icc

import (
	"bytes"
	"testing"

	"possim/reader/emv"
)

// scripts plays an online transaction up to where scripts may come.
func scripts(t *testing.T, name string, s State) *terminal {
	r := insert(t, profile(t, name), s).open()
	r.generate(byte(emv.ARQC))
	return r
}

// protect makes a script command with the issuer's half of reader/emv.
func (t *terminal) protect(ins, p1, p2 byte, data []byte) []byte {
	t.Helper()
	s, keys := t.host()
	return must[[]byte](t)(s.Protect(keys, t.arqc, emv.Command{CLA: 0x84, INS: ins, P1: p1, P2: p2, Data: data}))
}

func (t *terminal) issue(sw status, apdu []byte) {
	t.Helper()
	if _, got := t.raw(apdu); got != sw {
		t.Fatalf("script %02X: %04X; want %04X", apdu[1], uint16(got), uint16(sw))
	}
}

func TestBlockAndUnblock(t *testing.T) {
	for _, name := range []string{"unionpay-debit", "visa-cvn18"} {
		r := scripts(t, name, State{})
		block := r.protect(emv.InsApplicationBlock, 0, 0, nil)
		wrong := bytes.Clone(block)
		wrong[len(wrong)-1] ^= 1
		r.issue(swWrongMAC, wrong)
		r.issue(swNoMAC, []byte{0x84, emv.InsApplicationBlock, 0, 0})
		r.issue(swNoMAC, []byte{0x84, emv.InsApplicationBlock, 0, 0, 1, 0})
		r.issue(swWrongP1P2, r.protect(emv.InsApplicationBlock, 1, 0, nil))
		r.issue(swWrongLength, r.protect(emv.InsApplicationBlock, 0, 0, []byte{1}))
		r.issue(swOK, block)
		r.ends(r.generate(byte(emv.TC), code("00")), emv.AAC)
		r.want(swInvalidated, 0, 0xA4, 4, 0, r.a.AID)
		// An unblocking needs a cryptogram, and a blocked application gives AACs.
		r.sent, r.arqc, r.data, r.records = nil, nil, nil, nil
		r.options()
		r.ends(r.generate(byte(emv.ARQC)), emv.AAC)
		r.issue(swOK, r.protect(emv.InsApplicationUnblock, 0, 0, nil))
		r.open()
		r.ends(r.generate(byte(emv.ARQC)), emv.ARQC)
		r.issue(swOK, append(r.protect(emv.InsCardBlock, 0, 0, nil), 0)) // with a Le
		r.ends(r.generate(byte(emv.TC), code("00")), emv.AAC)
		r.want(swNotSupported, 0, 0xA4, 4, 0, r.a.AID)
		if !r.c.State().Blocked {
			t.Error("the card is not blocked")
		}
	}
}

func TestPINChange(t *testing.T) {
	for _, name := range []string{"unionpay-debit", "visa-cvn18"} {
		for _, current := range []string{"", "1234"} {
			r := scripts(t, name, State{})
			r.want(0x63C2, 0, 0x20, 0, 0x80, pinBlock(t, "5678"))
			s, keys := r.host()
			r.issue(swOK, must[[]byte](t)(s.PINChange(keys, r.arqc, "5678", current)))
			r.want(swOK, 0, 0x20, 0, 0x80, pinBlock(t, "5678"))
			r.want(0x63C2, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
			// It lasts.
			kept := must[State](t)(DecodeState(r.c.State().Encode()))
			r = insert(t, profile(t, name), kept).open()
			r.want(swOK, 0, 0x20, 0, 0x80, pinBlock(t, "5678"))
			r.generate(byte(emv.ARQC))
			for range 3 {
				r.send(0, 0x20, 0, 0x80, pinBlock(t, "0000"), true)
			}
			r.issue(swOK, r.protect(emv.InsPINChange, 0, 0, nil)) // unblock
			r.want(swOK, 0, 0x20, 0, 0x80, pinBlock(t, "5678"))
			r.issue(swWrongData, r.protect(emv.InsPINChange, 0, 2, make([]byte, 16)))
			r.issue(swWrongP1P2, r.protect(emv.InsPINChange, 0, 3, nil))
		}
	}
}

func TestPutData(t *testing.T) {
	r := scripts(t, "unionpay-debit", State{})
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x58, []byte{3}))
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x59, []byte{5}))
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x54, unhex(t, "000000200000")))
	r.issue(swWrongLength, r.protect(emv.InsPutData, 0x9F, 0x58, []byte{3, 3}))
	r.issue(swWrongData, r.protect(emv.InsPutData, 0x9F, 0x54, unhex(t, "0000002000FF")))
	r.issue(swNoData, r.protect(emv.InsPutData, 0x9F, 0x36, []byte{0, 0}))
	if got := r.c.State().Apps[0].Limits; got != (Limits{3, 5, 200000}) {
		t.Errorf("%+v", got)
	}
	for tag, want := range map[emv.Tag]string{0x9F58: "03", 0x9F59: "05", 0x9F54: "000000200000"} {
		if got := r.counter(tag); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s %X", tag, got)
		}
	}
}

// Scripts after the end (72) count for the next transaction's CVR.
func TestScriptResults(t *testing.T) {
	r := scripts(t, "unionpay-debit", State{})
	r.want(swOK, 0, 0x82, 0, 0, r.answer("00", approves))
	r.ends(r.generate(byte(emv.TC), code("00")), emv.TC)
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x58, []byte{3}))
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x59, []byte{5}))
	r.issue(swNoData, r.protect(emv.InsPutData, 0x9F, 0x36, []byte{3}))
	r.open()
	if iad := r.generate(byte(emv.ARQC)).Value(emv.TagIAD); iad[6] != 0x28 { // two commands, one failed
		t.Errorf("CVR byte 4 of %X", iad)
	}
}

// Where the cryptogram makes the session key, it counts up with each command.
func TestCountedScripts(t *testing.T) {
	p := profile(t, "visa-cvn18")
	p.Applications[0].Scheme = emv.VisaCVN22
	r := insert(t, p, State{}).open()
	r.generate(byte(emv.ARQC))
	first := r.protect(emv.InsPutData, 0x9F, 0x58, []byte{3})
	r.issue(swOK, first)
	r.issue(swWrongMAC, first)
	ac := bytes.Clone(r.arqc.Value(emv.TagCryptogram))
	for range 2 {
		for i := 7; i >= 0; i-- {
			if ac[i]++; ac[i] != 0 {
				break
			}
		}
	}
	r.arqc.Set(emv.TagCryptogram, ac)
	r.issue(swOK, r.protect(emv.InsPutData, 0x9F, 0x58, []byte{4}))
}
