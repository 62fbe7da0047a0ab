package foreign

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// usual is how many bytes a line of a dump has, where the next line's offset does
// not say.
const usual = 16

// A dumped is one line of a dump, taken apart.
type dumped struct {
	offset  int
	decimal int // the offset, should it be one in tens
	bytes   []byte
}

// parseDumpLine takes a line of a dump apart: an offset, bytes in groups, and what
// they are as characters. Each of the many programs that write dumps has its own idea
// of the offset's width, of what follows it, and of the groups; all have two spaces or
// a bar before the characters.
//
//	00000010: 6006 0100 0061 3100  `....a1.      xxd
//	00000010  60 06 01 00 00 61 31 00  ...  |`..|  hexdump -C
//	    0x0010:  6006 0100 0061 3100  `....a1.   tcpdump -X
//	0010   60 06 01 00 00 61 31 00   `....a1.    Wireshark
//	0010  60 06 01 00 00 61 31 00   `....a1.     jPOS
//	000016:  60 06 01 00 00 61 31 00   |  `....  jPOS's hexDump, in tens
func parseDumpLine(line string) (d dumped, ok bool) {
	rest := strings.TrimPrefix(strings.TrimLeft(line, " \t"), "0x")
	digits := hexPrefix(rest)
	if digits < 4 || digits > 8 || digits == len(rest) || rest[digits] != ':' && rest[digits] != ' ' {
		return d, false
	}
	offset, _ := strconv.ParseUint(rest[:digits], 16, 32)
	d.offset, d.decimal = int(offset), -1
	if tens, err := strconv.Atoi(rest[:digits]); err == nil {
		d.decimal = tens
	}
	rest = strings.TrimPrefix(rest[digits:], ":")
	for first := true; ; first = false {
		group := strings.TrimLeft(rest, " \t")
		apart := len(rest) - len(group)
		n := hexPrefix(group)
		good := n > 0 && n <= 8 && n%2 == 0 && (n == len(group) || group[n] == ' ' || group[n] == '|' || group[n] == '\r' || group[n] == '\n')
		switch {
		case good && apart > 0 && (first || apart <= 2):
			bytes, _ := hex.DecodeString(group[:n])
			d.bytes, rest = append(d.bytes, bytes...), group[n:]
		case strings.TrimRight(group, "\r\n") == "" || apart >= 2 || group[0] == '|':
			return d, len(d.bytes) > 0
		default:
			return d, false
		}
	}
}

// hexPrefix counts the hexadecimal digits that a text begins with.
func hexPrefix(s string) int {
	for i := range len(s) {
		if !isHex(s[i]) {
			return i
		}
	}
	return len(s)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// A dump is put together of its lines.
type dump struct {
	bytes []byte
	last  int // bytes of the last line
	lines int
}

// add takes the next line; ok is false when it belongs to another dump. Of a line
// whose characters pass for hexadecimal too many bytes may have been read: the next
// line's offset says so.
func (p *dump) add(d dumped) (ok bool) {
	for _, offset := range []int{d.offset, d.decimal} {
		if offset < 0 || offset > len(p.bytes) || offset < len(p.bytes)-p.last || p.lines > 0 && offset == len(p.bytes)-p.last {
			continue
		}
		if p.lines == 0 && offset != 0 || len(p.bytes) > most {
			continue
		}
		p.bytes = append(p.bytes[:offset], d.bytes...)
		p.last = len(d.bytes)
		p.lines++
		return true
	}
	return false
}

// end returns the bytes of the dump and begins another.
func (p *dump) end() []byte {
	bytes := p.bytes
	if p.last > usual && (p.lines == 1 || (len(bytes)-p.last)/(p.lines-1) <= usual) {
		bytes = bytes[:len(bytes)-p.last+usual]
	}
	*p = dump{}
	return bytes
}

// dumpIn returns the bytes of the dump in a text, nil where there is none.
func dumpIn(text string) []byte {
	var p dump
	for line := range strings.Lines(text) {
		if d, ok := parseDumpLine(strings.ReplaceAll(strings.ReplaceAll(line, "<![CDATA[", ""), "]]>", "")); ok {
			p.add(d)
		}
	}
	return p.end()
}
