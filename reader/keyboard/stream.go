package keyboard

import (
	"time"
	"unicode/utf8"
)

// Decoder turns the bytes of a terminal or a pipe into characters. UTF-8 may be cut
// anywhere; what is none is taken as ISO 8859-1, as older terminals send it.
type Decoder struct{ held []byte }

// Decode adds bytes that came at a time.
func (d *Decoder) Decode(b []byte, at time.Time) []Typed {
	d.held = append(d.held, b...)
	var out []Typed
	for len(d.held) > 0 && utf8.FullRune(d.held) {
		r, n := utf8.DecodeRune(d.held)
		if r == utf8.RuneError && n == 1 {
			r = rune(d.held[0])
		}
		out = append(out, Typed{r, at})
		d.held = d.held[n:]
	}
	return out
}
