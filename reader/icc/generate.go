package icc

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"

	"possim/reader/emv"
)

// transaction is what a card knows between GET PROCESSING OPTIONS and the next SELECT.
type transaction struct {
	opened    bool     // GET PROCESSING OPTIONS came
	pdol      []byte   // as it was sent, for CDA
	sent      emv.List // and taken apart
	cdol1     []byte
	values    emv.List // what CDOL1 asked for, then sent
	challenge []byte

	pinDone, pinGood, dda bool
	wasNew, wasIncomplete bool

	done, second bool // GENERATE AC came, came twice
	first, final emv.CryptogramType
	cryptogram   []byte // of the first
	related      []byte // 9F69 of a tap that was signed
	booked       bool   // a tap that was approved
	auth         authentication
	answer       emv.Answer // the issuer's, when auth is authGood
	notOnline    bool
	scripts      int // commands so far
	scriptFailed bool
}

// authentication is how the issuer's came out.
type authentication int

const (
	authNone authentication = iota
	authGood
	authFailed
)

// internalAuthenticate signs what the DDOL asked for (EMV Book 3, 6.5.9). A card without
// a DDOL takes the default one, the unpredictable number.
func (m *machine) internalAuthenticate(cmd command) response {
	switch {
	case cmd.p1p2() != 0:
		return word(swWrongP1P2)
	case !m.tx.opened || m.app.rsa == nil || !m.app.AIP.Has(emv.AIPDDA):
		return word(swConditions)
	case len(cmd.data) != m.app.ddolLength():
		return word(swWrongLength)
	}
	signature, err := m.app.rsa.RSA.SignDynamic(m.random(8), cmd.data)
	if err != nil {
		return word(swNothingCertain)
	}
	m.tx.dda = true
	return m.app.answer(emv.New(emv.TagSDAD, signature))
}

func (a *application) ddolLength() int {
	if len(a.DDOL) == 0 {
		return 4
	}
	return a.DDOL.Length()
}

// generate is GENERATE AC (EMV Book 3, 6.5.5 and 9): once, and after an ARQC a second
// time for the end.
func (m *machine) generate(cmd command) response {
	t, asked := &m.tx, emv.CryptogramType(cmd.p1&0xC0)
	switch {
	case asked == 0xC0 || cmd.p1&^(0xC0|emv.AskCDA|emv.AskXDA) != 0 || cmd.p2 != 0:
		return word(swWrongP1P2)
	case !t.opened:
		return word(swConditions)
	case !t.done:
		return m.generateFirst(cmd, asked)
	case t.first == emv.ARQC && !t.second && asked != emv.ARQC:
		return m.generateSecond(cmd, asked)
	}
	return word(swConditions)
}

func (m *machine) generateFirst(cmd command, asked emv.CryptogramType) response {
	t := &m.tx
	values, err := m.app.CDOL1.Split(cmd.data)
	if err != nil {
		return word(swWrongLength)
	}
	t.cdol1, t.values = cmd.data, append(values, t.sent...)
	t.done, t.first = true, m.decideFirst(asked)
	ac, r := m.cryptogram(cmd.p1, t.first, t.values, t.pdol, t.cdol1)
	t.cryptogram = ac
	m.bookFirst()
	return r
}

func (m *machine) generateSecond(cmd command, asked emv.CryptogramType) response {
	t := &m.tx
	values, err := m.app.CDOL2.Split(cmd.data)
	if err != nil {
		return word(swWrongLength)
	}
	values = append(values, t.values...)
	m.authenticateInline(values)
	code := string(values.Value(emv.TagResponseCode))
	t.notOnline = code == "Y3" || code == "Z3" // Book 4 Annex A6
	t.second, t.final = true, m.decideSecond(asked)
	_, r := m.cryptogram(cmd.p1, t.final, values, t.pdol, t.cdol1, cmd.data)
	m.bookSecond(values)
	return r
}

// cryptogram computes it and shapes the answer. sent is what CDA signs: the data of all
// the commands so far.
func (m *machine) cryptogram(p1 byte, kind emv.CryptogramType, values emv.List, sent ...[]byte) ([]byte, response) {
	a := m.app
	atc, iad := binary.BigEndian.AppendUint16(nil, a.state.ATC), a.issuerData(m.results())
	own := emv.List{emv.New(emv.TagAIP, a.AIP[:]), emv.New(emv.TagATC, atc), emv.New(emv.TagIAD, iad)}
	ac, err := a.Scheme.Cryptogram(a.keys, append(own, values...))
	if err != nil {
		return nil, word(swNothingCertain)
	}
	cid := emv.New(emv.TagCID, []byte{byte(kind)})
	if p1&emv.AskCDA != 0 && a.AIP.Has(emv.AIPCDA) && a.rsa != nil && kind != emv.AAC {
		return ac, m.combined(kind, ac, emv.List{cid, own[1], own[2]}, values, sent)
	}
	return ac, a.answer(cid, own[1], emv.New(emv.TagCryptogram, ac), own[2])
}

// combined signs the cryptogram and the transaction (EMV Book 2, 6.6.1). The cryptogram
// stands inside the signature only.
func (m *machine) combined(kind emv.CryptogramType, ac []byte, objects, values emv.List, sent [][]byte) response {
	data := objects.Append(slices.Concat(sent...))
	d := emv.Dynamic{Number: m.random(8), CID: emv.CID(kind), Cryptogram: ac}
	signature, err := m.app.rsa.RSA.SignCombined(d, values.Value(emv.TagUnpredictableNumber), data)
	if err != nil {
		return word(swNothingCertain)
	}
	objects.Add(emv.TagSDAD, signature)
	return ok(emv.Template(emv.TagResponseFormat2, objects...).Bytes())
}

// amount is the authorised amount in the application's currency, 0 in another.
func (m *machine) amount() int64 {
	v := m.tx.values
	if !slices.Equal(v.Value(emv.TagTransactionCurrency), bcd(int(m.app.Currency), 2)) {
		return 0
	}
	n, _ := strconv.ParseInt(hex.EncodeToString(v.Value(emv.TagAmountAuthorised)), 10, 64)
	return max(n, 0)
}

// log keeps the record of a transaction that ended in a TC, the newest first.
func (m *machine) log(values emv.List) {
	a := m.app
	if len(a.LogFormat) == 0 {
		return
	}
	own := emv.List{emv.New(emv.TagATC, binary.BigEndian.AppendUint16(nil, a.state.ATC))}
	a.state.Log = slices.Insert(a.state.Log, 0, Entry(a.LogFormat.Build(own, values)))
	a.state.Log = a.state.Log[:min(len(a.state.Log), logLength)]
}
