package icc

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"
	"testing"

	"possim/reader/card"
	"possim/reader/emv"
)

const testPAN = card.PAN("6210947000000021")

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	return must[[]byte](t)(hex.DecodeString(s))
}

var issuers = sync.OnceValue(func() map[emv.RID]*emv.IssuerKeys {
	out := map[emv.RID]*emv.IssuerKeys{}
	for rid, digits := range map[emv.RID]string{emv.RIDUnionPay: "621094", emv.RIDVisa: "411111"} {
		k, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "a test", RID: rid, Issuer: digits, CABits: 1024, IssuerBits: 896})
		if err != nil {
			panic(err)
		}
		out[rid] = k
	}
	return out
})

// profile is a shipped one with short keys, for speed.
func profile(t testing.TB, name string) Profile {
	h := Person{Seed: "a test", Issuer: issuers()[emv.RIDUnionPay], Holder: Holder{PAN: testPAN, Sequence: "01",
		Expiry: card.Expiry{Year: 2029, Month: 2}, Effective: card.Expiry{Year: 2020, Month: 1}, ServiceCode: "201",
		Name: "TEST/CARD", PIN: "1234"}}
	if name == "visa-cvn18" {
		h.PAN, h.Issuer = "4111111111111111", issuers()[emv.RIDVisa]
	}
	p := must[Profile](t)(Shipped(name, h))
	for i := range p.Applications {
		p.Applications[i].Bits = 640
	}
	return p
}

// terminal is the other side: it sends what a terminal sends, and checks what comes with
// the terminal's half of reader/emv.
type terminal struct {
	testing.TB
	c          *Card
	a          *Application // what the card should be
	dropLe     bool
	records    []emv.Record
	data       emv.List
	aip        emv.AIP
	pdol, sent []byte // PDOL data, then CDOL data too
	tvr        emv.TVR
	arqc       emv.List // what field 55 carries
}

func insert(t testing.TB, p Profile, s State) *terminal {
	t.Helper()
	return &terminal{TB: t, c: must[*Card](t)(New(p, s)), a: &p.Applications[0]}
}

// send sends one command and follows 61xx and 6Cxx as PC/SC programs do.
func (t *terminal) send(cla, ins, p1, p2 byte, data []byte, le bool) ([]byte, status) {
	t.Helper()
	apdu := []byte{cla, ins, p1, p2}
	if len(data) > 0 {
		apdu = append(append(apdu, byte(len(data))), data...)
	}
	if le && !(t.dropLe && len(data) > 0) {
		apdu = append(apdu, 0)
	}
	r, sw := t.raw(apdu)
	if sw&0xFF00 == swWrongLe {
		r, sw = t.raw([]byte{cla, ins, p1, p2, byte(sw)})
	}
	for sw&0xFF00 == swMore {
		var more []byte
		more, sw = t.raw([]byte{0, insGetResponse, 0, 0, byte(sw)})
		r = append(r, more...)
	}
	return r, sw
}

func (t *terminal) raw(apdu []byte) ([]byte, status) {
	t.Helper()
	r, err := t.c.Transmit(context.Background(), apdu)
	if err != nil {
		t.Fatalf("%X: %v", apdu, err)
	}
	if len(r) < 2 {
		t.Fatalf("%X: %d bytes came", apdu, len(r))
	}
	return r[:len(r)-2], status(r[len(r)-2])<<8 | status(r[len(r)-1])
}

// want sends and expects a status word.
func (t *terminal) want(sw status, cla, ins, p1, p2 byte, data []byte) []byte {
	t.Helper()
	r, got := t.send(cla, ins, p1, p2, data, true)
	if got != sw {
		t.Fatalf("%02X %02X %02X %02X: %04X; want %04X", cla, ins, p1, p2, uint16(got), uint16(sw))
	}
	return r
}

func (t *terminal) parse(b []byte) emv.List {
	t.Helper()
	return must[emv.List](t)(emv.Parse(b))
}

// open selects, sends GET PROCESSING OPTIONS and reads the records.
func (t *terminal) open() *terminal {
	t.Helper()
	t.selectApplication()
	t.options()
	return t
}

func (t *terminal) selectApplication() {
	t.Helper()
	fci := t.parse(t.want(swOK, 0, 0xA4, 4, 0, t.a.AID))
	pdol, _ := fci.Find(emv.TagPDOL)
	t.pdol = must[emv.DOL](t)(emv.ParseDOL(pdol)).Build(transactionData(t))
	t.records, t.data, t.sent, t.arqc, t.tvr = nil, nil, nil, nil, emv.TVR{}
}

func (t *terminal) options() {
	t.Helper()
	r := t.parse(t.want(swOK, 0x80, 0xA8, 0, 0, emv.New(emv.TagCommandTemplate, t.pdol).Bytes()))
	aip, afl := r.Inside(emv.TagResponseFormat2).Value(emv.TagAIP), r.Inside(emv.TagResponseFormat2).Value(emv.TagAFL)
	if one := r.Value(emv.TagResponseFormat1); one != nil {
		aip, afl = one[:2], one[2:]
	}
	t.aip = must[emv.AIP](t)(emv.ParseAIP(aip))
	t.read(afl)
}

// read reads the records of an AFL.
func (t *terminal) read(afl []byte) {
	t.Helper()
	for _, e := range must[emv.AFL](t)(emv.ParseAFL(afl)) {
		for n := e.First; n <= e.Last; n++ {
			b := t.want(swOK, 0, 0xB2, byte(n), byte(e.SFI<<3|4), nil)
			t.data = append(t.data, t.parse(b).Inside(emv.TagRecordTemplate)...)
			if n < e.First+e.Signed {
				t.records = append(t.records, emv.Record{SFI: e.SFI, Data: b})
			}
		}
	}
	if tag, twice := t.data.Duplicate(); twice {
		t.Fatalf("%s comes twice", tag)
	}
}

func transactionData(t testing.TB) emv.List {
	return emv.List{emv.New(emv.TagAmountAuthorised, unhex(t, "000000001234")), emv.New(emv.TagTerminalCountry, []byte{1, 0x56}),
		emv.New(emv.TagTransactionCurrency, []byte{1, 0x56}), emv.New(emv.TagTransactionDate, unhex(t, "260601")),
		emv.New(emv.TagTransactionType, []byte{0}), emv.New(emv.TagUnpredictableNumber, unhex(t, "DEADBEEF")),
		emv.New(emv.TagTransactionTime, unhex(t, "090000")), emv.New(emv.TagMerchantName, []byte("A SHOP")),
		emv.New(emv.TagAmountOther, make([]byte, 6))}
}

func (t *terminal) static() []byte {
	t.Helper()
	return must[[]byte](t)(emv.StaticData(t.records, t.data.Value(emv.TagSDATagList), t.aip[:]))
}

func (t *terminal) issuerKey() (emv.IssuerKey, error) {
	return t.a.Issuer.Authority.CAPK().Recover(emv.IssuerCertificate(t.data), t.a.Holder.PAN)
}

func (t *terminal) cardKey() emv.ICCKey {
	t.Helper()
	k := must[emv.IssuerKey](t)(t.issuerKey())
	return must[emv.ICCKey](t)(k.Recover(emv.ICCCertificate(t.data), t.static(), t.a.Holder.PAN))
}

// generate sends the first or the second GENERATE AC and returns the objects of the
// answer, whichever format it has. With CDA it takes the cryptogram from the signature.
func (t *terminal) generate(p1 byte, extra ...emv.TLV) emv.List {
	t.Helper()
	list := emv.TagCDOL1
	if t.arqc != nil {
		list = emv.TagCDOL2
	}
	terminal := append(append(emv.List{}, extra...), append(transactionData(t), emv.New(emv.TagTVR, t.tvr[:]))...)
	data := must[emv.DOL](t)(emv.ParseDOL(t.data.Value(list))).Build(terminal)
	t.sent = append(t.sent, data...)
	r := t.parse(t.want(swOK, 0x80, 0xAE, p1, 0, data))
	l := r.Inside(emv.TagResponseFormat2)
	if one := r.Value(emv.TagResponseFormat1); one != nil {
		l = emv.List{emv.New(emv.TagCID, one[:1]), emv.New(emv.TagATC, one[1:3]), emv.New(emv.TagCryptogram, one[3:11]), emv.New(emv.TagIAD, one[11:])}
	}
	if sdad := l.Value(emv.TagSDAD); sdad != nil {
		signed := must[[]byte](t)(emv.CombinedData(r[0].List.Bytes(), t.pdol, t.sent))
		d := must[emv.Dynamic](t)(t.cardKey().VerifyCombined(sdad, terminal.Value(emv.TagUnpredictableNumber), signed))
		if !bytes.Equal([]byte{byte(d.CID)}, l.Value(emv.TagCID)) {
			t.Fatalf("CDA signs the CID %v", d.CID)
		}
		l.Add(emv.TagCryptogram, d.Cryptogram)
	}
	l = append(l, append(terminal, emv.New(emv.TagAIP, t.aip[:]))...)
	if t.arqc == nil {
		t.arqc = l
	}
	return l
}

// host verifies a cryptogram as an issuer does.
func (t *terminal) host() (emv.Scheme, emv.Keys) {
	t.Helper()
	s := must[emv.Scheme](t)(emv.SchemeOf(t.a.AID, t.arqc.Value(emv.TagIAD)))
	return s, must[emv.Keys](t)(s.CardKeys(t.a.Issuer.Master, t.a.Holder.PAN, t.a.Holder.Sequence))
}

// ends checks kind and cryptogram of an answer.
func (t *terminal) ends(l emv.List, kind emv.CryptogramType) {
	t.Helper()
	if got := emv.CID(l.Value(emv.TagCID)[0]).Type(); got != kind {
		t.Fatalf("a %v came; want %v (CVR in %X)", got, kind, l.Value(emv.TagIAD))
	}
	s, keys := t.host()
	if err := s.Verify(keys, l); err != nil {
		t.Fatal(err)
	}
}

func (t *terminal) answer(code string, csu [4]byte) []byte {
	t.Helper()
	s, keys := t.host()
	return must[[]byte](t)(s.IssuerAuthentication(keys, t.arqc, emv.Answer{ResponseCode: code, StatusUpdate: csu}))
}

func (t *terminal) counter(tag emv.Tag) []byte {
	t.Helper()
	return t.parse(t.want(swOK, 0x80, 0xCA, byte(tag>>8), byte(tag), nil)).Value(tag)
}

func pinBlock(t testing.TB, pin string) []byte { return must[[]byte](t)(emv.PINBlock2(pin)) }

func code(c string) emv.TLV { return emv.New(emv.TagResponseCode, []byte(c)) }

var approves = [4]byte{0, csuApproves, 0, 0}

// Every profile, with and without Le, with both protocols: the whole of a sale.
func TestOnlineSale(t *testing.T) {
	for _, name := range Names() {
		for _, protocol := range []Protocol{T0, T1} {
			for _, dropLe := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/drop Le %v", name, protocol, dropLe), func(t *testing.T) {
					p := profile(t, name)
					p.Protocol = protocol
					r := insert(t, p, State{})
					r.dropLe = dropLe
					onlineSale(r)
				})
			}
		}
	}
}

func onlineSale(t *terminal) {
	t.open()
	if pan := t.data.Value(emv.TagPAN); hex.EncodeToString(pan) != t.a.Holder.PAN.Reveal() {
		t.Error("another number on the card")
	}
	issuer := must[emv.IssuerKey](t)(t.issuerKey())
	if dac := must[[2]byte](t)(issuer.VerifyStatic(t.data.Value(emv.TagSSAD), t.static())); dac != [2]byte{0xDA, 0xC1} {
		t.Errorf("DAC %X", dac)
	}
	un := []byte{1, 2, 3, 4}
	r := t.want(swOK, 0, 0x88, 0, 0, un)
	sdad := t.parse(r).Value(emv.TagResponseFormat1)
	if sdad == nil {
		sdad = t.parse(r).Inside(emv.TagResponseFormat2).Value(emv.TagSDAD)
	}
	must[emv.Dynamic](t)(t.cardKey().VerifyDynamic(sdad, un))
	t.want(swOK, 0, 0x20, 0, 0x80, pinBlock(t, "1234"))
	t.ends(t.generate(byte(emv.ARQC)), emv.ARQC)
	iad := must[emv.IAD](t)(emv.ParseIAD(t.arqc.Value(emv.TagIAD)))
	if got := hex.EncodeToString(iad.CVR); got != "03a41002" { // ARQC, PIN right, new card, DDA
		t.Error("CVR", got)
	}
	t.want(swOK, 0, 0x82, 0, 0, t.answer("00", approves))
	t.ends(t.generate(byte(emv.TC), code("00")), emv.TC)
	if !bytes.Equal(t.counter(emv.TagATC), t.counter(emv.TagLastOnlineATC)) || t.c.State().Apps[0].ATC != 1 {
		t.Errorf("counters %+v", t.c.State().Apps[0])
	}
	log := t.want(swOK, 0, 0xB2, 1, 11<<3|4, nil)
	l := must[emv.List](t)(must[emv.DOL](t)(emv.ParseDOL(t.counter(emv.TagLogFormat))).Split(log))
	if !bytes.Equal(l.Value(emv.TagAmountAuthorised), unhex(t, "000000001234")) || !bytes.Equal(l.Value(emv.TagATC), []byte{0, 1}) {
		t.Errorf("log %v", l)
	}
	t.want(swNoRecord, 0, 0xB2, 2, 11<<3|4, nil)
	t.want(swConditions, 0x80, 0xAE, 0, 0, t.sent)
}

// The ways terminals ask first: AAC, TC and ARQC, with CDA and without.
func TestAskings(t *testing.T) {
	for _, name := range []string{"unionpay-debit", "visa-cvn18"} {
		for _, c := range []struct {
			p1   byte
			kind emv.CryptogramType
			cda  bool
		}{{0x00, emv.AAC, false}, {0x10, emv.AAC, false}, {0x40, emv.TC, false}, {0x50, emv.TC, true}, {0x80, emv.ARQC, false},
			{0x90, emv.ARQC, true}, {0x98, emv.ARQC, true}} {
			t.Run(fmt.Sprintf("%s/%02X", name, c.p1), func(t *testing.T) {
				r := insert(t, profile(t, name), State{}).open()
				l := r.generate(c.p1)
				if (l.Value(emv.TagSDAD) != nil) != c.cda {
					t.Error("signed:", !c.cda)
				}
				r.ends(l, c.kind)
				if c.kind == emv.ARQC { // and the second with CDA
					r.want(swOK, 0, 0x82, 0, 0, r.answer("00", approves))
					r.ends(r.generate(0x50, code("00")), emv.TC)
				}
			})
		}
	}
}

func TestSameBytes(t *testing.T) {
	run := func() []byte {
		r := insert(t, profile(t, "unionpay-debit"), State{}).open()
		return slices.Concat(r.data.Bytes(), r.generate(0x90).Bytes(), r.want(swOK, 0, 0x84, 0, 0, nil), r.c.State().Encode())
	}
	if !bytes.Equal(run(), run()) {
		t.Error("the same profile and commands, other bytes")
	}
}
