package wire

import (
	"github.com/moov-io/iso8583/field"
)

// MACForm is how a dialect carries a MAC in field 64 or 128. Which algorithm makes
// it is the seal's business.
type MACForm byte

// The forms of a MAC.
const (
	// MACEight is eight bytes, as the specifications have it: eight characters of
	// UnionPay's algorithm, or the eight bytes of another. In iso87ascii they are
	// sixteen hexadecimal digits.
	MACEight MACForm = iota
	// MACFour is four bytes, the left half, which ISO 9797-1 and X9.19 allow.
	MACFour
	// MACHex is eight bytes as sixteen hexadecimal digits, in a packed dialect too.
	MACHex
)

// WithMAC returns the same dialect with the MAC in another form. A seal returns as
// many bytes as the form has: eight, and four for MACFour.
func (d *Dialect) WithMAC(f MACForm) *Dialect {
	changed := *d
	for _, number := range []int{64, 128} {
		own := d.plan[number]
		if own == nil || f == MACEight {
			continue
		}
		size, content := 8, own.coder
		switch {
		case f == MACFour:
			size = 4
		case !inHexadecimal(content):
			content = hexText{}
		}
		changed.plan[number] = compile(number, &field.Spec{Length: size, Description: own.name, Enc: content, Pref: fixed{}})
	}
	return &changed
}

func inHexadecimal(e coder) bool {
	if page, ok := e.(ebcdic); ok {
		e = page.content
	}
	_, ok := e.(hexText)
	return ok
}
