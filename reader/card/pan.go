package card

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
)

// PAN is a primary account number, digits only (ISO/IEC 7812-1: at most 19).
//
// It prints masked wherever a value can be printed: every fmt verb, JSON, YAML,
// text encodings and zerolog show the first six and the last four digits
// ("622202******0015"). Reveal is the one way out.
type PAN string

// The shortest and the longest PAN a person may enter or a message may carry: six
// digits of issuer, one of account and the check digit, up to 19 in all (ISO/IEC
// 7812-1). Tracks are laxer: ParseTrack1 to 3 take one to 19 digits.
const (
	MinPAN = 8
	MaxPAN = 19
)

// ParsePAN takes a number from a file, a keyboard or a message. It wants MinPAN to
// MaxPAN digits and nothing else, and its errors never show them. Luhn is not
// asked for: real cards exist that fail it (see PAN.LuhnValid).
func ParsePAN(s string) (PAN, error) {
	if s == "" {
		return "", errors.New("card number: nothing there; want 8 to 19 digits")
	}
	if i := strings.IndexFunc(s, notDigit); i >= 0 {
		return "", fmt.Errorf("card number: character %d is not a digit; want 8 to 19 digits without spaces", i+1)
	}
	if n := len(s); n < MinPAN || n > MaxPAN {
		return "", fmt.Errorf("card number: %d digits; want 8 to 19 (ISO/IEC 7812-1)", n)
	}
	return PAN(s), nil
}

// Valid reports whether p has the length and alphabet of a PAN.
func (p PAN) Valid() bool {
	_, err := ParsePAN(string(p))
	return err == nil
}

// Reveal returns the digits in clear. A caller that writes them anywhere but a
// card, a track or the wire has a bug.
func (p PAN) Reveal() string { return string(p) }

// RevealTest returns the digits of a public test number (IsTest) in clear and any
// other masked: what --unsafe may show.
func (p PAN) RevealTest() string {
	if IsTest(p) {
		return string(p)
	}
	return p.String()
}

// String returns the masked form.
func (p PAN) String() string { return Mask(string(p)) }

// Format implements fmt.Formatter so that no verb, %x and %#v included, shows the digits.
func (p PAN) Format(f fmt.State, verb rune) { FormatMasked(f, verb, p.String()) }

// MarshalText implements encoding.TextMarshaler: JSON and YAML get the masked form.
func (p PAN) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalYAML implements yaml.Marshaler, which does not ask for MarshalText on strings.
func (p PAN) MarshalYAML() (any, error) { return p.String(), nil }

// MarshalZerologObject implements zerolog.LogObjectMarshaler for Object and EmbedObject.
func (p PAN) MarshalZerologObject(e *zerolog.Event) { e.Str("pan", p.String()) }

// Mask shows the first six and the last four digits of a number of at least
// thirteen, and hides all of anything shorter or with a character that is not a
// digit, so that a short or damaged number never shows more than it hides (PCI
// DSS 3.4.1 shows at most BIN and last four).
func Mask(digits string) string {
	n := len(digits)
	if n < 13 || strings.IndexFunc(digits, notDigit) >= 0 {
		return strings.Repeat("*", n)
	}
	if n > MaxPAN {
		return digits[:6] + strings.Repeat("*", n-10) + digits[n-4:]
	}
	return digits[:6] + "*********"[:n-10] + digits[n-4:]
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// FormatMasked is the Format of every type here and elsewhere that must not show
// what it holds: it prints the masked text under any verb; %q quotes it, and width
// and the minus flag pad it so that tables line up.
func FormatMasked(f fmt.State, verb rune, masked string) {
	if verb == 'q' {
		masked = strconv.Quote(masked)
	}
	pad := ""
	if w, ok := f.Width(); ok && w > len(masked) {
		pad = strings.Repeat(" ", w-len(masked))
	}
	if f.Flag('-') {
		fmt.Fprint(f, masked, pad)
		return
	}
	fmt.Fprint(f, pad, masked)
}
