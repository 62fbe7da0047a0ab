package wire

import (
	"errors"
	"fmt"

	"github.com/moov-io/iso8583/encoding"
)

// These are moov encoding.Encoder values: they stand in a moov field.Spec as its
// own do. moov's BCD goes through a general decoder that it builds anew for each
// field, at ten times the cost; its ASCII refuses GBK; and neither tells which
// byte is wrong.
var (
	_ encoding.Encoder = digits{}
	_ encoding.Encoder = bcd{}
	_ encoding.Encoder = signed{}
	_ encoding.Encoder = text{}
	_ encoding.Encoder = hexText{}
)

// A misread says which byte of a field's content is wrong.
type misread struct {
	at   int
	text string
}

func (e *misread) Error() string { return e.text }

var errShort = errors.New("the frame ends before the field does")

// take returns the first n bytes of data.
func take(data []byte, n int) ([]byte, error) {
	if n > len(data) {
		return nil, fmt.Errorf("%w: it wants %d bytes and %d are left", errShort, n, len(data))
	}
	return data[:n], nil
}

// onlyDigits says where text is not a digit.
func onlyDigits(text []byte) error {
	for i, c := range text {
		if c < '0' || c > '9' {
			return &misread{i, "not a digit"}
		}
	}
	return nil
}

// digits are decimal digits in ASCII, one a byte.
type digits struct{}

func (digits) Encode(value []byte) ([]byte, error) { return value, onlyDigits(value) }

func (digits) Decode(data []byte, n int) ([]byte, int, error) {
	value, err := take(data, n)
	if err != nil {
		return nil, 0, err
	}
	return value, n, onlyDigits(value)
}

// bcd is two digits a byte, high nibble first. An odd number of digits leaves
// half a byte over: at the end, or at the start when right is set. It is written
// as fill; the plan puts back another that came in.
type bcd struct {
	right bool // right-aligned: the spare half byte comes first
	track bool // track data: all sixteen nibbles, D standing for '='
	loose bool // all sixteen nibbles, as terminals in the field write them in private fields
	fill  byte // what the spare half byte is
}

const (
	trackNibbles = "0123456789ABC=EF"
	hexNibbles   = "0123456789ABCDEF"
	noNibble     = 0xFF
)

func (b bcd) nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case !b.track && !b.loose:
		return noNibble
	case c == '=' && b.track:
		return 0xD
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return noNibble
}

func (b bcd) Encode(value []byte) ([]byte, error) {
	packed := make([]byte, (len(value)+1)/2)
	shift := 0
	if b.right {
		shift = len(value) & 1
	}
	for i, c := range value {
		v := b.nibble(c)
		if v == noNibble {
			return nil, &misread{i, b.complaint()}
		}
		at := i + shift
		packed[at/2] |= v << (4 * (1 - at&1))
	}
	if b.fill != 0 && len(value)&1 == 1 {
		b.setPad(packed, b.fill)
	}
	return packed, nil
}

func (b bcd) complaint() string {
	switch {
	case b.track:
		return "not a track character (0 to 9, = or A to F)"
	case b.loose:
		return "not a digit, nor A to F"
	}
	return "not a digit"
}

func (b bcd) Decode(data []byte, n int) ([]byte, int, error) {
	packed, err := take(data, (n+1)/2)
	if err != nil {
		return nil, 0, err
	}
	shift := 0
	if b.right {
		shift = n & 1
	}
	nibbles := hexNibbles
	if b.track {
		nibbles = trackNibbles
	}
	value := make([]byte, n)
	for i := range value {
		at := i + shift
		v := packed[at/2] >> (4 * (1 - at&1)) & 0xF
		if v > 9 && !b.track && !b.loose {
			return nil, 0, &misread{at / 2, "not a decimal digit"}
		}
		value[i] = nibbles[v]
	}
	return value, len(packed), nil
}

// pad returns the spare half byte of packed content.
func (b bcd) pad(packed []byte) byte {
	if b.right {
		return packed[0] >> 4
	}
	return packed[len(packed)-1] & 0xF
}

// own is the spare half byte that is written.
func (b bcd) own() byte { return b.fill }

// setPad replaces it.
func (b bcd) setPad(packed []byte, nibble byte) {
	if b.right {
		packed[0] = packed[0]&0xF | nibble<<4
	} else {
		packed[len(packed)-1] = packed[len(packed)-1]&0xF0 | nibble&0xF
	}
}

// signed is an amount with its sign (ISO 8583:1987, x+n): C or D as a character,
// then the digits as rest has them.
type signed struct{ rest encoding.Encoder }

func (s signed) Encode(value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != 'C' && value[0] != 'D' {
		return nil, &misread{0, "it starts with neither C nor D"}
	}
	packed, err := s.rest.Encode(value[1:])
	if err != nil {
		return nil, err
	}
	return append([]byte{value[0]}, packed...), nil
}

func (s signed) Decode(data []byte, n int) ([]byte, int, error) {
	sign, err := take(data, 1)
	if err != nil {
		return nil, 0, err
	}
	if sign[0] != 'C' && sign[0] != 'D' {
		return nil, 0, &misread{0, "it starts with neither C nor D"}
	}
	value, read, err := s.rest.Decode(data[1:], n-1)
	if err != nil {
		var m *misread
		if errors.As(err, &m) {
			m.at++
		}
		return nil, 0, err
	}
	return append([]byte{sign[0]}, value...), read + 1, nil
}

// text is bytes as they are: ASCII, GBK, binary.
type text struct{}

func (text) Encode(value []byte) ([]byte, error) { return value, nil }

func (text) Decode(data []byte, n int) ([]byte, int, error) {
	value, err := take(data, n)
	return value, len(value), err
}

// hexText is bytes as upper-case hexadecimal digits.
type hexText struct{}

func (hexText) Encode(value []byte) ([]byte, error) {
	const upper = "0123456789ABCDEF"
	chars := make([]byte, 0, 2*len(value))
	for _, b := range value {
		chars = append(chars, upper[b>>4], upper[b&0xF])
	}
	return chars, nil
}

func (hexText) Decode(data []byte, n int) ([]byte, int, error) {
	chars, err := take(data, 2*n)
	if err != nil {
		return nil, 0, err
	}
	value := make([]byte, n)
	for i, c := range chars {
		v := hexNibble(c)
		if v == noNibble {
			return nil, 0, &misread{i, "not hexadecimal"}
		}
		value[i/2] = value[i/2]<<4 | v
	}
	return value, len(chars), nil
}

// hexNibble reads one hexadecimal digit of either case.
func hexNibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return noNibble
}
