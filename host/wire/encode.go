package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync"
)

const (
	tpduSize   = 5
	headerSize = 6
)

// What a message carries that says nothing of its own: no address, and version 31
// of the specification with nothing to report, as terminals send it.
var (
	plainTPDU   = []byte{0x60, 0, 0, 0, 0}
	plainHeader = []byte{0x60, 0x31, 0, 0, 0, 0}
)

// Encode appends the frame of m to dst. With a seal it sets the bit of the MAC
// (64, or 128 when a field above 64 is present), seals the bytes from the MTI to
// the field before it, and appends what the seal returns; without one m.MAC goes
// as it is.
//
// A field that the dialect cannot write is an *EncodeError, and dst comes back as
// it was.
func (d *Dialect) Encode(dst []byte, m *Message, s Seal) ([]byte, error) {
	fields := m.present()
	mac := macField(fields)
	scratch := scratches.Get().(*[mostScratch]byte)
	defer scratches.Put(scratch)
	if s != nil {
		fields.Add(mac)
	}
	out, err := d.opening(dst, m)
	if err != nil {
		return dst, err
	}
	begin := len(out)
	if out, err = d.plan[0].encode(out, append(scratch[:0], m.MTI...), nil); err != nil {
		return dst, &EncodeError{Field: PartMTI, Err: err}
	}
	out = d.appendBitmap(out, fields, scratch[:0])
	fields.Remove(1)
	for number := fields.first(); number != 0; number = fields.first() {
		fields.Remove(number)
		value := m.content(number, mac, scratch[:0])
		if s != nil && number == mac {
			if value, err = s(out[begin:len(out):len(out)]); err != nil {
				return dst, &EncodeError{Field: mac, Name: "message authentication code", Err: err}
			}
		}
		if out, err = d.appendField(out, m, number, value); err != nil {
			return dst, err
		}
	}
	return out, nil
}

// mostScratch is room for any text that is not an exception.
const mostScratch = 256

// scratches are where a text lies while it is written.
var scratches = sync.Pool{New: func() any { return new([mostScratch]byte) }}

// opening appends TPDU and header, where the dialect has them.
func (d *Dialect) opening(dst []byte, m *Message) ([]byte, error) {
	dst, err := appendPart(dst, PartTPDU, d.tpdu, m.TPDU, plainTPDU)
	if err != nil {
		return nil, err
	}
	return appendPart(dst, PartHeader, d.header, m.Header, plainHeader)
}

// appendPart appends a part of size bytes, nothing where the dialect has none.
func appendPart(dst []byte, part, size int, value, plain []byte) ([]byte, error) {
	switch {
	case size == 0:
		return dst, nil
	case value == nil && len(plain) == size:
		value = plain
	case value == nil:
		value = make([]byte, size)
	}
	if len(value) != size {
		return nil, &EncodeError{Field: part, Err: fmt.Errorf("it is %d bytes long and must be %d", len(value), size)}
	}
	return append(dst, value...), nil
}

func (d *Dialect) appendBitmap(dst []byte, fields Fields, scratch []byte) []byte {
	if fields[1] != 0 {
		fields.Add(1)
	}
	bitmap := binary.BigEndian.AppendUint64(scratch, bits.Reverse64(fields[0]))
	if fields.Has(1) {
		bitmap = binary.BigEndian.AppendUint64(bitmap, bits.Reverse64(fields[1]))
	}
	dst, _ = d.bits.write(dst, bitmap) // writes any bytes
	return dst
}

var (
	errNegative = errors.New("the amount is negative")
	errNoPlace  = errors.New("this dialect has no such field: take it out of the message or use another dialect")
)

func (d *Dialect) appendField(dst []byte, m *Message, number int, value []byte) ([]byte, error) {
	step := d.plan[number]
	if form := m.reading(number); form != 0 {
		if other := d.form(number, form); other != nil {
			step = other
		}
	}
	if step == nil {
		return dst, &EncodeError{Field: number, Err: errNoPlace}
	}
	err := error(nil)
	if number == 4 && m.Amount < 0 {
		err = errNegative
	} else if dst, err = step.encode(dst, value, m.pad(number)); err == nil {
		return dst, nil
	}
	return dst, &EncodeError{Field: number, Name: step.name, Err: err}
}
