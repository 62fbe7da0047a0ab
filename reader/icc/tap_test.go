package icc

import (
	"fmt"
	"slices"
	"testing"

	"possim/reader/emv"
)

// A tap: PPSE, SELECT, GET PROCESSING OPTIONS, and the records where the card approved.
func TestTap(t *testing.T) {
	for _, c := range []struct {
		ttq     string
		offline int64
		kind    emv.CryptogramType
		ctq     string
		signed  bool
	}{
		{"26000000", 0, emv.ARQC, "0000", false},
		{"26800080", 2000, emv.ARQC, "0000", false}, // the reader wants to go online
		{"27800080", 0, emv.ARQC, "0000", true},     // and checks signatures there too
		{"26000080", 1233, emv.ARQC, "0000", false}, // over the card's limit
		{"26000080", 1234, emv.TC, "0000", true},
		{"26400080", 1234, emv.TC, "8000", true}, // CVM: online PIN
		{"22400080", 1234, emv.TC, "4000", true}, // signature
		{"2E000080", 0, emv.AAC, "0000", false},  // an offline-only reader
	} {
		t.Run(fmt.Sprint(c.ttq, c.offline), func(t *testing.T) {
			p := profile(t, "unionpay-dual")
			p.Contactless, p.PPSE = true, false
			p.Applications[0].Tap.Offline = c.offline
			r := insert(t, p, State{})
			r.want(swNoFile, 0, 0xA4, 4, 0, namePSE)
			r.want(swOK, 0, 0xA4, 4, 0, namePPSE)
			l, sent := r.tapped(c.ttq)
			r.arqc = append(l, sent...)
			r.ends(r.arqc, c.kind)
			if got := fmt.Sprintf("%X", l.Value(emv.TagCTQ)); got != c.ctq {
				t.Error("CTQ", got)
			}
			if (l.Value(emv.TagSDAD) != nil) != c.signed {
				t.Fatal("signed:", !c.signed)
			}
			if c.signed {
				r.aip = must[emv.AIP](t)(emv.ParseAIP(l.Value(emv.TagAIP)))
				if n := len(r.c.State().Apps[0].Log); n != 0 {
					t.Error("booked before its records were read")
				}
				r.read(l.Value(emv.TagAFL))
				last := r.parse(r.want(swOK, 0, 0xB2, 1, sfiTap<<3|4, nil)).Inside(emv.TagRecordTemplate) // read again: booked once
				data := slices.Concat(sent.Value(emv.TagUnpredictableNumber), sent.Value(emv.TagAmountAuthorised),
					sent.Value(emv.TagTransactionCurrency), last.Value(emv.TagCardAuthenticationData))
				must[emv.Dynamic](t)(r.cardKey().VerifyFast(l.Value(emv.TagSDAD), data, c.kind == emv.ARQC))
				if _, err := r.cardKey().VerifyFast(l.Value(emv.TagSDAD), data, c.kind != emv.ARQC); err == nil {
					t.Error("the signature of one outcome passes for the other's")
				}
			}
			if n := len(r.c.State().Apps[0].Log); (n == 1) != (c.kind == emv.TC) {
				t.Error("log", n)
			}
			r.want(swConditions, 0x80, 0xAE, 0, 0, make([]byte, 10)) // no GENERATE AC follows
		})
	}
}

// tapped selects the first application and sends GET PROCESSING OPTIONS.
func (t *terminal) tapped(ttq string) (answer, sent emv.List) {
	t.Helper()
	fci := t.parse(t.want(swOK, 0, 0xA4, 4, 0, t.a.AID))
	pdol, _ := fci.Find(emv.TagPDOL)
	list := must[emv.DOL](t)(emv.ParseDOL(pdol))
	data := list.Build(emv.List{emv.New(emv.TagTTQ, unhex(t, ttq))}, transactionData(t))
	sent = must[emv.List](t)(list.Split(data))
	r := t.parse(t.want(swOK, 0x80, 0xA8, 0, 0, emv.New(emv.TagCommandTemplate, data).Bytes()))
	return r.Inside(emv.TagResponseFormat2), sent
}

func TestTapRefusals(t *testing.T) {
	p := profile(t, "unionpay-debit")
	p.Contactless = true
	r := insert(t, p, State{})
	r.want(swOK, 0, 0xA4, 4, 0, r.a.AID)
	r.want(swConditions, 0x80, 0xA8, 0, 0, emv.New(emv.TagCommandTemplate, make([]byte, r.a.Tap.PDOL.Length())).Bytes())
	p.Faults = []Fault{{Kind: FaultApplication}}
	r = insert(t, p, State{})
	r.want(swInvalidated, 0, 0xA4, 4, 0, r.a.AID)
	p = profile(t, "visa-cvn18") // it cannot be tapped
	p.Contactless = true
	insert(t, p, State{}).want(swNoFile, 0, 0xA4, 4, 0, p.Applications[0].AID)
	for i, spoil := range []func(*Application){
		func(a *Application) { a.Tap.PDOL = a.Tap.PDOL[1:] },
		func(a *Application) { a.Tap.PDOL = append(dol("9F4E:240"), a.Tap.PDOL...) },
		func(a *Application) { a.Tap.PDOL = dol("9F66:4 9F02:5 9F1A:2 95:5 5F2A:2 9A:3 9C:1 9F37:4") },
		func(a *Application) { a.Bits = 1280 },
	} {
		p := profile(t, "unionpay-debit")
		p.Applications[0].Issuer = must[*emv.IssuerKeys](t)(emv.NewIssuerKeys(emv.IssuerProfile{Seed: "long", RID: emv.RIDUnionPay, Issuer: "621094"}))
		spoil(&p.Applications[0])
		if _, err := New(p, State{}); err == nil {
			t.Errorf("tap %d makes a card", i)
		}
	}
}
