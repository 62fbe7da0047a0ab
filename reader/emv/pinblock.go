package emv

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// errPIN never shows what was given.
var errPIN = errors.New("PIN: want 4 to 12 digits")

// PINBlock2 is ISO 9564 format 2, the block of offline PIN verification and of most
// PIN changes: 2, the length, the PIN and Fs (EMV Book 3, 6.5.12.2).
func PINBlock2(pin string) ([]byte, error) { return pinBlock(0x20, pin) }

func pinBlock(control byte, pin string) ([]byte, error) {
	if len(pin) < 4 || len(pin) > 12 || !isDigits(pin) {
		return nil, errPIN
	}
	b, _ := hex.DecodeString(pin + strings.Repeat("F", 14-len(pin)))
	return append([]byte{control | byte(len(pin))}, b...), nil
}

// OpenPINBlock2 returns the PIN in a format 2 block. Its error shows nothing of it.
func OpenPINBlock2(block []byte) (string, error) {
	bad := errors.New("PIN block: not ISO 9564 format 2")
	if len(block) != 8 || block[0]>>4 != 2 {
		return "", bad
	}
	n, digits := int(block[0]&0x0F), hexText(block[1:])
	if n < 4 || n > 12 || strings.Trim(digits[n:], "F") != "" || !isDigits(digits[:n]) {
		return "", bad
	}
	return digits[:n], nil
}

// PINBlockVisa is the block of Visa's PIN change: length, PIN and Fs, XORed with the
// bytes five to eight of the card's cryptogram key and, where current is not "", with
// the PIN the card has now (VIS 1.5 Appendix C).
func PINBlockVisa(cardKey Key, pin, current string) ([]byte, error) {
	if cardKey.Zero() {
		return nil, errNoKey
	}
	b, err := pinBlock(0, pin)
	if err != nil {
		return nil, err
	}
	subtle.XORBytes(b[4:], b[4:], cardKey.Reveal()[4:8])
	if current == "" {
		return b, nil
	}
	if len(current) < 4 || len(current) > 12 || !isDigits(current) {
		return nil, fmt.Errorf("current %w", errPIN)
	}
	now, _ := hex.DecodeString(current + strings.Repeat("0", 16-len(current)))
	subtle.XORBytes(b, b, now)
	return b, nil
}

// OpenPINBlockVisa is the card's side of PINBlockVisa: the new PIN.
func OpenPINBlockVisa(cardKey Key, block []byte, current string) (string, error) {
	if cardKey.Zero() {
		return "", errNoKey
	}
	if len(block) != 8 || len(current) > 12 || !isDigits(current) {
		return "", errors.New("PIN block: not one of Visa's PIN change")
	}
	b := append([]byte(nil), block...)
	now, _ := hex.DecodeString(current + strings.Repeat("0", 16-len(current)))
	subtle.XORBytes(b, b, now)
	subtle.XORBytes(b[4:], b[4:], cardKey.Reveal()[4:8])
	b[0] ^= 0x20 // control nibble 0 becomes 2
	return OpenPINBlock2(b)
}
