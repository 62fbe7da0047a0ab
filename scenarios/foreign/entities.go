package foreign

import (
	"html"
	"strconv"
	"unicode/utf8"
)

// control is how jPOS writes a control character inside a value (ISOUtil.normalize).
var control = late(`\\u00[0-9a-fA-F]{2}`)

// entities takes the escapes out of a value, those of XML and those of jPOS, and
// returns it in bytes: jPOS holds the bytes of a field as characters of ISO 8859-1,
// which its log writes in UTF-8.
func entities(s string) string {
	s = html.UnescapeString(s)
	s = control().ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:], 16, 8)
		return string(rune(n))
	})
	if !utf8.ValidString(s) {
		return s
	}
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xFF {
			return s
		}
		out = append(out, byte(r))
	}
	return string(out)
}
