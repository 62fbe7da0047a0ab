package host

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
)

// The words of a table about chips (see world). A card with keys=yes has a chip of our
// issuer's, sequence number 01; keys=visa answers by method 2.
//
//	sale A 10.00 atc=5 -> 00 proved      with a cryptogram of the chip; the answer's 91 is right for its code
//	sale A 10.00 atc=5 ac=TC             another kind of it than the message should have
//	sale A 10.00 atc=5 lie=9F02:000000000001   field 55 says so, and the cryptogram is right for it
//	sale A 10.00 atc=5 flip=95           one bit is changed behind the card
//	sale A 10.00 atc=5 drop=9F36         left out of field 55
//	script A block, pin, data            queues an order
//	result A of=x done                   0620: what the card made of the scripts in the answer to x
//
// Behind -> unproved is an answer without field 55, and scripts=2 counts 71 and 72.
func chipKeys(name string) emv.Keys {
	k := emv.Keys{}
	for i, to := range []*emv.Key{&k.AC, &k.MAC, &k.ENC} {
		*to, _ = emv.ParseKey(strings.Repeat(fmt.Sprintf("%02X", 0x10+16*i+len(name)), 15) + "01")
	}
	return k
}

func tableScheme(c registry.Card) emv.Scheme {
	if c.Issuer.AC.Equal(chipKeys("visa").AC) {
		return emv.VisaCVN18
	}
	return emv.PBOCCVN01
}

// cvrOf says in 9F10 which kind of cryptogram it is, as a first GENERATE AC has it.
var cvrOf = map[emv.CryptogramType]byte{emv.AAC: 0x80, emv.TC: 0x90, emv.ARQC: 0xA0}

var acNamed = map[string]emv.CryptogramType{"AAC": emv.AAC, "TC": emv.TC, "ARQC": emv.ARQC}

// insertChip fills in what a chip adds to a message.
func (w *world) insertChip(m *wire.Message, p card.PAN, given map[string]string) error {
	atc, err := strconv.Atoi(given["atc"])
	if err != nil {
		return err
	}
	c, _ := w.h.Registry.Card(p)
	if !c.HasChip() { // somebody else's issuer's
		c.Issuer = chipKeys("unknown")
	}
	s := tableScheme(c)
	kind := emv.ARQC
	if m.MTI == wire.MTIAdvice {
		kind = emv.TC
	}
	if given["ac"] != "" {
		kind = acNamed[given["ac"]]
	}
	if given["entry"] == "" {
		m.EntryMode = "052"
	}
	if m.CardSequence == "" {
		m.CardSequence = "001"
	}
	l := emv.List{
		emv.New(emv.TagAmountAuthorised, bytesOf(fmt.Sprintf("%012d", m.Amount))), emv.New(emv.TagAmountOther, make([]byte, 6)),
		emv.New(emv.TagTerminalCountry, bytesOf("0156")), emv.New(emv.TagTVR, make([]byte, 5)),
		emv.New(emv.TagTransactionCurrency, bytesOf("0156")), emv.New(emv.TagTransactionDate, bytesOf("260601")),
		emv.New(emv.TagTransactionType, bytesOf(m.ProcessingCode[:2])), emv.New(emv.TagUnpredictableNumber, bytesOf("12345678")),
		emv.New(emv.TagAIP, bytesOf("7D00")), emv.New(emv.TagATC, []byte{byte(atc >> 8), byte(atc)}),
		emv.New(emv.TagIAD, []byte{0x07, 0x01, s.CVN, 0x03, cvrOf[kind], 0, 0, 0x01}), emv.New(emv.TagCID, []byte{byte(kind)}),
		emv.New(emv.TagPANSequence, []byte{1}), emv.New(emv.TagDFName, emv.RIDUnionPay[:]),
	}
	if s.Method == 2 {
		l.Set(emv.TagIAD, []byte{0x06, 0x01, s.CVN, 0x03, cvrOf[kind], 0, 0})
		l.Set(emv.TagDFName, emv.RIDVisa[:])
	}
	if tag, value, ok := strings.Cut(given["lie"], ":"); ok {
		t, _ := emv.ParseTag(tag)
		l.Set(t, bytesOf(value))
	}
	if err := signChip(s, c, p, &l); err != nil {
		return err
	}
	if t, err := emv.ParseTag(given["flip"]); err == nil {
		b := slices.Clone(l.Value(t))
		b[len(b)-1] ^= 1
		l.Set(t, b)
	}
	if drop, err := emv.ParseTag(given["drop"]); err == nil {
		l = slices.DeleteFunc(l, func(o emv.TLV) bool { return o.Tag == drop })
	}
	m.Chip = l.Bytes()
	return nil
}

// signChip is what the card does.
func signChip(s emv.Scheme, c registry.Card, p card.PAN, l *emv.List) error {
	keys, err := s.CardKeys(c.Issuer, p, "01")
	if err != nil {
		return err
	}
	ac, err := s.Cryptogram(keys, *l)
	l.Set(emv.TagCryptogram, ac)
	return err
}

// proved verifies 91 as the card does: for the code that the terminal hands it (8A).
func (w *world) proved(d Decision) error {
	c, _ := w.h.Registry.Card(w.last.PAN)
	s := tableScheme(c)
	sent, err := emv.Parse(w.last.Chip)
	if err != nil {
		return err
	}
	got, err := emv.Parse(d.Answer.Chip)
	if err != nil {
		return err
	}
	keys, err := s.CardKeys(c.Issuer, w.last.PAN, "01")
	if err != nil {
		return err
	}
	a, err := s.VerifyIssuer(keys, sent, got.Value(emv.TagIssuerAuthenticationData))
	switch {
	case err != nil:
		return err
	case s.Method == 1 && a.ResponseCode != string(d.Answer.Code):
		return fmt.Errorf("91 proves code %s, and the answer is %s", a.ResponseCode, d.Answer.Code)
	case s.Method == 2 && (a.StatusUpdate[1]&0x80 != 0) != (d.Answer.Code == wire.Approved):
		return fmt.Errorf("the status update %X does not say what the code %s does", a.StatusUpdate, d.Answer.Code)
	}
	return nil
}

// checkChip understands the words about chips.
func (w *world) checkChip(d Decision, word string) (done bool, err error) {
	switch name, value, _ := strings.Cut(word, "="); name {
	case "proved":
		return true, w.proved(d)
	case "unproved":
		if len(d.Answer.Chip) > 0 {
			err = fmt.Errorf("got field 55 %X, want none", d.Answer.Chip)
		}
		return true, err
	case "scripts":
		if n := strconv.Itoa(len(templates(d))); n != value {
			err = fmt.Errorf("got %s scripts, want %s", n, value)
		}
		return true, err
	case "note":
		if !strings.Contains(d.Note, strings.ReplaceAll(value, "_", " ")) {
			err = fmt.Errorf("got note %q", d.Note)
		}
		return true, err
	}
	return false, nil
}

// templates are the scripts in an answer.
func templates(d Decision) (all emv.List) {
	l, _ := emv.Parse(d.Answer.Chip)
	for _, o := range l {
		if o.Tag == emv.TagScriptTemplate1 || o.Tag == emv.TagScriptTemplate2 {
			all = append(all, o)
		}
	}
	return all
}

// script queues an order.
func (w *world) script(args []string) error {
	s := map[string]Script{
		"block": {Do: BlockApplication}, "unblock": {Do: UnblockApplication}, "card": {Do: BlockCard}, "tries": {Do: UnblockPIN, First: true},
		"data": {Do: PutData, Tag: emv.TagPBOCCumulativeLimit, Value: bytesOf("000000100000")},
		"pin":  {Do: ChangePIN, PIN: pinOf("918275")},
	}[args[1]]
	_, err := w.h.Script(pan(args[0]), s)
	return err
}

// result sends 0620 about the scripts in an answer: done, failed, or with words of hex.
func (w *world) result(args []string, want string) error {
	given := pairs(args)
	o := w.named[given["of"]]
	m := wire.Message{STAN: o.asked.STAN, TID: o.asked.TID, MID: o.asked.MID, Amount: o.asked.Amount, RRN: o.answer.RRN,
		ProcessingCode: o.asked.ProcessingCode, Private60: "00" + w.batch + "95160"}
	tx, _ := wire.UnionPay().Transaction(wire.ScriptResult)
	tx.Start(&m)
	m.ProcessingCode = o.asked.ProcessingCode
	if n, err := strconv.Atoi(given["stan"]); err == nil {
		m.STAN = number(n, 6)
	}
	if given["tid"] != "" {
		m.TID = "0000000" + given["tid"]
	}
	switch given["by"] {
	case "61":
		m.RRN, m.Original = "", wire.Original{Batch: o.asked.Batch(), STAN: o.asked.STAN}.Field61()
	case "stan":
		m.RRN = ""
	case "nothing":
		m.RRN, m.STAN = "", "999999"
	}
	outcome := byte(0x20)
	if slices.Contains(args, "failed") {
		outcome = 0x11
	}
	var results []byte
	for _, t := range templates(Decision{Answer: o.answer}) {
		results = append(append(results, outcome), t.List.Value(emv.TagScriptID)...)
	}
	tag := emv.TagScriptOutcome
	if given["tag"] != "" {
		tag, _ = emv.ParseTag(given["tag"])
	}
	if text := given["hex"]; text != "" {
		results, _ = hex.DecodeString(text) // "none" is nothing
	}
	m.Chip = emv.List{emv.New(tag, results)}.Bytes()
	w.last, w.first = m, w.h.Decide(w.t.Context(), Request{Message: m})
	return w.check(w.first, want)
}

func bytesOf(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func pinOf(digits string) hsm.PIN {
	p, err := hsm.ParsePIN(digits)
	if err != nil {
		panic(err)
	}
	return p
}
