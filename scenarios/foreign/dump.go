package foreign

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// usual is how many bytes a line of a dump has, where the next line's offset does
// not say.
const usual = 16

// A dumped is one line of a dump, taken apart.
type dumped struct {
	indent  string
	offsets [3]int // what its offset is in sixteens, in tens and in eights; -1: nothing
	bytes   []byte
	words   bool // groups of four digits: they may be numbers of two bytes
}

// parseDumpLine takes a line of a dump apart: an offset, bytes in groups, and what
// they are as characters. Each of the many programs that write dumps has its own idea
// of the offset's width, of what follows it, and of the groups; most have two spaces
// or a bar before the characters.
//
//	00000010: 6006 0100 0061 3100  `....a1.      xxd
//	00000010  60 06 01 00 00 61 31 00  ...  |`..|  hexdump -C
//	    0x0010:  6006 0100 0061 3100  `....a1.   tcpdump -X
//	0010   60 06 01 00 00 61 31 00   `....a1.    Wireshark
//	0010  60 06 01 00 00 61 31 00   `....a1.     jPOS
//	000016:  60 06 01 00 00 61 31 00   |  `....  jPOS's hexDump, in tens
//	0000020 60 06 01 00 00 61 31 00              od, in eights
//	0010 - 60 06 01 00-00 61 31 00   `....a1.    OpenSSL
//	|00000010| 60 06 01 00 00 61 |`....a|        Netty
//	00016:60 06 01 00 00 61 31 00  [`....a1.]    switches of ATMs
//	00000010h 60 06 01 00 00 61 31 00 `....a1.   editors
func parseDumpLine(line string) (d dumped, ok bool) {
	rest := strings.TrimLeft(line, " \t")
	d.indent, d.words = line[:len(line)-len(rest)], true
	rest, barred := strings.CutPrefix(strings.TrimPrefix(rest, "0x"), "|")
	digits := hexPrefix(rest)
	if digits < 4 || digits > 8 || digits == len(rest) {
		return d, false
	}
	d.offsets = offsetsOf(rest[:digits])
	rest, glued, ok := behindOffset(rest[digits:], barred)
	for first := true; ok; first = false {
		group := strings.TrimLeft(rest, " \t")
		apart := len(rest) - len(group)
		if apart == 0 && !first && len(group) > 1 && group[0] == '-' && isHex(group[1]) {
			group, apart = group[1:], 1
		}
		n := hexPrefix(group)
		switch {
		case isGroup(group, n) && (apart > 0 || first && glued) && (first || apart <= 2):
			bytes, _ := hex.DecodeString(group[:n])
			d.bytes, rest = append(d.bytes, bytes...), group[n:]
			d.words = d.words && n == 4
		case isTail(group, apart, d.bytes):
			return d, len(d.bytes) > 0
		default:
			return d, false
		}
	}
	return d, false
}

// offsetsOf is what an offset may be: in sixteens, in tens, in eights.
func offsetsOf(digits string) (all [3]int) {
	for i, base := range []int{16, 10, 8} {
		all[i] = -1
		if n, err := strconv.ParseUint(digits, base, 32); err == nil {
			all[i] = int(n)
		}
	}
	return all
}

// hasOffset reports whether digits may be an offset.
func hasOffset(digits string, want int) bool {
	all := offsetsOf(digits)
	return slices.Contains(all[:], want)
}

// behindOffset passes over what separates an offset from the bytes. glued: they may
// follow at once.
func behindOffset(rest string, barred bool) (bytes string, glued, ok bool) {
	switch {
	case barred:
		rest, ok = strings.CutPrefix(rest, "|")
		return rest, false, ok
	case strings.HasPrefix(rest, " - "):
		return rest[2:], false, true
	case rest[0] == ':':
		return rest[1:], true, true
	case rest[0] == 'h' || rest[0] == 'H':
		return rest[1:], false, true
	}
	return rest, false, rest[0] == ' ' || rest[0] == '\t'
}

// isGroup reports whether n digits are a group of bytes.
func isGroup(group string, n int) bool {
	if n == 0 || n > 8 || n%2 != 0 {
		return false
	}
	return n == len(group) || strings.IndexByte(" \t|\r\n", group[n]) >= 0 || group[n] == '-' && n+1 < len(group) && isHex(group[n+1])
}

// isTail reports whether what is left of a line is no bytes: nothing, or characters,
// which stand apart or are as many as the bytes.
func isTail(group string, apart int, bytes []byte) bool {
	text := strings.TrimRight(group, "\r\n")
	return strings.TrimRight(text, " \t") == "" || apart >= 2 || group[0] == '|' || apart == 1 && len(bytes) > 0 && len(text) == len(bytes)
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
	indent  string
	base    int // the offset of its first byte: of a stream, what came before it
	bytes   []byte
	last    int // bytes of the last line
	lines   int
	words   bool
	starred bool // lines like the last one are left out (*)
	radix   int  // which of an offset's meanings the second line had, from 1
}

// add takes the next line; ok is false when it belongs to another dump. Of a line
// whose characters pass for hexadecimal too many bytes may have been read: the next
// line's offset says so.
func (p *dump) add(d dumped) (ok bool) {
	for i, offset := range d.offsets {
		if offset < 0 || p.radix > 0 && i != p.radix-1 {
			continue
		}
		offset -= p.base
		if p.starred {
			p.fill(offset)
		}
		if offset < 0 || offset > len(p.bytes) || offset < len(p.bytes)-p.last || p.lines > 0 && offset == len(p.bytes)-p.last {
			continue
		}
		if p.lines == 0 && offset != 0 || len(p.bytes) > most {
			continue
		}
		if p.bytes = append(p.bytes[:offset], d.bytes...); p.lines > 0 {
			p.radix = i + 1
		}
		p.words = d.words && (p.words || p.lines == 0)
		p.last = len(d.bytes)
		p.lines++
		p.starred = false
		return true
	}
	return false
}

// fill repeats the last line up to an offset, where lines were left out.
func (p *dump) fill(offset int) {
	missing := offset - len(p.bytes)
	if p.last == 0 || missing <= 0 || missing%p.last != 0 || offset > most {
		return
	}
	line := slices.Clone(p.bytes[len(p.bytes)-p.last:])
	for ; missing > 0; missing -= p.last {
		p.bytes = append(p.bytes, line...)
	}
}

// ends reports whether a line is nothing but where the dump ends.
func (p *dump) ends(text string) bool {
	text = strings.TrimSpace(text)
	if p.lines == 0 || len(text) < 4 || hexPrefix(text) != len(text) {
		return false
	}
	for i, offset := range offsetsOf(text) {
		if offset < 0 || p.radix > 0 && i != p.radix-1 {
			continue
		}
		if p.starred {
			p.fill(offset - p.base)
		}
		if offset-p.base == len(p.bytes) || p.words && offset-p.base == len(p.bytes)-1 {
			return true
		}
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

// unswapped are the bytes that a program has printed as numbers of two bytes, the
// lower first.
func unswapped(words []byte) []byte {
	out := slices.Clone(words)
	for i := 0; i+1 < len(out); i += 2 {
		out[i], out[i+1] = out[i+1], out[i]
	}
	return out
}

// dumpIn returns the bytes of the dump in a text, nil where there is none.
func dumpIn(text string) []byte {
	var p dump
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) { // a record that held several lines
		line = strings.ReplaceAll(strings.ReplaceAll(line, "<![CDATA[", ""), "]]>", "")
		if d, ok := parseDumpLine(line); ok {
			p.add(d)
		} else if d, _, ok := prefixedDump(line, len(p.bytes)); ok {
			p.add(d)
		}
	}
	return p.end()
}

// fewestDumped is how many bytes a dump begins with behind something else, and
// longestPrefixed is more than a line of one is long with it.
const (
	fewestDumped    = 4
	longestPrefixed = 2048
)

// prefixedDump finds the line of a dump that has the offset want behind what a logger
// writes before each line, or before the first.
func prefixedDump(line string, want int) (d dumped, before string, ok bool) {
	for at := 1; at < len(line) && len(line) <= longestPrefixed; at++ {
		if !isHex(line[at]) || strings.IndexByte(" \t])>|", line[at-1]) < 0 {
			continue
		}
		n := hexPrefix(line[at:])
		if n >= 4 && n <= 8 && hasOffset(line[at:at+n], want) {
			if d, ok = parseDumpLine(line[at:]); ok && (want > 0 || len(d.bytes) >= fewestDumped) {
				return d, line[:at], true
			}
		}
		at += n
	}
	return d, "", false
}
