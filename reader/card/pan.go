package card

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// PAN is a primary account number, digits only (ISO/IEC 7812-1: at most 19).
//
// It prints masked wherever a value can be printed: every fmt verb, JSON, YAML,
// text encodings and zerolog show the first six and the last four digits
// ("622202******0015"). Reveal is the one way out.
type PAN string

// Reveal returns the digits in clear. A caller that writes them anywhere but a
// card, a track or the wire has a bug.
func (p PAN) Reveal() string { return string(p) }

// String returns the masked form.
func (p PAN) String() string { return Mask(string(p)) }

// Format implements fmt.Formatter so that no verb, %x and %#v included, shows the digits.
func (p PAN) Format(f fmt.State, verb rune) { formatMasked(f, verb, p.String()) }

// MarshalText implements encoding.TextMarshaler: JSON and YAML get the masked form.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalYAML implements yaml.Marshaler, which does not ask for MarshalText on strings.
func (p PAN) MarshalYAML() (any, error) { return p.String(), nil }

// MarshalZerologObject implements zerolog.LogObjectMarshaler for Object and EmbedObject.
func (p PAN) MarshalZerologObject(e *zerolog.Event) { e.Str("pan", p.String()) }

// Mask shows the first six and the last four characters of a number of at least
// thirteen, and hides all of anything shorter, so that a short or damaged number
// never shows more than it hides (PCI DSS 3.4.1 shows at most BIN and last four).
func Mask(digits string) string {
	n := len(digits)
	if n < 13 {
		return strings.Repeat("*", n)
	}
	return digits[:6] + strings.Repeat("*", n-10) + digits[n-4:]
}

// formatMasked prints the masked text under any verb; %q quotes it.
func formatMasked(f fmt.State, verb rune, masked string) {
	if verb == 'q' {
		masked = `"` + masked + `"`
	}
	fmt.Fprint(f, masked)
}
