package wire

import (
	"fmt"
	"strings"

	"possim/reader/card"
)

// walkTLV goes through BER-TLV data objects (EMV Book 3, annex B), into constructed
// ones too, and returns how many bytes of data it could read. nested is true inside
// a constructed object, which comes before its parts.
func walkTLV(data []byte, visit func(tag string, value []byte, nested bool)) (read int) {
	return walkNested(data, visit, 0)
}

// Objects nested deeper than this are taken as bytes.
const deepest = 8

func walkNested(data []byte, visit func(tag string, value []byte, nested bool), depth int) (read int) {
	for read < len(data) {
		rest := data[read:]
		if rest[0] == 0 { // EMV Book 3, annex B1: zeros may stand between objects
			read++
			continue
		}
		tag := tagSize(rest)
		size, lengthBytes, ok := tlvLength(rest[min(tag, len(rest)):])
		begin := tag + lengthBytes
		if !ok || size > len(rest)-begin {
			break
		}
		visit(upperHex(rest[:tag]), rest[begin:begin+size], depth > 0)
		if rest[0]&0x20 != 0 && depth < deepest {
			walkNested(rest[begin:begin+size], visit, depth+1)
		}
		read += begin + size
	}
	return read
}

// tagSize returns the bytes of a tag: more follow while bit 8 is set.
func tagSize(data []byte) int {
	if data[0]&0x1F != 0x1F {
		return 1
	}
	n := 1
	for n < len(data) && data[n]&0x80 != 0 {
		n++
	}
	return n + 1
}

// tlvLength reads a length of one to three bytes.
func tlvLength(data []byte) (size, read int, ok bool) {
	if len(data) == 0 {
		return 0, 0, false
	}
	if data[0] < 0x80 {
		return int(data[0]), 1, true
	}
	more := int(data[0] & 0x7F)
	if more == 0 || more > 2 || len(data) <= more {
		return 0, 0, false
	}
	for _, b := range data[1 : 1+more] {
		size = size<<8 | int(b)
	}
	return size, 1 + more, true
}

// tags shows field 55. Bytes that are not TLV are counted, not shown: nobody knows
// what they are.
func (v *veil) tags(data []byte) []ShownTag {
	shown := []ShownTag{}
	read := walkTLV(data, func(tag string, value []byte, nested bool) {
		if !nested {
			shown = append(shown, ShownTag{tag, v.tag(tag, value)})
		}
	})
	if read < len(data) {
		shown = append(shown, ShownTag{"?", fmt.Sprintf("%d bytes that are not BER-TLV", len(data)-read)})
	}
	return shown
}

// Objects that hold what a track holds, a PIN, or who the cardholder is: 56 and 57
// track 1 and 2, 9F1F and 9F20 their discretionary data, 9F6B track 2 of a
// stripe-mode card, 99 PIN data, 5F20 and 9F0B the name, 9F61 the identity card.
var secretTags = map[string]bool{
	"56": true, "57": true, "5A": true, "9F1F": true, "9F20": true, "9F6B": true, "99": true,
	"5F20": true, "9F0B": true, "9F61": true,
}

func (v *veil) tag(tag string, value []byte) string {
	digits := upperHex(value)
	switch tag {
	case "5A":
		pan := strings.TrimRight(digits, "F")
		if v.clear(pan) {
			return digits
		}
		return card.Mask(pan)
	case "57", "9F6B":
		return v.track(digits, beforeSeparator(digits))
	}
	if secretTags[tag] {
		return hidden
	}
	secretInside := false
	if len(value) > 0 && constructed(tag) {
		walkTLV(value, func(tag string, _ []byte, _ bool) { secretInside = secretInside || secretTags[tag] })
	}
	if secretInside {
		return hidden
	}
	return v.others(digits)
}

// constructed reports whether a tag, in hexadecimal, holds other objects (bit 6).
func constructed(tag string) bool { return strings.ContainsRune("2367ABEF", rune(tag[0])) }
