package host

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// inserted is an emulated card and as much of a terminal as it takes to get a
// cryptogram out of it: application selected, options got, GENERATE AC sent.
type inserted struct {
	t    *testing.T
	w    *world
	card *icc.Card
	app  icc.Application
	aip  []byte
	sale emv.List // what the terminal knows of the sale
	arqc emv.List
}

func insertCard(t *testing.T, w *world, profile string, change func(*icc.Application)) *inserted {
	t.Helper()
	in := &inserted{t: t, w: w}
	person := icc.Person{Seed: "a host's card", Holder: icc.Holder{PAN: "6210947000000021", Sequence: "01",
		Expiry: card.Expiry{Year: 2029, Month: 12}, ServiceCode: "201", PIN: "1234"}}
	rid := emv.RIDUnionPay
	if profile == "visa-cvn18" {
		person.PAN, rid = "4111111111111111", emv.RIDVisa
	}
	var err error
	person.Issuer, err = emv.NewIssuerKeys(emv.IssuerProfile{Seed: "a host's issuer", RID: rid, Issuer: person.PAN.Reveal()[:6], CABits: 1024, IssuerBits: 896})
	if err != nil {
		t.Fatal(err)
	}
	p, err := icc.Shipped(profile, person)
	if err != nil {
		t.Fatal(err)
	}
	p.Protocol = icc.T1
	for i := range p.Applications {
		p.Applications[i].Bits = 640
		if change != nil {
			change(&p.Applications[i])
		}
	}
	in.app = p.Applications[0]
	if in.card, err = icc.New(p, icc.State{}); err != nil {
		t.Fatal(err)
	}
	c := registry.Card{PAN: person.PAN, Checks: registry.Checks{Issuer: person.Issuer.Master}}
	if err := w.h.Registry.PutCard(c); err != nil {
		t.Fatal(err)
	}
	return in
}

// send is one command that must end in 9000.
func (in *inserted) send(cla, ins, p1, p2 byte, data []byte) []byte {
	in.t.Helper()
	apdu := append([]byte{cla, ins, p1, p2, byte(len(data))}, data...)
	return in.sends(append(apdu, 0))
}

func (in *inserted) sends(apdu []byte) []byte {
	in.t.Helper()
	r, err := in.card.Transmit(in.t.Context(), apdu)
	if err != nil || len(r) < 2 || !bytes.Equal(r[len(r)-2:], []byte{0x90, 0}) {
		in.t.Fatalf("command %X: got %X, %v", apdu[:5], r, err)
	}
	return r[:len(r)-2]
}

// begin selects the application and gets its options for a sale.
func (in *inserted) begin(amount int64, un string) {
	in.t.Helper()
	in.sale = emv.List{emv.New(emv.TagAmountAuthorised, bytesOf(number(int(amount), 12))), emv.New(emv.TagAmountOther, make([]byte, 6)),
		emv.New(emv.TagTerminalCountry, bytesOf("0156")), emv.New(emv.TagTVR, make([]byte, 5)),
		emv.New(emv.TagTransactionCurrency, bytesOf("0156")), emv.New(emv.TagTransactionDate, bytesOf("260601")),
		emv.New(emv.TagTransactionType, []byte{0}), emv.New(emv.TagUnpredictableNumber, bytesOf(un)),
		emv.New(emv.TagTransactionTime, bytesOf("090000")), emv.New(emv.TagMerchantName, []byte("A SHOP"))}
	in.send(0, 0xA4, 4, 0, in.app.AID)
	r, err := emv.Parse(in.send(0x80, 0xA8, 0, 0, emv.New(0x83, in.app.PDOL.Build(in.sale)).Bytes()))
	if err != nil {
		in.t.Fatal(err)
	}
	if in.aip = r.Inside(emv.TagResponseFormat2).Value(emv.TagAIP); in.aip == nil {
		in.aip = r.Value(emv.TagResponseFormat1)[:2]
	}
}

// generate sends GENERATE AC and returns field 55 with what came of it.
func (in *inserted) generate(p1 byte, dol emv.DOL, extra ...emv.TLV) emv.List {
	in.t.Helper()
	r, err := emv.Parse(in.send(0x80, 0xAE, p1, 0, dol.Build(append(emv.List(extra), in.sale...))))
	if err != nil {
		in.t.Fatal(err)
	}
	l := r.Inside(emv.TagResponseFormat2)
	if one := r.Value(emv.TagResponseFormat1); one != nil {
		l = emv.List{emv.New(emv.TagCID, one[:1]), emv.New(emv.TagATC, one[1:3]), emv.New(emv.TagCryptogram, one[3:11]), emv.New(emv.TagIAD, one[11:])}
	}
	l = slices.Concat(l, in.sale, emv.List{emv.New(emv.TagAIP, in.aip), emv.New(emv.TagDFName, in.app.AID), emv.New(emv.TagPANSequence, []byte{1})})
	return slices.DeleteFunc(l, func(o emv.TLV) bool { return o.Tag == emv.TagTransactionTime || o.Tag == emv.TagMerchantName })
}

// ask is a sale online, by the chip.
func (in *inserted) ask(amount int64, un string) Decision {
	in.t.Helper()
	in.begin(amount, un)
	in.arqc = in.generate(byte(emv.ARQC), in.app.CDOL1)
	m, err := in.w.message("sale", []string{"A", "1.00"})
	if err != nil {
		in.t.Fatal(err)
	}
	m.PAN, m.Amount, m.EntryMode, m.CardSequence, m.Chip = in.app.Holder.PAN, amount, "052", "001", in.arqc.Bytes()
	in.w.last, in.w.first = m, in.w.h.Decide(in.t.Context(), Request{Message: m})
	return in.w.first
}

// finish hands the card the issuer's answer, as a terminal does, and returns what it
// decides and what became of the scripts.
func (in *inserted) finish(d Decision) (ac emv.List, results []byte) {
	in.t.Helper()
	f55, err := emv.Parse(d.Answer.Chip)
	if err != nil {
		in.t.Fatal(err)
	}
	in.send(0, 0x82, 0, 0, f55.Value(emv.TagIssuerAuthenticationData))
	run := func(template emv.Tag) {
		for _, o := range f55 {
			if o.Tag == template {
				in.sends(o.List.Value(emv.TagScriptCommand))
				results = append(append(results, 0x20), o.List.Value(emv.TagScriptID)...)
			}
		}
	}
	run(emv.TagScriptTemplate1)
	wants := byte(emv.TC)
	if d.Answer.Code != wire.Approved {
		wants = byte(emv.AAC)
	}
	ac = in.generate(wants, in.app.CDOL2, emv.New(emv.TagResponseCode, []byte(d.Answer.Code)))
	run(emv.TagScriptTemplate2)
	return ac, results
}

// upload tells the host of the end (0320, 60.3 = 203).
func (in *inserted) upload(ac emv.List) string {
	m := in.w.last
	m.MTI, m.ProcessingCode, m.Private60, m.Chip = wire.MTIBatch, "", "00"+in.w.batch+"203", ac.Bytes()
	return in.w.h.Decide(in.t.Context(), Request{Message: m}).Note
}

// TestEmulatedCard: a sale with an emulated card, both ways: the host believes the card,
// and the card believes the host and does what its scripts say.
func TestEmulatedCard(t *testing.T) {
	for _, profile := range []string{"unionpay-debit", "visa-cvn18"} {
		t.Run(profile, func(t *testing.T) {
			w := newWorld(t)
			in := insertCard(t, w, profile, nil)
			pan := in.app.Holder.PAN
			d := in.ask(1234, "01020304")
			if d.Answer.Code != wire.Approved {
				t.Fatalf("got %s (%s %s)", d.Answer.Code, d.Rule, d.Note)
			}
			ac, _ := in.finish(d)
			if note := in.upload(ac); note != `chip transaction of STAN "000001": its TC is right` {
				t.Error(note)
			}
			ids, err := w.h.Script(pan, Script{Do: ChangePIN, PIN: pinOf("918275")}, Script{Do: UnblockPIN, First: true},
				Script{Do: PutData, Tag: emv.TagPBOCCumulativeLimit, Value: bytesOf("000000007700")})
			if err != nil || len(ids) != 3 {
				t.Fatal(ids, err)
			}
			_, results := in.finish(in.ask(100, "05060708"))
			if in.card.State().Apps[0].Limits.Cumulative != 7700 {
				t.Error("PUT DATA was not done")
			}
			in.begin(100, "00000000")
			pin, _ := emv.PINBlock2("918275")
			in.send(0, 0x20, 0, 0x80, pin)
			m := w.last
			m.MTI, m.RRN, m.Private60, m.Chip = wire.MTIScript, w.first.Answer.RRN, "00"+w.batch+"95150",
				emv.List{emv.New(emv.TagScriptOutcome, results)}.Bytes()
			if d := w.h.Decide(t.Context(), Request{Message: m}); d.Answer.Code != wire.Approved {
				t.Error(d.Note)
			}
			for _, s := range w.h.Scripts(pan) {
				if s.State != ScriptDone {
					t.Errorf("got %+v", s)
				}
			}
			w.h.BlockLost = true
			_ = w.h.Registry.SetStatus(pan, registry.Stolen)
			d = in.ask(100, "090A0B0C")
			ac, _ = in.finish(d)
			if d.Answer.Code != "43" || !in.card.State().Apps[0].Blocked {
				t.Errorf("got %s, blocked %v", d.Answer.Code, in.card.State().Apps[0].Blocked)
			}
			if note := in.upload(ac); note != `chip transaction of STAN "000003": its AAC is right` {
				t.Error(note)
			}
		})
	}
}

// TestEmulatedOffline: the card approves by itself, before the issuer is asked and after
// nobody answered, and the host takes both.
func TestEmulatedOffline(t *testing.T) {
	w := newWorld(t)
	in := insertCard(t, w, "unionpay-debit", nil)
	send := func(ac emv.List, stan string) Decision {
		m, _ := w.message("offline", []string{"A", "1.00"})
		m.PAN, m.Amount, m.EntryMode, m.CardSequence, m.Chip, m.STAN = in.app.Holder.PAN, 700, "052", "001", ac.Bytes(), stan
		return w.h.Decide(t.Context(), Request{Message: m})
	}
	in.begin(700, "01020304")
	ac := in.generate(byte(emv.TC), in.app.CDOL1)
	if cid := ac.Value(emv.TagCID); emv.CID(cid[0]).Type() != emv.TC {
		t.Fatalf("the card gives a %s", emv.CID(cid[0]))
	}
	if d := send(ac, "000501"); d.Answer.Code != wire.Approved {
		t.Errorf("got %s %s", d.Answer.Code, d.Note)
	}
	in.begin(700, "05060708")
	in.generate(byte(emv.ARQC), in.app.CDOL1)
	late := in.generate(byte(emv.TC), in.app.CDOL2, emv.New(emv.TagResponseCode, []byte(emv.UnableOnlineApproved)))
	if d := send(late, "000502"); d.Answer.Code != wire.Approved {
		t.Errorf("got %s %s (9F10 %s)", d.Answer.Code, d.Note, hex.EncodeToString(late.Value(emv.TagIAD)))
	}
	if d := send(late, "000503"); d.Rule != "atc" {
		t.Errorf("got %s %s", d.Rule, d.Note)
	}
}
