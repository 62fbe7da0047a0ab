package icc

import (
	"fmt"

	"possim/reader/card"
)

// Secret is a PIN or a cardholder's name. It prints as asterisks, whatever prints it;
// Reveal is the one way out.
type Secret string

// Reveal returns the text in clear.
func (s Secret) Reveal() string { return string(s) }

// String returns asterisks, however long the text is.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "****"
}

// Format implements fmt.Formatter so that no verb shows the text.
func (s Secret) Format(f fmt.State, verb rune) { card.FormatMasked(f, verb, s.String()) }

// MarshalText implements encoding.TextMarshaler; it hides the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML implements yaml.Marshaler; it hides the text.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
