package hsm

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
	"possim/reader/mac"
)

// Service codes that stand in for the card's when a value is computed for another
// place than the stripe.
const (
	ForICVV card.ServiceCode = "999" // in the chip's track 2 equivalent data
	ForCVV2 card.ServiceCode = "000" // printed on the card
)

// CVV computes a card verification value (Visa CVV, Mastercard CVC, UnionPay CVN):
// three digits, from the double-length CVK pair, the PAN, the expiry as four digits
// in the issuer's order (YYMM on a stripe) and the service code.
//
// The result proves knowledge of the card: it belongs on a track or a card, never
// into a log.
func CVV(cvk Key, pan card.PAN, expiry string, code card.ServiceCode) (string, error) {
	if err := cvk.need("CVV: CVK", TDES, 16); err != nil {
		return "", err
	}
	if err := panUsable(pan); err != nil {
		return "", errors.New("CVV: the card number is not 1 to 19 digits")
	}
	if len(expiry) != 4 || strings.IndexFunc(expiry, notDigit) >= 0 || !code.Valid() {
		return "", errors.New("CVV: want an expiry of four digits and a service code of three")
	}
	digits := pan.Reveal() + expiry + string(code)
	nibbles := make([]byte, 0, 32)
	for i := range digits {
		nibbles = append(nibbles, digits[i]-'0')
	}
	data := pack(fill(nibbles, 32, 0))
	// The chain is single DES under the left half, its end triple DES: the retail MAC.
	return decimalize(mac.Retail(cvk.cipher().(*mac.TDES), data, mac.Zeros), 3), nil
}

// VerifyCVV reports whether got is the card's value, in constant time.
func VerifyCVV(cvk Key, pan card.PAN, expiry string, code card.ServiceCode, got string) (bool, error) {
	want, err := CVV(cvk, pan, expiry, code)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1, nil
}

// decimalize takes the first n digits of a block's hex digits and, when they do not
// suffice, its letters from the left as 0 to 5.
func decimalize(b []byte, n int) string {
	text := fmt.Sprintf("%X", b)
	var digits, letters []byte
	for i := range text {
		if text[i] <= '9' {
			digits = append(digits, text[i])
		} else {
			letters = append(letters, text[i]-'A'+'0')
		}
	}
	return string(append(digits, letters...)[:n])
}
