package hsm

import (
	"crypto/subtle"
	"errors"

	"possim/reader/card"
)

// PVV computes Visa's PIN verification value: four digits, from the double-length
// PVK pair, its index of one digit, the first four digits of the PIN and the eleven
// rightmost of the PAN without its check digit.
func PVV(pvk Key, index int, pin PIN, pan card.PAN) (string, error) {
	if err := pvk.need("PVV: PVK", TDES, 16); err != nil {
		return "", err
	}
	if pin.Zero() {
		return "", errors.New("PVV: there is no PIN")
	}
	if err := panUsable(pan); err != nil || len(pan) < 12 {
		return "", errors.New("PVV: the card number is not 12 to 19 digits")
	}
	if index < 0 || index > 9 {
		return "", errors.New("PVV: the key index is not one digit")
	}
	s := pan.Reveal()
	tsp := s[len(s)-12:len(s)-1] + string(rune('0'+index)) + pin.Reveal()[:4]
	nibbles := make([]byte, 0, 16)
	for i := range tsp {
		nibbles = append(nibbles, tsp[i]-'0')
	}
	return decimalize(encryptECB(pvk.cipher(), pack(nibbles)), 4), nil
}

// VerifyPVV reports whether a PIN has this verification value, in constant time.
func VerifyPVV(pvk Key, index int, pin PIN, pan card.PAN, got string) (bool, error) {
	want, err := PVV(pvk, index, pin, pan)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1, nil
}
