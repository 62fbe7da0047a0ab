package icc

import (
	"bytes"
	"testing"

	"possim/reader/card"
	"possim/reader/emv"
)

// A card that only static data vouches for, and one that nothing does.
func TestLesserCards(t *testing.T) {
	p := profile(t, "unionpay-debit")
	a := &p.Applications[0]
	a.AIP.Clear(emv.AIPDDA, emv.AIPCDA)
	a.CVM = rules(emv.CVMPlainPIN, emv.CVMNone)
	r := insert(t, p, State{}).open()
	must[[2]byte](t)(must[emv.IssuerKey](t)(r.issuerKey()).VerifyStatic(r.data.Value(emv.TagSSAD), r.static()))
	if r.data.Has(emv.TagICCCertificate) {
		t.Error("a card without dynamic authentication has a certificate")
	}
	r.want(swConditions, 0, 0x88, 0, 0, []byte{1, 2, 3, 4})
	r.want(swOK, 0, 0x84, 0, 0, nil)
	r.want(swConditions, 0, 0x20, 0, 0x88, make([]byte, 80)) // no key to decipher with
	r.ends(r.generate(0x90), emv.ARQC)                       // CDA asked of a card that has none
	if r.arqc.Has(emv.TagSDAD) {
		t.Error("it signs")
	}
	r.want(swWrongLength, 0x80, 0xAE, 0x40, 0, []byte{1}) // and the second can still come
	r.ends(r.generate(byte(emv.TC), code("00")), emv.TC)

	a.AIP.Clear(emv.AIPSDA)
	a.LogFormat, a.DDOL, a.Holder.Effective = nil, nil, card.Expiry{}
	r = insert(t, p, State{}).open()
	if r.data.Has(emv.TagIssuerCertificate) || r.data.Has(emv.TagDDOL) {
		t.Error("certificates nobody needs")
	}
	r.ends(r.generate(byte(emv.TC)), emv.TC)
	r.want(swNoFile, 0, 0xB2, 1, sfiLog<<3|4, nil)
	r.want(swNoData, 0x80, 0xCA, 0x9F, 0x4F, nil)
}

// What a profile may say beside what the shipped ones do.
func TestOptions(t *testing.T) {
	p := profile(t, "visa-cvn18")
	a := &p.Applications[0]
	p.ATR = []byte{0x3B, 0x00}
	a.DDOL, a.Confirm, a.Tries, a.Risk.BlockOnPIN = nil, true, 2, true
	a.Risk.LowerVelocity, a.Risk.UpperVelocity = 3, 5
	a.Holder.ServiceCode, a.Holder.Discretionary = "", "12345"
	a.Extra = emv.List{emv.New(emv.TagPAR, []byte("Q1HJZ28RKA1EBL470G9XYG90R5D3E"))}
	r := insert(t, p, State{}).open()
	if !bytes.Equal(r.c.ATR(), p.ATR) {
		t.Errorf("ATR %X", r.c.ATR())
	}
	for tag, want := range map[emv.Tag]string{emv.TagLowerOfflineLimit: "03", emv.TagUpperOfflineLimit: "05",
		emv.TagTrack2Equivalent: "4111111111111111D290220112345F"} {
		if got := r.data.Value(tag); !bytes.Equal(got, unhex(t, want[:len(want)/2*2])) {
			t.Errorf("%s %X", tag, got)
		}
	}
	if !r.data.Has(emv.TagPAR) || r.data.Has(emv.TagServiceCode) {
		t.Errorf("%v", r.data)
	}
	un := []byte{1, 2, 3, 4} // the default DDOL
	must[emv.Dynamic](t)(r.cardKey().VerifyDynamic(r.parse(r.want(swOK, 0, 0x88, 0, 0, un)).Inside(emv.TagResponseFormat2).Value(emv.TagSDAD), un))
	r.want(swOK, 0, 0xA4, 4, 0, namePSE)
	entry, _ := r.parse(r.want(swOK, 0, 0xB2, 1, 1<<3|4, nil)).Find(emv.TagPriorityIndicator)
	if !bytes.Equal(entry, []byte{0x81}) {
		t.Errorf("87 is %X", entry)
	}
	r.open()
	r.want(0x63C1, 0, 0x20, 0, 0x80, pinBlock(t, "9999"))
	r.want(0x63C0, 0, 0x20, 0, 0x80, pinBlock(t, "9999"))
	l := r.generate(byte(emv.ARQC))
	r.ends(l, emv.AAC)
	if b := l.Value(emv.TagIAD)[5]; b&0x42 != 0x42 { // PIN try limit, blocked by it
		t.Errorf("CVR byte 3 %02X", b)
	}
	r.want(swInvalidated, 0, 0xA4, 4, 0, a.AID)
}

// A card whose master keys are for cryptograms alone takes no scripts.
func TestNoScriptKeys(t *testing.T) {
	p := profile(t, "unionpay-debit")
	k := *p.Applications[0].Issuer
	k.Master.MAC, k.Master.ENC = emv.Key{}, emv.Key{}
	p.Applications[0].Issuer = &k
	r := insert(t, p, State{}).open()
	r.generate(byte(emv.ARQC))
	r.want(swConditions, 0x84, 0x1E, 0, 0, make([]byte, 4))
}
