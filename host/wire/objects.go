package wire

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// TLV is a BER-TLV data object (EMV Book 3, annex B). Its value may be a PAN or a
// track, so it never prints.
type TLV struct {
	Tag   string // upper-case hexadecimal
	Value Secret
}

var errNotTLV = errors.New("not BER-TLV")

// ParseTLV reads data objects, one level deep: the value of a constructed one can
// be read with ParseTLV again. Zeros between objects are passed over.
func ParseTLV(data []byte) ([]TLV, error) {
	var all []TLV
	read := walkTLV(data, func(tag string, value []byte, nested bool) {
		if !nested {
			all = append(all, TLV{Tag: tag, Value: value})
		}
	})
	if read < len(data) {
		return all, fmt.Errorf("byte %d: %w", read, errNotTLV)
	}
	return all, nil
}

// AppendTLV appends a data object. A tag that is not hexadecimal is an error, as is
// a value above 65535 bytes.
func AppendTLV(dst []byte, tag string, value []byte) ([]byte, error) {
	t, err := hex.DecodeString(tag)
	if err != nil || len(t) == 0 || tagSize(t) != len(t) {
		return dst, fmt.Errorf("tag %q: not a BER-TLV tag in hexadecimal", tag)
	}
	n := len(value)
	dst = append(dst, t...)
	switch {
	case n > 0xFFFF:
		return dst[:len(dst)-len(t)], fmt.Errorf("tag %s: a value of %d bytes, and at most 65535 fit", tag, n)
	case n > 0xFF:
		dst = append(dst, 0x82, byte(n>>8), byte(n))
	case n > 0x7F:
		dst = append(dst, 0x81, byte(n))
	default:
		dst = append(dst, byte(n))
	}
	return append(dst, value...), nil
}
