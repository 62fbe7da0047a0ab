package emv

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// errNoKey is what every computation answers that is handed the zero Key.
var errNoKey = errors.New("EMV key: there is no key; the issuer's keys of the card are needed")

// MasterKeyA derives a card's master key from its issuer's by option A: the rightmost
// 16 digits of number and sequence number, and their complement, enciphered (EMV
// Book 2 A1.4.1). The sequence number is two digits, "" for 00. The key has odd parity.
func MasterKeyA(issuer Key, pan card.PAN, sequence string) (Key, error) {
	digits, err := cardDigits(issuer, pan, sequence)
	if err != nil {
		return Key{}, err
	}
	digits = strings.Repeat("0", 16) + digits
	return diversify(issuer, digits[len(digits)-16:]), nil
}

// MasterKeyB derives a card's master key by option B: as option A for a number of at
// most 16 digits; for a longer one from the first 16 digits of the SHA-1 of number and
// sequence number, its letters made digits where there are too few (Book 2 A1.4.2).
func MasterKeyB(issuer Key, pan card.PAN, sequence string) (Key, error) {
	if len(pan) <= 16 {
		return MasterKeyA(issuer, pan, sequence)
	}
	digits, err := cardDigits(issuer, pan, sequence)
	if err != nil {
		return Key{}, err
	}
	if len(digits)%2 != 0 {
		digits = "0" + digits
	}
	packed, _ := hex.DecodeString(digits)
	sum := sha1.Sum(packed)
	return diversify(issuer, decimalise(hex.EncodeToString(sum[:]))), nil
}

// cardDigits returns number and sequence number, or what is wrong with them.
func cardDigits(issuer Key, pan card.PAN, sequence string) (string, error) {
	if issuer.Zero() {
		return "", errNoKey
	}
	if sequence == "" {
		sequence = "00"
	}
	if len(sequence) != 2 || !isDigits(sequence) {
		return "", errors.New("PAN sequence number: want two digits, as 5F34 has them")
	}
	if !pan.Valid() {
		return "", fmt.Errorf("master key: the card number has %d characters; want 8 to 19 digits", len(pan))
	}
	return pan.Reveal() + sequence, nil
}

// isDigits reports whether s is decimal digits alone.
func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// decimalise takes 16 digits of a hash in hex: its digits first, then a to f as 0 to
// 5 (Book 2 A1.4.2).
func decimalise(hash string) string {
	var digits, letters strings.Builder
	for _, c := range hash {
		if c <= '9' {
			digits.WriteRune(c)
		} else {
			letters.WriteRune(c - 'a' + '0')
		}
	}
	return (digits.String() + letters.String())[:16]
}

// diversify enciphers 16 digits and their complement.
func diversify(issuer Key, digits string) Key {
	y, _ := hex.DecodeString(digits)
	block := append(make([]byte, 0, 16), y...)
	for _, b := range y {
		block = append(block, ^b)
	}
	return made(issuer.encrypt(block)).OddParity()
}
