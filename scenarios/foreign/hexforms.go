package foreign

import (
	"encoding/hex"
	"strconv"
	"strings"
)

var (
	zeroX    = late(`\b0[xX]([0-9A-Fa-f]{2})\b[,;]?`)
	lastOne  = late(`^\s*0[xX][0-9A-Fa-f]{2}[\s,;}]*$`)
	comments = late(`/\*.*?\*/`)
	// Bytes as Python prints them, and as Wireshark copies them as a string.
	pyBytes = late(`\bb'((?:[^'\\]|\\.)*)'|\bb"((?:[^"\\]|\\.)*)"|"((?:\\x[0-9A-Fa-f]{2})+)"`)
	pyFrame = late(`\\x[0-9A-Fa-f]{2}|^[0-9]{4}[0-9A-F]{16}`)
	pyByte  = late(`\\(?:x[0-9A-Fa-f]{2}|.)`)
	// What ngrep -x prints: eight bytes, eight bytes, their characters, no offset.
	columns = late(`^ {2,}((?:[0-9A-Fa-f]{2} ){1,8})(?: {3}((?:[0-9A-Fa-f]{2} ){1,8}))? {3,}(.*)$`)
)

// plainHex writes bytes that stand in a line as those of a program's source in plain
// hexadecimal. source reports that it found some.
func plainHex(line string) (plain string, source bool) {
	if strings.Contains(line, "b'") || strings.Contains(line, `b"`) || strings.Contains(line, `"\x`) {
		plain = pyBytes().ReplaceAllStringFunc(line, func(s string) string {
			m := pyBytes().FindStringSubmatch(s)
			if !pyFrame().MatchString(m[1] + m[2] + m[3]) {
				return s
			}
			return " " + hex.EncodeToString(unquoted(m[1]+m[2]+m[3])) + " "
		})
		if plain != line {
			return strings.TrimRight(strings.TrimSuffix(strings.TrimSpace(plain), `\`), " "), false
		}
	}
	if !strings.Contains(line, "0x") && !strings.Contains(line, "0X") {
		return line, false
	}
	bytes := comments().ReplaceAllString(line, "")
	if len(zeroX().FindAllStringIndex(bytes, 2)) < 2 && !lastOne().MatchString(line) {
		return line, false
	}
	plain = zeroX().ReplaceAllString(bytes, "$1")
	return strings.TrimSpace(strings.NewReplacer("{", " ", "}", " ", ";", " ").Replace(plain)), true
}

// unquoted undoes the backslashes of a string of bytes.
func unquoted(s string) []byte {
	s = pyByte().ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'x':
			n, err := strconv.ParseUint(e[2:], 16, 8)
			if err != nil {
				return e
			}
			return string([]byte{byte(n)})
		case 'n':
			return "\n"
		case 'r':
			return "\r"
		case 't':
			return "\t"
		}
		return e[1:]
	})
	return []byte(s)
}

// parseColumns takes a line without an offset apart, whose characters must be those of
// its bytes.
func parseColumns(line string) (bytes []byte, ok bool) {
	m := columns().FindStringSubmatch(strings.TrimRight(line, "\r\n"))
	if m == nil {
		return nil, false
	}
	bytes, err := hex.DecodeString(strings.ReplaceAll(m[1]+m[2], " ", ""))
	text := m[3]
	if len(text) > len(bytes) {
		text = text[:len(bytes)] + strings.TrimRight(text[len(bytes):], " ")
	}
	if err != nil || len(text) > len(bytes) || len(m[2]) > 0 && len(m[1]) < 24 {
		return nil, false
	}
	for i, c := range []byte(text) {
		if bytes[i] > ' ' && bytes[i] < 0x7F && bytes[i] != c {
			return nil, false
		}
	}
	return bytes, len(text) > 0
}
