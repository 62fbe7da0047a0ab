package emv

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// Authority is a certification authority of our own, for test cards: those of the
// payment systems keep their private keys.
type Authority struct {
	RID   RID
	Index byte
	Key   PrivateKey
}

// CAPK returns the public key, as a terminal has to hold it.
func (a Authority) CAPK() CAPK {
	return CAPK{RID: a.RID, Index: a.Index, PublicKey: a.Key.Public(), Test: true}
}

// Certify makes an issuer's certificate (EMV Book 2, 5.1 and 6.1). issuer is the
// leftmost three to eight digits of its cards' numbers.
func (a Authority) Certify(k PublicKey, issuer string, expires card.Expiry, serial [3]byte) (Certificate, error) {
	if len(issuer) < 3 || len(issuer) > 8 || !isDigits(issuer) {
		return Certificate{}, fmt.Errorf("issuer public key certificate: an issuer of %d characters; want the first 3 to 8 digits of its cards", len(issuer))
	}
	head := append([]byte{formatIssuer}, packLeft(issuer, 4)...)
	return a.Key.certify("issuer public key certificate (90)", head, k, expires, serial, nil)
}

// CertifyICC makes a card's certificate: k is the issuer's key, static the card's static
// data to be authenticated, nil for a key to encipher PINs with (Book 2, 6.1 and 7.1).
func (k PrivateKey) CertifyICC(icc PublicKey, pan card.PAN, expires card.Expiry, serial [3]byte, static []byte) (Certificate, error) {
	if !pan.Valid() {
		return Certificate{}, errors.New("ICC public key certificate: the card number is none; want 8 to 19 digits")
	}
	head := append([]byte{formatICC}, packLeft(pan.Reveal(), 10)...)
	return k.certify("ICC public key certificate (9F46)", head, icc, expires, serial, static)
}

// certify signs a key behind a head of format and holder.
func (k PrivateKey) certify(what string, head []byte, pub PublicKey, expires card.Expiry, serial [3]byte, static []byte) (Certificate, error) {
	if _, _, err := pub.numbers(); err != nil {
		return Certificate{}, fmt.Errorf("%s: %w", what, err)
	}
	if !expires.Valid() {
		return Certificate{}, fmt.Errorf("%s: it needs a month of expiry", what)
	}
	yymm := expires.YYMM()
	body := append(head, packLeft(yymm[2:]+yymm[:2], 2)...)
	body = append(append(body, serial[:]...), hashSHA1, algRSA, byte(pub.Size()), byte(len(pub.Exponent)))
	room := k.Public().Size() - sigFrame - len(body)
	if room < 0 {
		return Certificate{}, fmt.Errorf("%s: the key that signs is too short", what)
	}
	part := min(room, pub.Size())
	c := Certificate{Exponent: pub.Exponent, Remainder: pub.Modulus[part:]}
	var err error
	c.Data, err = k.sign(what, append(body, pub.Modulus[:part]...), c.Remainder, c.Exponent, static)
	return c, err
}

// packLeft packs digits two a byte into size bytes, filled with Fs (cn).
func packLeft(digits string, size int) []byte {
	b, _ := hex.DecodeString(digits + strings.Repeat("F", max(0, 2*size-len(digits))))
	return b
}

// IssuerObjects returns 90, 9F32 and, where there is one, 92.
func (c Certificate) IssuerObjects() List {
	return c.objects(TagIssuerCertificate, TagIssuerRemainder, TagIssuerExponent)
}

// ICCObjects returns 9F46, 9F47 and, where there is one, 9F48.
func (c Certificate) ICCObjects() List {
	return c.objects(TagICCCertificate, TagICCRemainder, TagICCExponent)
}

// PINObjects returns 9F2D, 9F2E and, where there is one, 9F2F.
func (c Certificate) PINObjects() List {
	return c.objects(TagPINKeyCertificate, TagPINKeyRemainder, TagPINKeyExponent)
}

func (c Certificate) objects(data, remainder, exponent Tag) List {
	l := List{New(data, c.Data), New(exponent, c.Exponent)}
	if len(c.Remainder) > 0 {
		l.Add(remainder, c.Remainder)
	}
	return l
}
