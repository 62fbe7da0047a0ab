package hsm

import (
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// PIN is a personal identification number of 4 to 12 digits (ISO 9564-1, 8.1). The
// zero value is no PIN. It prints as asterisks, four of them whatever its length;
// Reveal is the one way out.
type PIN struct{ digits *secret }

// ParsePIN takes 4 to 12 digits. The error never shows what was entered.
func ParsePIN(s string) (PIN, error) {
	switch {
	case s == "":
		return PIN{}, errors.New("PIN: nothing there; want 4 to 12 digits")
	case strings.IndexFunc(s, notDigit) >= 0:
		return PIN{}, errors.New("PIN: not digits only; want 4 to 12 digits (ISO 9564-1)")
	case len(s) < 4 || len(s) > 12:
		return PIN{}, fmt.Errorf("PIN: %d digits; want 4 to 12 (ISO 9564-1)", len(s))
	}
	return PIN{conceal([]byte(s))}, nil
}

// Zero reports whether there is no PIN.
func (p PIN) Zero() bool { return p.digits == nil }

// Len returns the number of digits.
func (p PIN) Len() int { return len(p.digits.bytes()) }

// Equal reports whether two PINs are the same, in constant time for PINs of one length.
func (p PIN) Equal(o PIN) bool { return p.digits.equal(o.digits) }

// Reveal returns the digits in clear.
func (p PIN) Reveal() string { return string(p.digits.bytes()) }

// String returns four asterisks, or "" for no PIN.
func (p PIN) String() string {
	if p.Zero() {
		return ""
	}
	return "****"
}

// Format implements fmt.Formatter so that no verb shows the digits.
func (p PIN) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, p.String()) }

// MarshalText implements encoding.TextMarshaler.
func (p PIN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalYAML implements yaml.Marshaler.
func (p PIN) MarshalYAML() (any, error) { return p.String(), nil }

func notDigit(r rune) bool { return r < '0' || r > '9' }
