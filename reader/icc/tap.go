package icc

import (
	"encoding/binary"
	"fmt"
	"slices"

	"possim/reader/emv"
)

// Tap is what an application does in the field of a contactless reader: UnionPay's
// qPBOC (EMV Book C-7), where GET PROCESSING OPTIONS is the whole transaction.
type Tap struct {
	PDOL    emv.DOL // has to ask for 9F66 and for what the cryptogram takes
	CTQ     emv.CTQ // 9F6C, but for the two bits that choose a CVM; a phone that knows its holder has emv.CTQCDCVM
	Offline int64   // up to this amount, in the application's currency, the card approves by itself; 0: never
}

// maxTapKey is the longest RSA key, in bytes, whose signature fits the answer.
const maxTapKey = 152

func (a *Application) checkTap() error {
	if a.Tap == nil {
		return nil
	}
	for _, t := range append([]emv.Tag{emv.TagTTQ}, needed...) {
		if !a.Tap.PDOL.Has(t) {
			return fmt.Errorf("the PDOL of its tap does not ask for %s (%s)", t, t.Name())
		}
	}
	if n := a.Tap.PDOL.Length(); n > 252 {
		return fmt.Errorf("the PDOL of its tap asks for %d bytes; a command carries 252", n)
	}
	return nil
}

// pdol is the list of the interface the card is on.
func (m *machine) pdol(a *application) emv.DOL {
	if m.profile.Contactless {
		return a.Tap.PDOL
	}
	return a.PDOL
}

// offers reports whether an application is there on this interface.
func (m *machine) offers(a *application) bool { return !m.profile.Contactless || a.Tap != nil }

// tap is the answer to GET PROCESSING OPTIONS in qPBOC: cryptogram, track 2, what CVM
// the card wants and, where it approves, its signature (fDDA). A reader without qPBOC
// gets none. An approval is booked when the reader takes the last record (tapRecord).
func (m *machine) tap() response {
	a, t := m.app, &m.tx
	ttq, _ := emv.ParseTTQ(t.sent.Value(emv.TagTTQ))
	if !ttq.Has(emv.TTQEMVMode) {
		return word(swConditions)
	}
	t.values, t.done, t.second = t.sent, true, true // no GENERATE AC follows
	t.first = m.decideTap(ttq)
	ctq := a.Tap.CTQ
	ctq.Clear(emv.CTQOnlinePIN, emv.CTQSignature)
	switch {
	case !ttq.Has(emv.TTQCVMRequired), ctq.Has(emv.CTQCDCVM):
	case ttq.Has(emv.TTQOnlinePIN):
		ctq.Set(emv.CTQOnlinePIN)
	case ttq.Has(emv.TTQSignature):
		ctq.Set(emv.CTQSignature)
	}
	answer, err := m.tapAnswer(ttq, ctq)
	if err != nil {
		return word(swNothingCertain)
	}
	return ok(emv.Template(emv.TagResponseFormat2, answer...).Bytes())
}

func (m *machine) decideTap(ttq emv.TTQ) emv.CryptogramType {
	r := &m.app.Risk
	inCurrency := slices.Equal(m.tx.values.Value(emv.TagTransactionCurrency), bcd(int(m.app.Currency), 2))
	switch {
	case m.app.state.Blocked || m.blocked || r.AlwaysDecline:
		return emv.AAC
	case !ttq.Has(emv.TTQOnlineCryptogram) && !r.AlwaysOnline && m.app.rsa != nil && m.app.Tap.Offline > 0 && inCurrency &&
		m.amount() <= m.app.Tap.Offline && !m.velocity():
		return emv.TC
	case ttq.Has(emv.TTQOfflineOnly):
		return emv.AAC
	}
	return emv.ARQC
}

// tapAnswer makes the objects of the answer. Those are what recorded cards give, and the
// CID that they may leave to 9F10. A signature where it goes online is for readers that
// ask for one (TTQ byte 1 bit 1 is Book C-3's; qPBOC reserves it). Cards of PBOC 3.0 add their product (9F63) where they do
// not approve.
func (m *machine) tapAnswer(ttq emv.TTQ, ctq emv.CTQ) (emv.List, error) {
	a, t := m.app, &m.tx
	results := m.results() // in qPBOC less of it is used
	results = cvr{0x03, 0x80 | results[1]&0x30, results[2] & 0x70, 0}
	atc, iad := binary.BigEndian.AppendUint16(nil, a.state.ATC), a.issuerData(results)
	own := emv.List{emv.New(emv.TagAIP, a.AIP[:]), emv.New(emv.TagATC, atc), emv.New(emv.TagIAD, iad)}
	ac, err := a.Scheme.Cryptogram(a.keys, append(own, t.values...))
	if err != nil {
		return nil, err
	}
	t.cryptogram = ac
	l := emv.List{own[0]}
	if t.first == emv.TC || t.first == emv.ARQC && ttq.Has(emv.TTQODAOnline) && a.rsa != nil {
		l.Add(emv.TagAFL, a.tapAFL().Bytes())
		l, err = m.signTap(l, ctq)
	}
	l = append(l, own[1], emv.New(emv.TagCryptogram, ac), emv.New(emv.TagCID, []byte{byte(t.first)}), own[2],
		emv.New(emv.TagTrack2Equivalent, a.track2()))
	if a.Holder.Sequence != "" {
		l.Add(emv.TagPANSequence, packed(a.Holder.Sequence))
	}
	l.Add(emv.TagCTQ, ctq[:])
	if v, found := a.Extra.Get(emv.TagCardProduct); found && len(t.related) == 0 { // beside a signature there is no room
		l.Add(emv.TagCardProduct, v)
	}
	return l, err
}

// tapAFL leaves out the file with track 2, which the answer has, and ends with the record
// that belongs to this tap.
func (a *application) tapAFL() emv.AFL {
	return append(slices.Clone(a.afl[1:]), emv.AFLEntry{SFI: sfiTap, First: 1, Last: 1})
}

// signTap adds fDDA's signature over the reader's unpredictable number, amount and
// currency and the card's own data (Book C-3 Annex C, JR/T 0025.12 Annex B): version 01,
// its unpredictable number, CTQ, and 00 to the eight bytes of PBOC 3.0.
func (m *machine) signTap(l emv.List, ctq emv.CTQ) (emv.List, error) {
	t := &m.tx
	t.related = slices.Concat([]byte{0x01}, m.random(4), ctq[:], []byte{0})
	v := t.values
	terminal := slices.Concat(v.Value(emv.TagUnpredictableNumber), v.Value(emv.TagAmountAuthorised), v.Value(emv.TagTransactionCurrency), t.related)
	atc := binary.BigEndian.AppendUint16(nil, m.app.state.ATC)
	signature, err := m.app.rsa.RSA.SignFast(atc, terminal, t.first == emv.ARQC)
	if err != nil {
		return nil, err
	}
	l.Add(emv.TagSDAD, signature)
	return l, nil
}

// tapRecord is the last record of a tap, with what the card put into its signature. A
// card that approved has paid once it was read, and not if it was torn away before (from
// memory of JR/T 0025.12).
func (m *machine) tapRecord() response {
	t := &m.tx
	if t.first == emv.TC && !t.booked {
		t.booked = true
		m.bookOffline(t.values)
	}
	return ok(emv.Template(emv.TagRecordTemplate, emv.New(emv.TagCardAuthenticationData, t.related)).Bytes())
}
