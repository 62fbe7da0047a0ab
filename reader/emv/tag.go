package emv

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Tag names a data object: its BER tag field of one to three bytes, as a number
// (EMV Book 3 Annex B1). It prints as its hex digits, "9F26".
type Tag uint32

// Constructed reports whether the value is itself a list of data objects.
func (t Tag) Constructed() bool { return t.first()&0x20 != 0 }

// Valid reports whether t is a tag as EMV codes it: a first byte that is neither
// 00 nor FF (ISO/IEC 7816-4 keeps both for padding), and following bytes just when
// its low five bits are all set, at most two.
func (t Tag) Valid() bool {
	b := t.Append(nil)
	n, err := tagLength(b)
	return err == "" && n == len(b)
}

// first returns the first byte of the tag field.
func (t Tag) first() byte {
	for t > 0xFF {
		t >>= 8
	}
	return byte(t)
}

// Append appends the tag field.
func (t Tag) Append(dst []byte) []byte {
	switch {
	case t > 0xFFFFFF:
		dst = append(dst, byte(t>>24), byte(t>>16), byte(t>>8))
	case t > 0xFFFF:
		dst = append(dst, byte(t>>16), byte(t>>8))
	case t > 0xFF:
		dst = append(dst, byte(t>>8))
	}
	return append(dst, byte(t))
}

// String returns the hex digits of the tag field: "9F26".
func (t Tag) String() string { return strings.ToUpper(hex.EncodeToString(t.Append(nil))) }

// MarshalText implements encoding.TextMarshaler, so that a tag can be a JSON key.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler with ParseTag.
func (t *Tag) UnmarshalText(b []byte) error {
	parsed, err := ParseTag(string(b))
	if err == nil {
		*t = parsed
	}
	return err
}

// ParseTag takes the hex digits of a tag: "9F26", "82".
func ParseTag(s string) (Tag, error) {
	b, err := hex.DecodeString(s)
	if err != nil {
		return 0, fmt.Errorf("tag %q: want two, four or six hex digits", s)
	}
	n, problem := tagLength(b)
	if problem == "" && n != len(b) {
		problem = fmt.Sprintf("%d bytes; its first byte says %d", len(b), n)
	}
	if problem != "" {
		return 0, fmt.Errorf("tag %q: %s", s, problem)
	}
	return tagOf(b), nil
}

// tagOf joins the bytes of a tag field.
func tagOf(b []byte) Tag {
	var t Tag
	for _, c := range b {
		t = t<<8 | Tag(c)
	}
	return t
}

// tagLength returns how many bytes the tag field at the start of b has, or what is
// wrong with it.
func tagLength(b []byte) (int, string) {
	switch {
	case len(b) == 0:
		return 0, "no tag"
	case b[0] == 0 || b[0] == 0xFF:
		return 0, fmt.Sprintf("%02X is padding, not a tag", b[0])
	case b[0]&0x1F != 0x1F:
		return 1, ""
	}
	for n := 2; n <= 3; n++ {
		if len(b) < n {
			return 0, "the tag ends in the middle"
		}
		if b[n-1]&0x80 == 0 {
			return n, ""
		}
	}
	return 0, "a tag of more than three bytes"
}
