package wire

import (
	"bytes"
	"errors"

	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/padding"
	"github.com/moov-io/iso8583/prefix"
)

// A step reads and writes one field. It is compiled from moov's field.Spec and
// uses the spec's own encoder, prefixer and padder.
type step struct {
	number int
	name   string
	most   int             // digits, characters or bytes
	fixed  bool            // of one length, which is not said
	size   int             // and so many bytes of a frame
	packed int             // bytes of a length that is packed digits and no more; 0 of any other
	length prefix.Prefixer // how the length is said
	coder  coder
	spaces bool           // it is filled with spaces behind
	pad    padding.Padder // or in another way
	half   halfByte       // nil when the encoding leaves none
}

// halfByte is the spare nibble of an odd number of digits.
type halfByte interface {
	own() byte
	pad(packed []byte) byte
	setPad(packed []byte, nibble byte)
}

// compile makes a step of a spec, whose encoder is one of ours.
func compile(number int, spec *field.Spec) *step {
	half, _ := spec.Enc.(halfByte)
	_, filled := spec.Pad.(spacesBehind)
	s := &step{
		number: number, name: spec.Description, most: spec.Length, length: spec.Pref,
		coder: spec.Enc.(coder), spaces: filled && spec.Length <= len(spaces), pad: spec.Pad, half: half,
	}
	if _, s.fixed = spec.Pref.(fixed); s.fixed {
		s.size = s.coder.size(s.most)
	}
	if c, ok := spec.Pref.(counted); ok && c.as == packedDigits && c.unit == 1 && !c.pairs && c.digits <= 4 {
		s.packed = c.bytes()
	}
	return s
}

// content is what a step found in a frame.
type content struct {
	value  []byte // without padding; lies in room
	room   []byte // what value was appended to
	length int    // of value as the frame has it, with padding
	read   int    // bytes of the frame
	form   Form   // when it is not the dialect's own
	pad    *Pad   // spare half byte, when it is not the dialect's own
}

// decode reads the field at the start of data into c; its value is appended to room.
// When it fails, at says how far into data.
func (s *step) decode(c *content, room, data []byte) (at int, err error) {
	length, read, err := s.lengthOf(data)
	if err != nil {
		return 0, err
	}
	filled, n, err := s.coder.read(room, data[read:], length)
	if err != nil {
		if wrong, ok := errors.AsType[*misread](err); ok {
			at = read + wrong.at
		}
		return at, err
	}
	c.length, c.read, c.form, c.pad = length, read+n, 0, nil
	if s.half != nil && length%2 == 1 {
		if nibble := s.half.pad(data[read : read+n]); nibble != s.half.own() {
			c.pad = &Pad{Field: s.number, Nibble: nibble}
		}
	}
	switch {
	case s.spaces:
		for len(filled) > len(room) && filled[len(filled)-1] == ' ' {
			filled = filled[:len(filled)-1]
		}
	case s.pad != nil:
		filled = append(filled[:len(room)], s.pad.Unpad(filled[len(room):])...)
	}
	c.room, c.value = filled, filled[len(room):]
	return 0, nil
}

// lengthOf reads the length that the field at the start of data says, or has.
func (s *step) lengthOf(data []byte) (length, read int, err error) {
	if s.fixed {
		return s.most, 0, nil
	}
	if n := s.packed; n > 0 && n <= len(data) {
		length = int(unpacked[data[n-1]])
		if n == 2 {
			length += 100 * int(unpacked[data[0]])
		}
		if length <= s.most { // what is no number is greater than any
			return length, n, nil
		}
	}
	return s.length.DecodeLength(s.most, data)
}

// unpacked is the number that two packed digits are; of what are none, one that no
// field is as long as.
var unpacked = func() (numbers [256]int32) {
	for b := range numbers {
		if numbers[b] = int32(b>>4*10 + b&0xF); b>>4 > 9 || b&0xF > 9 {
			numbers[b] = 1 << 20
		}
	}
	return numbers
}()

// extent is how many bytes the field at the start of data takes, whatever they hold.
func (s *step) extent(data []byte) (int, error) {
	if s.fixed && s.size <= len(data) {
		return s.size, nil
	}
	length, read, err := s.lengthOf(data)
	if err != nil {
		return 0, err
	}
	_, err = take(data[read:], s.coder.size(length))
	return read + s.coder.size(length), err
}

// encode appends the field; pad is the spare half byte where another came in.
func (s *step) encode(dst, value []byte, pad *Pad) ([]byte, error) {
	short, out := 0, dst
	switch {
	case s.spaces:
		short = max(0, s.most-len(value))
	case s.pad != nil:
		value = s.pad.Pad(value, s.most)
	}
	if !s.fixed || len(value)+short != s.most {
		length, err := s.length.EncodeLength(s.most, len(value)+short)
		if err != nil {
			return dst, err
		}
		out = append(dst, length...)
	}
	begin := len(out)
	out, err := s.coder.write(out, value)
	if err == nil && short > 0 {
		out, err = s.coder.write(out, spaces[:short])
	}
	if err != nil {
		return dst, err
	}
	if s.half != nil && len(value)%2 == 1 && pad != nil {
		s.half.setPad(out[begin:], pad.Nibble)
	}
	return out, nil
}

// spacesBehind fills a text with spaces up to its fixed length. It is moov's
// padding.Right(' ') without a slice of its own.
type spacesBehind struct{}

var (
	_      padding.Padder = spacesBehind{}
	spaces                = bytes.Repeat([]byte{' '}, 999)
)

func (spacesBehind) Pad(value []byte, length int) []byte {
	return append(bytes.Clone(value), bytes.Repeat(spaces[:1], max(0, length-len(value)))...)
}

func (spacesBehind) Unpad(value []byte) []byte { return bytes.TrimRight(value, " ") }

func (spacesBehind) Inspect() []byte { return spaces[:1] }
