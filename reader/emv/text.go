package emv

import (
	"regexp"
	"strings"

	"possim/reader/card"
)

// numbers is what may be a card number in a text.
var numbers = regexp.MustCompile(`[0-9]{13,}`)

// Text returns a text of a card as it may be shown: no controls, and what looks like a
// card number masked, whoever put it there. table is the part of ISO 8859 that it is
// written in (9F11), 0 where the card does not say. Of those this knows the first; others
// show their ASCII.
func Text(raw []byte, table byte) string {
	var b strings.Builder
	for _, c := range raw {
		switch {
		case c < 0x20 || c >= 0x7F && c < 0xA0:
		case c < 0x7F, table <= 1:
			b.WriteRune(rune(c))
		default:
			b.WriteByte('?')
		}
	}
	return numbers.ReplaceAllStringFunc(b.String(), card.Mask)
}
