package kernel

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/host/money"
	"possim/reader/card"
	"possim/reader/emv"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(s + ": " + err.Error())
	}
	return b
}

const testPAN = "6210947000000021"

var testAID = unhex("A000000333010101")

// testIssuer is made once: its RSA keys take a while.
var testIssuer = sync.OnceValue(func() *emv.IssuerKeys {
	k, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "kernel test", RID: emv.RIDUnionPay, Issuer: "621094", CABits: 1024, IssuerBits: 896})
	if err != nil {
		panic(err)
	}
	return k
})

var testKey = sync.OnceValue(func() emv.PrivateKey {
	k, err := emv.NewPrivateKey(768, 3, emv.Seeded("kernel test", "card"))
	if err != nil {
		panic(err)
	}
	return k
})

// chip is a card that does what its fields say, and no more: a command it does not know
// answers 6D00, and hook may answer in its place.
type chip struct {
	aip     emv.AIP
	data    emv.List // of record 1 of file 2, which is signed
	fci     emv.List // inside A5
	pse     bool
	pin     string
	tries   int
	atc     int
	last    int
	give    [2]emv.CryptogramType // what GENERATE AC answers, at most what was asked
	format1 bool
	lie     func(ins byte, answer []byte) []byte // spoils an answer, status and all
	hook    func(c []byte) []byte                // answers in place of the card; nil: the card does
	until   card.Expiry                          // of the card's certificate
	fail    map[int]error                        // by number of the command, from 1
	padded  bool                                 // record 1 has padding between its objects and behind its template
	file12  []byte                               // record 1 of file 12, signed whole
	tagList []byte                               // 9F4A; nil: none

	log             []string
	gpo, cdol1      []byte
	generated       int
	challenge       []byte
	authentications int
}

func newChip() *chip {
	c := &chip{aip: emv.AIP{0x7C, 0x00}, pse: true, tagList: []byte{0x82}, pin: "1234", tries: 3, atc: 5, last: 4,
		until: card.Expiry{Year: 2049, Month: 12},
		give:  [2]emv.CryptogramType{emv.TC, emv.TC}}
	c.fci = emv.List{emv.New(emv.TagApplicationLabel, []byte("PBOC DEBIT")), emv.New(emv.TagPriorityIndicator, []byte{1}),
		emv.New(emv.TagPDOL, unhex("9F7A019F02065F2A02"))}
	c.data = emv.List{emv.New(emv.TagPAN, unhex(testPAN)), emv.New(emv.TagExpirationDate, unhex("291231")),
		emv.New(emv.TagEffectiveDate, unhex("200101")), emv.New(emv.TagPANSequence, []byte{1}),
		emv.New(emv.TagTrack2Equivalent, unhex(testPAN+"D2912201000000000F")),
		emv.New(emv.TagAUC, unhex("FFC0")), emv.New(emv.TagIssuerCountry, unhex("0156")), emv.New(emv.TagCardVersion, unhex("0030")),
		emv.New(emv.TagCVMList, unhex("000000000000000042031E031F03")), emv.New(emv.TagApplicationCurrency, unhex("0156")),
		emv.New(emv.TagIACDefault, unhex("D84000A800")), emv.New(emv.TagIACDenial, unhex("0010000000")), emv.New(emv.TagIACOnline, unhex("D840BCF800")),
		emv.New(emv.TagCDOL1, unhex("9F02069F03069F1A0295055F2A029A039C019F37049F34038A02")),
		emv.New(emv.TagCDOL2, unhex("8A02910A9F02069F03069F1A0295055F2A029A039C019F3704"))}
	return c
}

// content is what is inside record 1.
func (c *chip) content() []byte {
	if !c.padded {
		return c.data.Bytes()
	}
	var out []byte
	for _, o := range c.data {
		out = append(o.Append(append(out, 0x00)), 0xFF)
	}
	return out
}

func (c *chip) tail() []byte {
	if !c.padded {
		return nil
	}
	return []byte{0x00, 0x00, 0xFF}
}

// signedRecord is record 1 as it stands on the card.
func (c *chip) signedRecord() []byte {
	return append(emv.TLV{Tag: emv.TagRecordTemplate, Value: c.content()}.Bytes(), c.tail()...)
}

// static is what issuer and card key vouch for.
func (c *chip) static() []byte {
	out := append(append(c.content(), c.tail()...), c.file12...)
	if c.tagList != nil {
		out = append(out, c.aip[:]...)
	}
	return out
}

// afl is record 1 of file 2, that of file 12 where there is one, and the certificates.
func (c *chip) afl() []byte {
	if c.file12 == nil {
		return unhex("1001010118020200")
	}
	return unhex("10010101" + "60010101" + "18020200")
}

// certificates is record 2, made of record 1.
func (c *chip) certificates() emv.List {
	i := testIssuer()
	l := emv.List{emv.New(emv.TagCAPKIndex, []byte{i.Authority.Index})}
	if c.tagList != nil {
		l.Add(emv.TagSDATagList, c.tagList)
	}
	l = append(l, i.Certificate.IssuerObjects()...)
	ssad, err := i.RSA.SignStatic([2]byte{0xDA, 0xC0}, c.static())
	if err != nil {
		panic(err)
	}
	l = append(l, emv.New(emv.TagSSAD, ssad))
	cert, err := i.RSA.CertifyICC(testKey().Public(), testPAN, c.until, [3]byte{1}, c.static())
	if err != nil {
		panic(err)
	}
	return append(l, cert.ICCObjects()...)
}

// Transmit implements reader.Transceiver.
func (c *chip) Transmit(_ context.Context, apdu []byte) ([]byte, error) {
	c.log = append(c.log, strings.ToUpper(hex.EncodeToString(apdu)))
	if err := c.fail[len(c.log)]; err != nil {
		return nil, err
	}
	var out []byte
	if c.hook != nil {
		out = c.hook(apdu)
	}
	if out == nil {
		out = c.answer(apdu)
	}
	if c.lie != nil {
		out = c.lie(apdu[1], out)
	}
	return out, nil
}

func ok(b []byte) []byte { return append(b, 0x90, 0x00) }

func (c *chip) answer(a []byte) []byte {
	var data []byte
	if len(a) > 5 {
		data = a[5 : 5+int(a[4])]
	}
	switch a[1] {
	case 0xA4:
		return c.selected(a[3], data)
	case 0xA8:
		c.gpo = data[2:]
		if c.format1 {
			return ok(emv.New(emv.TagResponseFormat1, append(c.aip[:], c.afl()...)).Bytes())
		}
		return ok(emv.Template(emv.TagResponseFormat2, emv.New(emv.TagAIP, c.aip[:]), emv.New(emv.TagAFL, c.afl())).Bytes())
	case 0xB2:
		return c.record(a[3]>>3, a[2])
	case 0xCA:
		return c.get(emv.Tag(a[2])<<8 | emv.Tag(a[3]))
	case 0x84:
		c.challenge = unhex("0102030405060708")
		return ok(bytes.Clone(c.challenge))
	case 0x20:
		return c.verify(a[3], data)
	case 0x88:
		sig, err := testKey().SignDynamic([]byte{7, 7}, data)
		if err != nil {
			panic(err)
		}
		return ok(emv.New(emv.TagResponseFormat1, sig).Bytes())
	case 0x82:
		c.authentications++
		return []byte{0x90, 0}
	case 0xAE:
		return c.generate(a[2], data)
	case 0xDA, 0x1E:
		return []byte{0x90, 0}
	}
	return []byte{0x6D, 0x00}
}

func (c *chip) selected(p2 byte, name []byte) []byte {
	switch {
	case string(name) == pseName && c.pse:
		return ok(emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, name),
			emv.Template(emv.TagFCIProprietary, emv.New(emv.TagSFI, []byte{1}))).Bytes())
	case bytes.HasPrefix(testAID, name) && p2 == 0 && len(name) >= 5:
		return ok(emv.Template(emv.TagFCITemplate, emv.New(emv.TagDFName, testAID), emv.Template(emv.TagFCIProprietary, c.fci...)).Bytes())
	}
	return []byte{0x6A, 0x82}
}

func (c *chip) record(sfi, n byte) []byte {
	switch {
	case sfi == 1 && n == 1:
		return ok(emv.Template(emv.TagRecordTemplate, emv.Template(emv.TagApplicationTemplate, emv.New(emv.TagADFName, testAID),
			emv.New(emv.TagApplicationLabel, []byte("PBOC DEBIT")))).Bytes())
	case sfi == 2 && n == 1:
		return ok(c.signedRecord())
	case sfi == 12 && n == 1 && c.file12 != nil:
		return ok(bytes.Clone(c.file12))
	case sfi == 3 && n == 2:
		return ok(emv.Template(emv.TagRecordTemplate, c.certificates()...).Bytes())
	}
	return []byte{0x6A, 0x83}
}

func (c *chip) get(t emv.Tag) []byte {
	v := map[emv.Tag][]byte{emv.TagPINTryCounter: {byte(c.tries)}, emv.TagATC: {byte(c.atc >> 8), byte(c.atc)},
		emv.TagLastOnlineATC: {byte(c.last >> 8), byte(c.last)}}[t]
	if v == nil {
		return []byte{0x6A, 0x88}
	}
	return ok(emv.New(t, v).Bytes())
}

func (c *chip) verify(p2 byte, block []byte) []byte {
	if c.tries == 0 {
		return []byte{0x69, 0x83}
	}
	if p2 == 0x88 {
		clear, challenge, err := testKey().DecipherPIN(block)
		if err != nil || !bytes.Equal(challenge, c.challenge) {
			return []byte{0x69, 0x85}
		}
		block = clear
	}
	if pin, _ := emv.OpenPINBlock2(block); pin != c.pin {
		c.tries--
		return []byte{0x63, 0xC0 | byte(c.tries)}
	}
	c.tries = 3
	return []byte{0x90, 0}
}

func (c *chip) generate(p1 byte, data []byte) []byte {
	kind := emv.CryptogramType(p1 & 0xC0)
	if want := c.give[min(c.generated, 1)]; lower(want, kind) {
		kind = want
	}
	c.generated++
	ac, iad := unhex("A1A2A3A4A5A6A7A8"), unhex("07000103A00000010A010000000000D1F61152")
	if c.format1 && p1&emv.AskCDA == 0 {
		return ok(emv.New(emv.TagResponseFormat1, append(append([]byte{byte(kind), 0, 6}, ac...), iad...)).Bytes())
	}
	l := emv.List{emv.New(emv.TagCID, []byte{byte(kind)}), emv.New(emv.TagATC, []byte{0, 6})}
	if p1&emv.AskCDA == 0 || kind == emv.AAC {
		return ok(emv.Template(emv.TagResponseFormat2, append(l, emv.New(emv.TagCryptogram, ac), emv.New(emv.TagIAD, iad))...).Bytes())
	}
	l.Add(emv.TagIAD, iad)
	sent := [][]byte{c.gpo, c.cdol1, data}
	if c.generated == 1 {
		c.cdol1 = data
		sent = [][]byte{c.gpo, data}
	}
	hashed, err := emv.CombinedData(l.Bytes(), sent...)
	if err != nil {
		panic(err)
	}
	un := data[25:29]
	if c.generated == 2 {
		un = data[37:41]
	}
	sig, err := testKey().SignCombined(emv.Dynamic{Number: []byte{1, 2}, CID: emv.CID(kind), Cryptogram: ac}, un, hashed)
	if err != nil {
		panic(err)
	}
	return ok(emv.Template(emv.TagResponseFormat2, append(l, emv.New(emv.TagSDAD, sig))...).Bytes())
}

// endless gives bytes that depend on where they stand and on nothing else.
type endless struct{ n byte }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		e.n = e.n*7 + 3
		b[i] = e.n % 198
	}
	return len(b), nil
}

func newKernel() *Kernel {
	return &Kernel{Type: 0x22, Capabilities: emv.Capabilities{0xE0, 0xF8, 0xC8}, More: emv.MoreCapabilities{0xF0, 0, 0xF0, 0xA0, 0x01},
		Country: "156", CAPKs: emv.CAPKs{testIssuer().Authority.CAPK()}, Random: &endless{},
		Data: emv.List{emv.New(emv.TagIFDSerial, []byte("12345678"))},
		Applications: []Application{{AID: unhex("A000000333"), Partial: true, Version: unhex("0030"), FloorLimit: 100000,
			Denial: emv.TVR{0, 0x10}, Online: emv.TVR(unhex("D84004F800")), Default: emv.TVR(unhex("D84000A800"))}},
		PIN: func(context.Context, PINRequest) (PINEntry, error) {
			p, err := NewPIN("1234")
			return PINEntry{PIN: p}, err
		}}
}

func newSale() Transaction {
	return Transaction{Amount: money.Yuan(1234), At: time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC), Sequence: 7}
}

var errPulled = errors.New("the card is gone")

func start(t testing.TB, k *Kernel, c *chip, tx Transaction) Result {
	t.Helper()
	r, err := k.Start(t.Context(), c, tx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type cardPAN = card.PAN
