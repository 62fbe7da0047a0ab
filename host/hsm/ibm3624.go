package hsm

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// IBM3624 is IBM's PIN method: the PIN's digits are those of the enciphered PAN
// ("natural PIN"), each with an offset digit added modulo 10.
type IBM3624 struct {
	PVK   Key    // PIN verification key, TDES of any length
	Table string // sixteen digits: what the hex digits 0 to F become; "" for 0123456789012345
	From  int    // the first digit of the PAN that is validation data
	Len   int    // how many are, 1 to 16; 0 for all from From on, at most 16
	Pad   byte   // hex digit after them, to sixteen; 0 for 'F'
}

// Offset computes the digits that make pin out of the natural PIN.
func (m IBM3624) Offset(pin PIN, pan card.PAN) (string, error) {
	if pin.Zero() {
		return "", errors.New("IBM 3624: there is no PIN")
	}
	natural, err := m.natural(pan)
	if err != nil {
		return "", err
	}
	out := []byte(pin.Reveal())
	for i := range out {
		out[i] = '0' + (out[i]-'0'+10-natural[i])%10
	}
	return string(out), nil
}

// PIN computes the PIN of an offset, which has as many digits.
func (m IBM3624) PIN(offset string, pan card.PAN) (PIN, error) {
	if _, err := ParsePIN(offset); err != nil {
		return PIN{}, errors.New("IBM 3624: the offset is not 4 to 12 digits")
	}
	natural, err := m.natural(pan)
	if err != nil {
		return PIN{}, err
	}
	out := []byte(offset)
	for i := range out {
		out[i] = '0' + (out[i]-'0'+natural[i])%10
	}
	return ParsePIN(string(out))
}

// Verify reports whether pin belongs to the offset, in constant time.
func (m IBM3624) Verify(pin PIN, pan card.PAN, offset string) (bool, error) {
	want, err := m.Offset(pin, pan)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare([]byte(want), []byte(offset)) == 1, nil
}

// natural returns sixteen decimal digits of the enciphered validation data.
func (m IBM3624) natural(pan card.PAN) ([]byte, error) {
	if err := m.PVK.need("IBM 3624: PVK", TDES); err != nil {
		return nil, err
	}
	if m.Table == "" {
		m.Table = "0123456789012345"
	}
	if m.Pad == 0 {
		m.Pad = 'F'
	}
	if len(m.Table) != 16 || strings.IndexFunc(m.Table, notDigit) >= 0 || notHex(rune(m.Pad)) {
		return nil, errors.New("IBM 3624: want a table of sixteen digits and a hex digit to pad with")
	}
	if err := panUsable(pan); err != nil || m.From < 0 || m.Len < 0 || m.Len > 16 || m.From+max(m.Len, 1) > len(pan) {
		return nil, fmt.Errorf("IBM 3624: the card number has no digits %d to %d", m.From+1, m.From+m.Len)
	}
	s := pan.Reveal()[m.From:]
	if m.Len == 0 {
		m.Len = min(len(s), 16)
	}
	nibbles := make([]byte, 0, 16)
	for i := range m.Len {
		nibbles = append(nibbles, s[i]-'0')
	}
	pad := unhexDigit(strings.ToUpper(string(rune(m.Pad)))[0])
	digits := unpack(encryptECB(m.PVK.cipher(), pack(fill(nibbles, 16, pad))))
	for i, d := range digits {
		digits[i] = m.Table[d] - '0'
	}
	return digits, nil
}
