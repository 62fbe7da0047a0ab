package wire

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"sync"
)

// A walker goes through a frame part by part.
type walker struct {
	d      *Dialect
	frame  []byte
	off    int
	begin  int    // where the MTI begins: what a MAC covers starts here
	tpdu   []byte // both lie in frame
	header []byte
	mti    MTI
	fields Fields // still to come
	bitmap []byte // 8 or 16 bytes
	forms  []Reading

	texts, raw []byte // contents, one after the other: those that are text, and those that are bytes
	spans      []span // which of them is whose
	now        content
}

// fail says where the walk ended.
func (w *walker) fail(number, at int, err error) *DecodeError {
	e := &DecodeError{Offset: w.off + at, Field: number, Err: err}
	if number >= 0 && number <= lastField {
		if s := w.d.plan[number]; s != nil {
			e.Name = s.name
		}
	}
	return e
}

// part reads n bytes that are none of the fields.
func (w *walker) part(number, n int) ([]byte, error) {
	part, err := take(w.frame[w.off:], n)
	if err != nil {
		return nil, w.fail(number, 0, err)
	}
	w.off += n
	return part, nil
}

// keep takes a part among the bytes.
func (w *walker) keep(part []byte) []byte {
	begin := len(w.raw)
	w.raw = append(w.raw, part...)
	return w.raw[begin:len(w.raw):len(w.raw)]
}

// readMTI reads the message type.
func (w *walker) readMTI() error {
	w.begin = w.off
	c := &w.now
	at, err := w.d.plan[0].decode(c, w.texts, w.frame[w.off:])
	if err != nil {
		return w.fail(PartMTI, at, err)
	}
	w.off += c.read
	w.mti = parseMTI(c.value)
	return nil
}

// readBitmap reads the bitmap, and the second one that bit 1 announces.
func (w *walker) readBitmap() error {
	for i := range w.fields {
		all, read, err := w.d.bits.read(w.bitmap, w.frame[w.off:], 8)
		if err != nil {
			at := 0
			if wrong, ok := errors.AsType[*misread](err); ok {
				at = wrong.at
			}
			return w.fail(PartBitmap, at, err)
		}
		w.off += read
		w.bitmap = all
		w.fields[i] = bits.Reverse64(binary.BigEndian.Uint64(all[8*i:]))
		if w.fields[0]&1 == 0 {
			break
		}
	}
	w.fields.Remove(1)
	return nil
}

var (
	errUnknownField = errors.New("this dialect has no such field")
	errTrailing     = errors.New("bytes follow the last field")
)

// next reads the next field; its number is 0 after the last. What it holds is good
// until the one after it is read.
func (w *walker) next() (int, *content, error) {
	number := w.fields.first()
	if number == 0 {
		if w.off < len(w.frame) {
			return 0, nil, w.fail(PartTrailer, 0, errTrailing)
		}
		return 0, nil, nil
	}
	step, form := w.d.plan[number], Form(0)
	if number == 22 || len(w.forms) > 0 {
		step, form = w.step(number)
	}
	if step == nil {
		return number, nil, w.fail(number, 0, errUnknownField)
	}
	room, c := &w.raw, &w.now
	if textual[number] {
		room = &w.texts
	}
	if at, err := step.decode(c, *room, w.frame[w.off:]); err != nil {
		return number, nil, w.fail(number, at, err)
	}
	*room, c.form = c.room, form
	w.fields.Remove(number)
	w.off += c.read
	return number, c, nil
}

// macField is the number of the field that carries the MAC: the last bit of the
// last bitmap (ISO 8583:1987).
func macField(f Fields) int {
	if f[1] != 0 {
		return 128
	}
	return 64
}

// Decode reads a frame into m, replacing what it held. mab is the part of the
// frame that the MAC covers, when the frame carries one: it lies in frame.
//
// When the frame is malformed the error is a *DecodeError, and m holds what came
// before the offset it names.
func (d *Dialect) Decode(frame []byte, m *Message) (mab []byte, err error) {
	mab, err = d.decode(frame, m, nil)
	if err == nil || d.others == nil {
		return mab, err
	}
	if forms := d.readings(frame); forms != nil {
		var whole Message
		if mab, err := d.decode(frame, &whole, forms); err == nil {
			*m = whole
			return mab, nil
		}
	}
	return mab, err
}

// decode reads a frame with some fields in other forms than the dialect's own.
func (d *Dialect) decode(frame []byte, m *Message, forms []Reading) (mab []byte, err error) {
	w := walk(d, frame, forms)
	defer w.rest()
	*m = Message{}
	mac := 0
	if err = w.prelude(m); err == nil {
		mac = macField(w.fields)
		mab, err = w.contents(m, mac)
	}
	w.settle(m, mac)
	return mab, err
}

// walkers are used again, for the room they have.
var walkers = sync.Pool{New: func() any { return &walker{texts: make([]byte, 0, 512), raw: make([]byte, 0, 512)} }}

func walk(d *Dialect, frame []byte, forms []Reading) *walker {
	w := walkers.Get().(*walker)
	*w = walker{d: d, frame: frame, forms: forms, bitmap: w.bitmap[:0], texts: w.texts[:0], raw: w.raw[:0], spans: w.spans[:0]}
	return w
}

// rest ends a walk.
func (w *walker) rest() {
	w.frame, w.tpdu, w.header, w.forms = nil, nil, nil, nil
	walkers.Put(w)
}

// contents reads the fields. What they hold lies in the walker until settle.
func (w *walker) contents(m *Message, mac int) (mab []byte, err error) {
	for {
		start := w.off
		number, c, err := w.next()
		if err != nil || number == 0 {
			return mab, err
		}
		if number == mac {
			mab = w.frame[w.begin:start]
		}
		if number == 4 {
			if err := m.set(4, mac, c.value); err != nil {
				w.off = start
				return mab, w.fail(number, 0, err)
			}
		} else {
			m.Has.Add(number)
			w.spans = append(w.spans, span{number, len(c.room) - len(c.value), len(c.room)})
		}
		if c.pad != nil {
			m.Pads = append(m.Pads, *c.pad)
		}
		if c.form != 0 {
			m.Readings = append(m.Readings, Reading{Field: number, Form: c.form})
		}
	}
}

// A span is where the content of a field lies in its room.
type span struct{ number, from, to int }

// settle gives m what was read: all texts lie in one string and all bytes in one
// slice, so that a message costs two allocations, whatever it carries.
func (w *walker) settle(m *Message, mac int) {
	texts, raw := string(w.texts), make([]byte, len(w.raw))
	copy(raw, w.raw)
	head := len(m.TPDU)
	if m.TPDU != nil {
		m.TPDU = raw[:head:head]
	}
	if n := len(m.Header); m.Header != nil {
		m.Header = raw[head : head+n : head+n]
	}
	for _, s := range w.spans {
		if textual[s.number] {
			*m.namedText(s.number) = texts[s.from:s.to]
		} else {
			m.setBytes(s.number, mac, raw[s.from:s.to:s.to])
		}
	}
}

// prelude reads what comes before the fields into m.
func (w *walker) prelude(m *Message) error {
	err := w.open()
	if w.tpdu != nil {
		m.TPDU = w.keep(w.tpdu)
	}
	if w.header != nil {
		m.Header = w.keep(w.header)
	}
	m.MTI = w.mti
	if err == nil && len(w.bitmap) > 8 {
		m.Has.Add(1)
	}
	return err
}

// open reads what comes before the fields.
func (w *walker) open() (err error) {
	if w.d.tpdu > 0 {
		if w.tpdu, err = w.part(PartTPDU, w.d.tpdu); err != nil {
			return err
		}
	}
	if w.d.header > 0 {
		if w.header, err = w.part(PartHeader, w.d.header); err != nil {
			return err
		}
	}
	if err = w.readMTI(); err != nil {
		return err
	}
	return w.readBitmap()
}
