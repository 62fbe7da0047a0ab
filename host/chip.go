package host

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"possim/host/wire"
	"possim/reader/emv"
)

// chipCheck is what came of the cryptogram in field 55.
type chipCheck struct {
	objects emv.List // field 55
	scheme  emv.Scheme
	keys    emv.Keys // the card's, for its cryptograms alone
	atc     int64
	right   bool // the cryptogram is the card's, of this transaction
	fresh   bool // and no other request has carried its ATC
	counts  bool // the rule "atc" let it pass: the book is asked once more
}

// chipEntry reports whether field 22 says that a chip was read: by contact (05, and 95
// where its data is in doubt), or without (07, and 96 and 98 of phones and PBOC). 91 is
// a stripe that a chip tells of.
func (d *deal) chipEntry() bool {
	if len(d.EntryMode) < 2 {
		return false
	}
	switch d.EntryMode[:2] {
	case "05", "07", "95", "96", "98":
		return true
	}
	return false
}

// carriesCryptogram reports whether the request should hold one of this card's: it says
// that the chip was read, or has it.
func (d *deal) carriesCryptogram() bool {
	return d.card.HasChip() && (d.chipEntry() || d.kind == offline || d.chip.objects.Has(emv.TagCryptogram))
}

// cryptogramRight verifies the cryptogram of a card whose entry has its issuer's keys
// (RULES: security defaults), from field 55's own values.
//
// What is not there is a format error, 30. What is there and wrong is 05, as UnionPay's
// switch answers a CVN that fails: its table has no code for a cryptogram.
func (d *deal) cryptogramRight() bool {
	switch {
	case d.carriesCryptogram():
		if d.code, d.note = d.authenticate(); d.note != "" {
			return false
		}
		if d.kind == offline {
			d.note = "the chip's certificate is right: posted whatever the limits"
		}
	case d.kind == offline && !d.chip.objects.Has(emv.TagCryptogram):
		d.code, d.note = wire.FormatError, "an offline sale without the chip's certificate (9F26) in field 55"
		return false
	case d.kind == offline:
		d.note = "the host has no keys of this card: its certificate was not verified"
	}
	return true
}

// authenticate says what is wrong with the cryptogram, and with what code.
func (d *deal) authenticate() (wire.Code, string) {
	c := &d.chip
	if len(c.objects) == 0 {
		return wire.FormatError, "field 22 says that a chip was read, and there is no field 55"
	}
	if ac, atc := c.objects.Value(emv.TagCryptogram), c.objects.Value(emv.TagATC); len(ac) != 8 || len(atc) != 2 {
		return wire.FormatError, "field 55 holds no cryptogram of 8 bytes (9F26) and counter of 2 (9F36)"
	}
	if problem := d.contradiction(); problem != "" {
		return doNotHonour, problem
	}
	if problem := d.findScheme(); problem != "" {
		return doNotHonour, problem
	}
	var err error
	if c.keys, err = d.cardKeys(emv.Keys{AC: d.card.Issuer.AC}); err == nil {
		err = c.scheme.Verify(c.keys, c.objects)
	}
	switch {
	case errors.Is(err, emv.ErrCryptogram):
		return doNotHonour, "the cryptogram is not what the card's key makes of field 55"
	case err != nil:
		return wire.FormatError, "field 55: " + err.Error()
	}
	atc := c.objects.Value(emv.TagATC)
	c.atc, c.right = int64(atc[0])<<8|int64(atc[1]), true
	return "", ""
}

// findScheme takes the scheme from AID and 9F10, and looks whether the card's results
// there, which are under the cryptogram, are those of the right kind of one.
func (d *deal) findScheme() (problem string) {
	c := &d.chip
	iad, err := emv.ParseIAD(c.objects.Value(emv.TagIAD))
	if err != nil {
		return err.Error()
	}
	if kind, ok := iad.Cryptogram(); ok && kind != d.wantedCryptogram() {
		return fmt.Sprintf("the card's results in 9F10 are those of a %s, want %s", kind, d.wantedCryptogram())
	}
	aid := c.objects.Value(emv.TagDFName)
	if len(aid) == 0 {
		aid = c.objects.Value(emv.TagAID)
	}
	if c.scheme, err = emv.SchemeOf(aid, c.objects.Value(emv.TagIAD)); err != nil {
		return err.Error()
	}
	return ""
}

// cardKeys derives the card's keys from its issuer's.
func (d *deal) cardKeys(issuer emv.Keys) (emv.Keys, error) {
	return d.chip.scheme.CardKeys(issuer, d.pan, d.cardSequence())
}

// cardSequence is the PAN sequence number, two digits, of field 23 or of 5F34.
func (d *deal) cardSequence() string {
	if s := d.CardSequence; len(s) == 3 {
		return s[1:]
	}
	return hexOf(d.chip.objects, emv.TagPANSequence)
}

// wantedCryptogram is what a card gives for this kind of message: an ARQC asks its
// issuer, a TC tells him. What a batch upload carries says itself what it is.
func (d *deal) wantedCryptogram() emv.CryptogramType {
	switch cid := d.chip.objects.Value(emv.TagCID); {
	case d.kind == offline:
		return emv.TC
	case d.kind == upload && len(cid) == 1:
		return emv.CID(cid[0]).Type()
	}
	return emv.ARQC
}

// contradiction says where field 55 tells of another transaction than the message.
func (d *deal) contradiction() string {
	l := d.chip.objects
	currency := d.Currency
	if currency == "" {
		currency = d.h.currency()
	}
	for _, c := range []struct {
		tag   emv.Tag
		want  string
		field string
	}{
		{emv.TagAmountAuthorised, d.amountDigits(), "field 4"},
		{emv.TagTransactionCurrency, "0" + string(currency), "the currency"},
		{emv.TagPANSequence, strings.TrimPrefix(d.CardSequence, "0"), "field 23"},
	} {
		if l.Has(c.tag) && c.want != "" && hexOf(l, c.tag) != c.want {
			return fmt.Sprintf("field 55 has another %s (%s) than %s", c.tag.Name(), c.tag, c.field)
		}
	}
	if cid := l.Value(emv.TagCID); len(cid) == 1 && emv.CID(cid[0]).Type() != d.wantedCryptogram() {
		return fmt.Sprintf("field 55 carries a %s (9F27), want %s", emv.CID(cid[0]).Type(), d.wantedCryptogram())
	}
	if date := hexOf(l, emv.TagTransactionDate); d.Date != "" && len(date) == 6 && date[2:] != d.Date {
		return "field 55 has another date (9A) than field 13"
	}
	if kind := hexOf(l, emv.TagTransactionType); kind != "" && !d.isOfType(kind) {
		return "field 55 has another type of transaction (9C) than field 3"
	}
	return d.otherCard()
}

// amountDigits is field 4, "" where the message may leave it out and does.
func (d *deal) amountDigits() string {
	if d.kind&moves == 0 && !d.Present(4) {
		return ""
	}
	return fmt.Sprintf("%012d", d.Amount)
}

// isOfType compares 9C with the first two digits of field 3. A pre-authorisation may
// call itself a purchase: to the card it is one.
func (d *deal) isOfType(kind string) bool {
	return d.ProcessingCode == "" || strings.HasPrefix(d.ProcessingCode, kind) || d.kind == preAuth && kind == "00"
}

// otherCard looks at the number, where field 55 carries it.
func (d *deal) otherCard() string {
	pan := d.pan.Reveal()
	if five := trimmedPAN(d.chip.objects); five != "" && five != pan {
		return "field 55 carries another card (5A)"
	}
	track := hexOf(d.chip.objects, emv.TagTrack2Equivalent)
	if number, _, _ := strings.Cut(track, "D"); track != "" && number != pan {
		return "field 55 carries another card (57)"
	}
	return ""
}

// trimmedPAN is 5A without what fills its last byte.
func trimmedPAN(l emv.List) string { return strings.TrimRight(hexOf(l, emv.TagPAN), "F") }

// hexOf is the value of an object as hexadecimal, which for a numeric one is its digits.
func hexOf(l emv.List, t emv.Tag) string { return strings.ToUpper(hex.EncodeToString(l.Value(t))) }
