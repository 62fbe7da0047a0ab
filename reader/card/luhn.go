package card

import (
	"errors"
	"strings"
)

// LuhnValid reports whether the last digit is the check digit of the rest
// (ISO/IEC 7812-1, annex B). It advises a person who types a number; it never
// gates a read, since real cards exist that fail it.
func (p PAN) LuhnValid() bool {
	n := len(p)
	if n < 2 {
		return false
	}
	d, err := CheckDigit(string(p[:n-1]))
	return err == nil && d == p[n-1]
}

// CheckDigit returns the Luhn digit ('0' to '9') that completes payload, the
// number without its check digit (ISO/IEC 7812-1, annex B).
func CheckDigit(payload string) (byte, error) {
	if payload == "" || strings.IndexFunc(payload, notDigit) >= 0 {
		return 0, errors.New("check digit: want a number of digits only")
	}
	sum := 0
	for i := range len(payload) {
		d := int(payload[len(payload)-1-i] - '0')
		if i%2 == 0 { // every second digit, from the one beside the check digit
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10), nil
}
