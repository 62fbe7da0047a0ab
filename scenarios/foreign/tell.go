package foreign

import (
	"encoding/binary"
	"strconv"

	"possim/host/wire"
)

// Tell knows a message when it sees one: bytes that a dialect reads to the last,
// with or without their length before them.
type Tell struct {
	dialect *wire.Dialect
	why     string
	fixed   bool
}

// NewTell returns a Tell for a dialect. With nil it finds out which one the first
// messages are in, and stays with it.
func NewTell(d *wire.Dialect) *Tell {
	t := &Tell{dialect: d, fixed: d != nil}
	if t.fixed {
		t.why = "as it was asked for"
	}
	return t
}

// Dialect returns the dialect, nil while nothing was read, and why it is that.
func (t *Tell) Dialect() (d *wire.Dialect, why string) { return t.dialect, t.why }

// Settle takes a dialect where none was asked for or found.
func (t *Tell) Settle(d *wire.Dialect, why string) {
	if t.dialect == nil {
		t.dialect, t.why = d, why
	}
}

// base24 is the header of BASE24's messages in characters: a product, a release, a
// status, who it came from.
var base24 = late(`ISO\d{9}[012][1-8][0-5]\d`)

const base24Size = 12

// Message returns the message in some bytes, without its length and without the
// header of BASE24.
func (t *Tell) Message(data []byte) (frame []byte, ok bool) {
	if frame, ok = t.message(data); ok {
		return frame, true
	}
	if at := base24().FindIndex(data[:min(len(data), base24Size+8)]); at != nil {
		return t.message(data[at[0]+base24Size:])
	}
	return nil, false
}

func (t *Tell) message(data []byte) (frame []byte, ok bool) {
	if len(data) < shortest {
		return nil, false
	}
	if t.dialect != nil {
		return t.in(t.dialect, data)
	}
	d, why := wire.Auto(data)
	if frame, ok = t.in(d, data); !ok {
		for _, l := range lengths { // Auto knows one or two of them
			if size, said := l.of(data); said && l.size+size == len(data) {
				if d, why = wire.Auto(data[l.size:]); reads(d, data[l.size:]) {
					frame, ok = data[l.size:], true
					break
				}
			}
		}
	}
	if ok {
		t.dialect, t.why = d, why
	}
	return frame, ok
}

// in returns the message that a dialect reads in some bytes.
func (t *Tell) in(d *wire.Dialect, data []byte) ([]byte, bool) {
	if reads(d, data) {
		return data, true
	}
	for _, l := range lengths {
		if size, said := l.of(data); said && l.size+size == len(data) && reads(d, data[l.size:]) {
			return data[l.size:], true
		}
	}
	return nil, false
}

// shortest is what a message has at least: its type and a bitmap, packed.
const shortest = 10

// reads reports whether d reads a message to its last byte. A message type that is
// none makes it another dialect's.
func reads(d *wire.Dialect, frame []byte) bool {
	var m wire.Message
	_, err := d.Decode(frame, &m)
	return err == nil && len(m.MTI) == 4 && m.MTI[0] <= '2' && m.MTI[1] >= '1' && m.MTI[2] <= '5'
}

// A length is a way to write a message's length before it.
type length struct {
	size      int  // bytes of the length itself
	digits    bool // in characters
	inclusive bool // it counts itself
}

// lengths are the ways there are, the usual one first (jPOS's channels and isosim's
// message length indicators 2e, 4e, 2i and 4i).
var lengths = []length{{size: 2}, {size: 4, digits: true}, {size: 4}, {size: 2, inclusive: true}, {size: 4, inclusive: true}}

// of reads the length before data; said is false where none can be there.
func (l length) of(data []byte) (size int, said bool) {
	if len(data) < l.size {
		return 0, false
	}
	switch {
	case l.digits:
		n, err := strconv.ParseUint(string(data[:l.size]), 10, 16)
		if size = int(n); err != nil {
			return 0, false
		}
	case l.size == 2:
		size = int(binary.BigEndian.Uint16(data))
	default:
		size = int(binary.BigEndian.Uint32(data))
	}
	if l.inclusive {
		size -= l.size
	}
	return size, size >= 0 && size <= wire.MostBytes
}
