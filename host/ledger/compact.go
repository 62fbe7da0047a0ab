package ledger

import "math/bits"

// maxDepth is how deep compact JSON is nested at most.
const maxDepth = 32

// isCompact reports whether b is one JSON object or array (RFC 8259) without white space around its
// tokens, nor numbers with a fraction or an exponent, which hardly any memo has. That b is UTF-8 is not
// looked at. It is asked about each memo that is written: encoding/json takes five times as long.
func isCompact(b []byte) bool {
	return len(b) > 0 && (b[0] == '{' || b[0] == '[') && compact(b, 0, maxDepth) == len(b)
}

// compact returns where the value that begins at i ends, or -1.
func compact(b []byte, i, depth int) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; {
	case c == '"':
		return compactString(b, i+1)
	case c == '{' && depth > 0:
		return compactObject(b, i+1, depth-1)
	case c == '[' && depth > 0:
		return compactArray(b, i+1, depth-1)
	case c >= '0' && c <= '9' || c == '-':
		return compactNumber(b, i)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if end := i + len(word); end <= len(b) && string(b[i:end]) == word {
			return end
		}
	}
	return -1
}

// compactObject begins behind the opening brace.
func compactObject(b []byte, i, depth int) int {
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for i < len(b) && b[i] == '"' {
		if i = compactString(b, i+1); i < 0 || i >= len(b) || b[i] != ':' {
			return -1
		}
		if i = compact(b, i+1, depth); i < 0 || i >= len(b) {
			return -1
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
	return -1
}

// compactArray begins behind the opening bracket.
func compactArray(b []byte, i, depth int) int {
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = compact(b, i, depth); i < 0 || i >= len(b) {
			return -1
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

// compactString begins behind the opening quotation mark.
func compactString(b []byte, i int) int {
	for i < len(b) {
		if i+8 <= len(b) {
			odd := odd8(eight(b, i))
			if odd == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(odd) / 8
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			if i = compactEscape(b, i+1); i < 0 {
				return -1
			}
		}
		i++
	}
	return -1
}

// compactEscape begins behind the backslash and returns the place of the escape's last byte.
func compactEscape(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i
	case 'u':
		for range 4 {
			if i++; i >= len(b) || !isHex(b[i]) {
				return -1
			}
		}
		return i
	}
	return -1
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func compactNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	from := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	if i == from || b[from] == '0' && i > from+1 {
		return -1
	}
	return i
}
