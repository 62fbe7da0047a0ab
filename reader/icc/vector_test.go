package icc

import (
	"encoding/hex"
	"testing"

	"possim/reader/emv"
)

// The card, given the issuer's key and the transaction of a worked example of PBOC that
// several public pages carry, answers that example's ARQC, and takes its ARPC. The CVR
// of the example, 03A04002, comes from what was done to the card: PIN try limit
// exceeded, DDA performed.
func TestPublishedCryptogram(t *testing.T) {
	p := profile(t, "unionpay-debit")
	a := &p.Applications[0]
	k := *a.Issuer
	k.Master = emv.Keys{AC: must[emv.Key](t)(emv.ParseKey("F0C34A8124CEE0A91A0B034AA97D6EAC"))}
	a.Issuer, a.KeyIndex = &k, 0
	a.Holder.PAN, a.Holder.Sequence = "6228000100001", "01"
	r := insert(t, p, State{Apps: []AppState{{ATC: 0x023F, LastOnline: 0x0200}}})
	r.open()
	r.want(swOK, 0, 0x88, 0, 0, []byte{1, 2, 3, 4})
	data := a.CDOL1.Build(emv.List{emv.New(emv.TagAmountAuthorised, unhex(t, "000000000001")), emv.New(emv.TagTerminalCountry, unhex(t, "0156")),
		emv.New(emv.TagTVR, unhex(t, "0080046000")), emv.New(emv.TagTransactionCurrency, unhex(t, "0156")),
		emv.New(emv.TagTransactionDate, unhex(t, "140701")), emv.New(emv.TagUnpredictableNumber, unhex(t, "1E78EEBC"))})
	answer := r.want(swOK, 0x80, 0xAE, 0x80, 0, data)
	if got := hex.EncodeToString(answer); got != "8013"+"80"+"0240"+"5d016c91005e7cc2"+"07000103a0400201" {
		t.Error(got)
	}
	r.want(swOK, 0, 0x82, 0, 0, unhex(t, "21415243527CE78F3031"))
}
