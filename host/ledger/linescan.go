package ledger

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// lineReader reads forward up to its first error.
type lineReader struct {
	b      []byte
	shared *LineReader
	err    error
	rest   int // how many bytes were left at the first error
}

// list reads a comma and the beginning of a list, and says whether it has elements.
func (r *lineReader) list() bool {
	r.want(",[")
	return r.err == nil && !r.has("]")
}

// more says whether the list goes on.
func (r *lineReader) more() bool {
	if r.err != nil || r.has("]") {
		return false
	}
	r.want(",")
	return r.err == nil
}

func (r *lineReader) int() int64   { return r.integer(64) }
func (r *lineReader) small() int64 { return r.integer(32) }

// integer reads a whole number as strconv writes it.
func (r *lineReader) integer(bits int) int64 {
	i := 0
	if len(r.b) > 0 && r.b[0] == '-' {
		i++
	}
	digits, n := i, int64(0)
	for ; i < len(r.b) && r.b[i]-'0' <= 9; i++ {
		n = 10*n + int64(r.b[i]-'0') // as long as it fits
	}
	text := r.b[:i]
	switch {
	case i == digits || text[digits] == '0' && i > 1:
		r.fail("want a whole number")
		return 0
	case digits == 1:
		n = -n
	}
	if i-digits > 9 {
		var err error
		if n, err = strconv.ParseInt(string(text), 10, bits); err != nil {
			r.fail("want a whole number that fits")
			return 0
		}
	}
	r.b = r.b[i:]
	return n
}

// next reads a comma and a string.
func (r *lineReader) next() string {
	r.want(",")
	return r.text()
}

// text reads a string as appendString writes it.
func (r *lineReader) text() string {
	if plain, ok := r.plain(); ok {
		return string(plain)
	}
	return r.escaped()
}

// name reads a string that comes again and again.
func (r *lineReader) name() string {
	if plain, ok := r.plain(); ok {
		return r.shared.share(plain)
	}
	return r.escaped()
}

// plain reads a string that has no escapes, or its opening quotation mark alone.
func (r *lineReader) plain() ([]byte, bool) {
	r.want(`"`)
	i := bytes.IndexByte(r.b, '"')
	if i < 0 || !bare(r.b[:i]) {
		return nil, false
	}
	plain := r.b[:i]
	r.b = r.b[i+1:]
	return plain, true
}

// escaped reads the rest of a string.
func (r *lineReader) escaped() string {
	s := make([]byte, 0, 64)
	for len(r.b) > 0 {
		switch c := r.b[0]; {
		case c == '"':
			r.b = r.b[1:]
			return string(s)
		case c == '\\':
			c, n := unescape(r.b)
			if n == 0 {
				r.fail("an escape that is not written here")
				return ""
			}
			s, r.b = append(s, c), r.b[n:]
		case c < ' ':
			r.fail("a control character in a string")
			return ""
		default:
			s, r.b = append(s, c), r.b[1:]
		}
	}
	r.fail("a string does not end")
	return ""
}

// unescape reads an escape as appendString writes it, and returns its length, 0 when it is another.
func unescape(b []byte) (c byte, n int) {
	if len(b) > 1 && (b[1] == '"' || b[1] == '\\') {
		return b[1], 2
	}
	if len(b) > 5 && string(b[1:4]) == "u00" && (b[4] == '0' || b[4] == '1') {
		if low := strings.IndexByte("0123456789abcdef", b[5]); low >= 0 {
			return (b[4]-'0')<<4 | byte(low), 6
		}
	}
	return 0, 0
}

// has reads s when it comes next, and says whether it did.
func (r *lineReader) has(s string) bool {
	if r.err != nil || !bytes.HasPrefix(r.b, []byte(s)) {
		return false
	}
	r.b = r.b[len(s):]
	return true
}

// sees says whether c comes next.
func (r *lineReader) sees(c byte) bool { return len(r.b) > 0 && r.b[0] == c }

// want reads s, which must come next.
func (r *lineReader) want(s string) {
	if r.err == nil && !r.has(s) {
		r.fail("want " + s)
	}
}

func (r *lineReader) fail(what string) { r.failed(errors.New(what)) }

func (r *lineReader) failed(err error) {
	if r.err == nil {
		r.err, r.rest = err, len(r.b)
	}
}
