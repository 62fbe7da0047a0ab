package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"

	"possim/reader/card"
)

// Error is one thing wrong with a file, and where.
type Error struct {
	File         string
	Line, Column int    // 1-based; Column counts characters
	Message      string // what is wrong
	Suggestion   string // what may have been meant; "" when nothing is near
	Source       string // the line itself, card numbers and PINs masked; "" when there is none
	caret        int    // the column within Source, which shows only a part of a long line
}

// Error returns "file:line:column: message (did you mean ...?)" on one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Suggestion != "" {
		s += fmt.Sprintf(" (did you mean %q?)", e.Suggestion)
	}
	return s
}

// Detail returns Error and, below it, the source line with a caret under the place.
func (e *Error) Detail() string {
	if e.Source == "" {
		return e.Error() + "\n"
	}
	before := []rune(e.Source)
	before = before[:min(max(e.caret-1, 0), len(before))]
	pad := strings.Repeat(" ", runewidth.StringWidth(string(before)))
	return fmt.Sprintf("%s\n%6d | %s\n       | %s^\n", e.Error(), e.Line, e.Source, pad)
}

// Errors is everything wrong with the files of a run, in file and line order.
type Errors []*Error

// Error returns every error with its source line and a caret.
func (e Errors) Error() string {
	var b strings.Builder
	for _, one := range e {
		b.WriteString(one.Detail())
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Unwrap lets errors.As find a single Error.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

var (
	longDigits   = regexp.MustCompile(`[0-9]{13,}`)
	spacedDigits = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,}`)
	pinValue     = regexp.MustCompile(`(?i)\b(pin|offline_pin|cvn|tmk|track[123]?)(["']?\s*:\s*)([^,}\s][^,}]*)`)
	keyValue     = regexp.MustCompile(`(?i)\b(ac|mac|enc)(["']?\s*:\s*)(["']?[0-9a-z]{9,}[^,}]*)`)
)

// redact hides in a text what could be a card number, character for character.
// A number in keep (the merchant's own, also 15 digits) stays as it is.
func redact(s string, keep ...string) string {
	return longDigits.ReplaceAllStringFunc(s, func(m string) string {
		if slices.Contains(keep, m) {
			return m
		}
		return card.Mask(m)
	})
}

// redactSource hides in a line of a file what could be a card number, also one
// with spaces, a PIN or a key. It keeps every column, so that a caret still points at
// the right place.
func redactSource(s string) string {
	for _, secret := range []*regexp.Regexp{pinValue, keyValue} {
		s = secret.ReplaceAllStringFunc(s, func(m string) string {
			part := secret.FindStringSubmatch(m)
			return part[1] + part[2] + strings.Repeat("*", len([]rune(part[3])))
		})
	}
	return spacedDigits.ReplaceAllStringFunc(s, card.Mask)
}
