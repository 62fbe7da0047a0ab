package registry

import (
	"fmt"
	"io"
)

// Digits are a value that only the issuer and the card may know (CVN, PVV). It
// prints as asterisks, three of them whatever its length.
type Digits string

// String returns the asterisks, or "" for none.
func (d Digits) String() string {
	if d == "" {
		return ""
	}
	return "***"
}

// Format implements fmt.Formatter so that no verb shows the digits.
func (d Digits) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, d.String()) }

// MarshalText implements encoding.TextMarshaler, for JSON and YAML.
func (d Digits) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
