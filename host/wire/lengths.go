package wire

import (
	"fmt"

	"github.com/moov-io/iso8583/prefix"
)

// These are moov prefix.Prefixer values: how a field says how long it is. moov's
// own BCD lengths cost as its BCD does, and its ASCII lengths let "+07" pass.
var (
	_ prefix.Prefixer = fixed{}
	_ prefix.Prefixer = counted{}
)

// fixed fields have one length and do not say it.
type fixed struct{}

func (fixed) EncodeLength(size, n int) ([]byte, error) {
	if n != size {
		return nil, fmt.Errorf("it is %d long, and the field is always %d", n, size)
	}
	return nil, nil
}

func (fixed) DecodeLength(size int, _ []byte) (int, int, error) { return size, 0, nil }

func (fixed) Inspect() string { return "Binary.Fixed" }

// counted is a length before the content: LLVAR, LLLVAR.
type counted struct {
	digits int          // 2 or 3; in foreign dialects 1 to 6
	as     lengthCoding // how they are written
	unit   int          // characters that one unit of content counts for: 2 for bytes sent as hex, otherwise 1
	pairs  bool         // it counts bytes of two digits each, where the content is digits
}

// lengthCoding is how a length is written.
type lengthCoding byte

const (
	asciiDigits  lengthCoding = iota // a character a digit
	packedDigits                     // BCD: LL in one byte, LLL in two
	binaryBytes                      // big-endian, digits bytes of it
	ebcdicDigits                     // a character a digit
	hexDigitsOf                      // two hexadecimal characters a byte
)

// The digits of all lengths, made once: a length is written several times a message.
var asciiLengths, bcdLengths = lengthTables()

func lengthTables() (ascii [1000][3]byte, packed [1000][2]byte) {
	for n := range ascii {
		h, t, u := byte(n/100), byte(n/10%10), byte(n%10)
		ascii[n] = [3]byte{'0' + h, '0' + t, '0' + u}
		packed[n] = [2]byte{h, t<<4 | u}
	}
	return ascii, packed
}

func (c counted) EncodeLength(most, n int) ([]byte, error) {
	if n > most {
		return nil, fmt.Errorf("it is %d long, and the field holds at most %d", n, most)
	}
	n *= c.unit
	if c.pairs {
		n = (n + 1) / 2
	}
	switch {
	case c.digits > 3 || c.digits < 2 || n > 999 || c.as > packedDigits:
		return c.spell(n)
	case c.as == packedDigits:
		return bcdLengths[n][3-c.digits:][:c.bytes()], nil
	}
	return asciiLengths[n][3-c.digits:], nil
}

// spell writes a length that the tables do not hold.
func (c counted) spell(n int) ([]byte, error) {
	base := 10
	if c.as == binaryBytes || c.as == hexDigitsOf {
		base = 256
	}
	left, out := n, make([]byte, c.digits)
	for i := c.digits - 1; i >= 0; i-- {
		out[i], left = byte(left%base), left/base
	}
	if left > 0 {
		return nil, fmt.Errorf("it is %d long, and its length has no more than %d digits", n, c.digits)
	}
	switch c.as {
	case binaryBytes:
		return out, nil
	case hexDigitsOf:
		return hexText{}.Encode(out)
	}
	for i := range out {
		out[i] += '0'
	}
	switch c.as {
	case packedDigits:
		return bcd{right: true}.Encode(out)
	case ebcdicDigits:
		return toEBCDIC(out), nil
	}
	return out, nil
}

// bytes is the size of the length itself.
func (c counted) bytes() int {
	switch c.as {
	case packedDigits:
		return (c.digits + 1) / 2
	case hexDigitsOf:
		return 2 * c.digits
	}
	return c.digits
}

func (c counted) DecodeLength(most int, data []byte) (int, int, error) {
	said, err := take(data, c.bytes())
	if err != nil {
		return 0, 0, err
	}
	n, ok := c.read(said)
	if !ok {
		return 0, 0, fmt.Errorf("its length %X is not a decimal number", said)
	}
	if n%c.unit != 0 {
		return 0, 0, fmt.Errorf("its length %d is odd, and hexadecimal digits come in pairs", n)
	}
	n /= c.unit
	if c.pairs {
		n *= 2
	}
	if n > most {
		return 0, 0, fmt.Errorf("it says that it is %d long, and the field holds at most %d", n, most)
	}
	return n, len(said), nil
}

// read reads the number.
func (c counted) read(said []byte) (n int, ok bool) {
	switch c.as {
	case hexDigitsOf:
		raw, _, err := hexText{}.Decode(said, c.digits)
		if err != nil {
			return 0, false
		}
		said = raw
	case ebcdicDigits:
		said = fromEBCDIC(said)
	}
	for _, b := range said {
		scale, value := 10, int(b-'0')
		switch {
		case c.as == packedDigits:
			scale, value = 100, int(b>>4)*10+int(b&0xF)
			if b>>4 > 9 || b&0xF > 9 {
				return 0, false
			}
		case c.as == binaryBytes || c.as == hexDigitsOf:
			scale, value = 256, int(b)
		case b < '0' || b > '9':
			return 0, false
		}
		n = n*scale + value
	}
	return n, true
}

func (c counted) Inspect() string {
	return []string{"ASCII", "BCD", "Binary", "EBCDIC", "Hex"}[c.as] + "." + "LLLLLL"[:c.digits]
}
