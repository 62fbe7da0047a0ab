package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/moov-io/iso8583/encoding"
)

// A coder is how the content of a field is written. It is a moov encoding.Encoder and
// stands in a moov field.Spec as moov's own do. Those cost more: BCD goes through a
// general decoder that is built anew for each field, at ten times the cost; ASCII
// refuses GBK; neither tells which byte is wrong; and Encode and Decode make a slice a
// field, where a plan has one for the message.
type coder interface {
	encoding.Encoder
	// write appends value as it goes on the wire. With an error dst comes back as it was.
	write(dst, value []byte) ([]byte, error)
	// read appends what the first n units of data say, and returns how many bytes those
	// are. With an error dst comes back as it was.
	read(dst, data []byte, n int) ([]byte, int, error)
	// size is how many bytes n units are.
	size(n int) int
}

var (
	_ coder = digits{}
	_ coder = bcd{}
	_ coder = signed{}
	_ coder = text{}
	_ coder = hexText{}
)

// encode and decode are moov's Encode and Decode of a coder.
func encode(c coder, value []byte) ([]byte, error) {
	out, err := c.write(make([]byte, 0, len(value)), value)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func decode(c coder, data []byte, n int) ([]byte, int, error) {
	value, read, err := c.read(make([]byte, 0, max(0, min(n, 2*len(data)))), data, n)
	if err != nil {
		return nil, 0, err
	}
	return value, read, nil
}

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

func (d digits) Encode(value []byte) ([]byte, error)            { return encode(d, value) }
func (d digits) Decode(data []byte, n int) ([]byte, int, error) { return decode(d, data, n) }

func (digits) size(n int) int { return n }

func (digits) write(dst, value []byte) ([]byte, error) {
	if err := onlyDigits(value); err != nil {
		return dst, err
	}
	return append(dst, value...), nil
}

func (digits) read(dst, data []byte, n int) ([]byte, int, error) {
	value, err := take(data, n)
	if err == nil {
		err = onlyDigits(value)
	}
	if err != nil {
		return dst, 0, err
	}
	return append(dst, value...), n, nil
}

// bcd is two digits a byte, high nibble first. An odd number of digits leaves
// half a byte over: at the end, or at the start when right is set. It is written
// as fill; the plan puts back another that came in.
type bcd struct {
	right bool     // right-aligned: the spare half byte comes first
	of    alphabet // what half a byte may be
	fill  byte     // what the spare half byte is
}

// alphabet is a choice of characters that half a byte stands for.
type alphabet byte

const (
	decimals  alphabet = iota
	sixteen            // all nibbles, as terminals in the field write them in private fields
	trackData          // all nibbles, D standing for '='
)

// alphabets are the tables by which each is written and read, and what is said of other characters.
var alphabets = [...]struct {
	nibbles   *[256]byte   // what half byte a character is written as
	pairs     *[256]uint32 // the two characters of a byte
	complaint string
}{
	decimals:  {nibbleTable("0123456789"), pairTable(hexNibbles, notDecimal), "not a digit"},
	sixteen:   {nibbleTable(hexNibbles), pairTable(hexNibbles, 0), "not a digit, nor A to F"},
	trackData: {nibbleTable(hexNibbles, trackNibbles), pairTable(trackNibbles, 0), "not a track character (0 to 9, = or A to F)"},
}

// packedIn is the alphabet of a field with digits, which is wider where its length varies.
func packedIn(varies bool) alphabet {
	if varies {
		return sixteen
	}
	return decimals
}

const (
	trackNibbles = "0123456789ABC=EF"
	hexNibbles   = "0123456789ABCDEF"
	noNibble     = 0xFF
)

func nibbleTable(alphabets ...string) *[256]byte {
	table := [256]byte{}
	for c := range table {
		table[c] = noNibble
	}
	for _, alphabet := range alphabets {
		for nibble, c := range []byte(alphabet) {
			table[c] = byte(nibble)
		}
	}
	return &table
}

func (b bcd) Encode(value []byte) ([]byte, error)            { return encode(b, value) }
func (b bcd) Decode(data []byte, n int) ([]byte, int, error) { return decode(b, data, n) }

func (bcd) size(n int) int { return (n + 1) / 2 }

func (b bcd) write(dst, value []byte) ([]byte, error) {
	begin, table, left := len(dst), alphabets[b.of].nibbles, value
	var wrong byte // has a high nibble once a character is none that there is
	if len(left)&1 == 1 && b.right {
		wrong = table[left[0]]
		dst, left = append(dst, wrong|b.fill<<4), left[1:]
	}
	for ; len(left) >= 2; left = left[2:] {
		high, low := table[left[0]], table[left[1]]
		wrong |= high | low
		dst = append(dst, high<<4|low)
	}
	if len(left) == 1 {
		wrong |= table[left[0]]
		dst = append(dst, table[left[0]]<<4|b.fill)
	}
	if wrong > 0xF {
		at := slices.IndexFunc(value, func(c byte) bool { return table[c] == noNibble })
		return dst[:begin], &misread{at, alphabets[b.of].complaint}
	}
	return dst, nil
}

func (b bcd) read(dst, data []byte, n int) ([]byte, int, error) {
	packed, err := take(data, b.size(n))
	if err != nil {
		return dst, 0, err
	}
	pairs, begin := alphabets[b.of].pairs, len(dst)
	if cap(dst) < begin+n {
		dst = slices.Grow(dst, n)
	}
	dst = dst[:begin+n]
	out, wrong := dst[begin:], uint32(0)
	if n&1 == 1 && b.right {
		wrong = pairs[packed[0]&0xF]
		out[0], out, packed = byte(wrong>>8), out[1:], packed[1:]
	}
	for i, c := range packed[:len(out)/2] {
		pair := pairs[c]
		wrong |= pair
		binary.LittleEndian.PutUint16(out[2*i:], uint16(pair))
	}
	if len(out)&1 == 1 {
		pair := pairs[packed[len(packed)-1]&0xF0]
		wrong |= pair
		out[len(out)-1] = byte(pair)
	}
	if wrong&notDecimal != 0 {
		at := slices.IndexFunc(dst[begin:], func(c byte) bool { return c > '9' })
		return dst[:begin], 0, &misread{(at + b.spare(n)) / 2, "not a decimal digit"}
	}
	return dst, b.size(n), nil
}

const notDecimal = 1 << 16

// pairTable has the two characters of each byte, the first one in the low byte, and mark
// where one of them is no decimal digit.
func pairTable(alphabet string, mark uint32) *[256]uint32 {
	table := [256]uint32{}
	for c := range table {
		high, low := c>>4, c&0xF
		table[c] = uint32(alphabet[high]) | uint32(alphabet[low])<<8
		if high > 9 || low > 9 {
			table[c] |= mark
		}
	}
	return &table
}

// spare is how many half bytes come before the first of n digits.
func (b bcd) spare(n int) int {
	if b.right {
		return n & 1
	}
	return 0
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
type signed struct{ rest coder }

func (s signed) Encode(value []byte) ([]byte, error)            { return encode(s, value) }
func (s signed) Decode(data []byte, n int) ([]byte, int, error) { return decode(s, data, n) }

func (s signed) size(n int) int { return 1 + s.rest.size(n-1) }

func (s signed) write(dst, value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != 'C' && value[0] != 'D' {
		return dst, &misread{0, "it starts with neither C nor D"}
	}
	out, err := s.rest.write(append(dst, value[0]), value[1:])
	if err != nil {
		return dst, err
	}
	return out, nil
}

func (s signed) read(dst, data []byte, n int) ([]byte, int, error) {
	sign, err := take(data, 1)
	if err != nil {
		return dst, 0, err
	}
	if sign[0] != 'C' && sign[0] != 'D' {
		return dst, 0, &misread{0, "it starts with neither C nor D"}
	}
	out, read, err := s.rest.read(append(dst, sign[0]), data[1:], n-1)
	if err != nil {
		if m, ok := errors.AsType[*misread](err); ok {
			m.at++
		}
		return dst, 0, err
	}
	return out, read + 1, nil
}

// text is bytes as they are: ASCII, GBK, binary.
type text struct{}

func (t text) Encode(value []byte) ([]byte, error)            { return encode(t, value) }
func (t text) Decode(data []byte, n int) ([]byte, int, error) { return decode(t, data, n) }

func (text) size(n int) int { return n }

func (text) write(dst, value []byte) ([]byte, error) { return append(dst, value...), nil }

func (text) read(dst, data []byte, n int) ([]byte, int, error) {
	value, err := take(data, n)
	return append(dst, value...), len(value), err
}

// hexText is bytes as upper-case hexadecimal digits.
type hexText struct{}

func (h hexText) Encode(value []byte) ([]byte, error)            { return encode(h, value) }
func (h hexText) Decode(data []byte, n int) ([]byte, int, error) { return decode(h, data, n) }

func (hexText) size(n int) int { return 2 * n }

func (hexText) write(dst, value []byte) ([]byte, error) {
	for _, b := range value {
		dst = append(dst, hexNibbles[b>>4], hexNibbles[b&0xF])
	}
	return dst, nil
}

func (hexText) read(dst, data []byte, n int) ([]byte, int, error) {
	chars, err := take(data, 2*n)
	if err != nil {
		return dst, 0, err
	}
	begin := len(dst)
	for i := 0; i < len(chars); i += 2 {
		high, low := hexNibble(chars[i]), hexNibble(chars[i+1])
		switch byte(noNibble) {
		case high:
			return dst[:begin], 0, &misread{i, "not hexadecimal"}
		case low:
			return dst[:begin], 0, &misread{i + 1, "not hexadecimal"}
		}
		dst = append(dst, high<<4|low)
	}
	return dst, len(chars), nil
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
