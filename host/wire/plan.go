package wire

import (
	"errors"

	"github.com/moov-io/iso8583/field"
)

// A step reads and writes one field. It is compiled from moov's field.Spec and
// uses the spec's own encoder, prefixer and padder.
type step struct {
	number int
	spec   *field.Spec
	half   halfByte // nil when the encoding leaves none
}

// halfByte is the spare nibble of an odd number of digits.
type halfByte interface {
	own() byte
	pad(packed []byte) byte
	setPad(packed []byte, nibble byte)
}

func compile(number int, spec *field.Spec) *step {
	half, _ := spec.Enc.(halfByte)
	return &step{number: number, spec: spec, half: half}
}

// content is what a step found in a frame.
type content struct {
	value  []byte // without padding; may lie in the frame
	length int    // of value as the frame has it, with padding
	read   int    // bytes of the frame
	form   Form   // when it is not the dialect's own
	pad    *Pad   // spare half byte, when it is not the dialect's own
}

// decode reads the field at the start of data. When it fails, at says how far
// into data.
func (s *step) decode(data []byte) (c content, at int, err error) {
	length, read, err := s.spec.Pref.DecodeLength(s.spec.Length, data)
	if err != nil {
		return content{}, 0, err
	}
	value, n, err := s.spec.Enc.Decode(data[read:], length)
	if err != nil {
		var wrong *misread
		if errors.As(err, &wrong) {
			at = read + wrong.at
		}
		return content{}, at, err
	}
	c = content{value: value, length: length, read: read + n}
	if s.half != nil && length%2 == 1 {
		if nibble := s.half.pad(data[read : read+n]); nibble != s.half.own() {
			c.pad = &Pad{Field: s.number, Nibble: nibble}
		}
	}
	if s.spec.Pad != nil {
		c.value = s.spec.Pad.Unpad(value)
	}
	return c, 0, nil
}

// encode appends the field; pad is the spare half byte where another came in.
func (s *step) encode(dst, value []byte, pad *Pad) ([]byte, error) {
	if s.spec.Pad != nil {
		value = s.spec.Pad.Pad(value, s.spec.Length)
	}
	length, err := s.spec.Pref.EncodeLength(s.spec.Length, len(value))
	if err != nil {
		return dst, err
	}
	packed, err := s.spec.Enc.Encode(value)
	if err != nil {
		return dst, err
	}
	if s.half != nil && len(value)%2 == 1 && pad != nil {
		s.half.setPad(packed, pad.Nibble)
	}
	return append(append(dst, length...), packed...), nil
}
