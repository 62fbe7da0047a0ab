package wire

import (
	"slices"

	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// A Form is how a field is written where that is not the dialect's own way. Of the
// private fields each acquirer has its own idea.
type Form byte

// The forms of fields.
const (
	InCharacters Form = 'c' // digits a character each, or a text where digits belong
	InDigits     Form = 'd' // packed digits where a text belongs
	InHalfBytes  Form = 'h' // bytes whose length counts half bytes
	RightAligned Form = 'r' // an odd number of digits with the spare half byte first
)

// String says it in words.
func (f Form) String() string {
	switch f {
	case InCharacters:
		return "in characters"
	case InDigits:
		return "in packed digits"
	case InHalfBytes:
		return "with a length that counts half bytes"
	case RightAligned:
		return "right-aligned"
	}
	return "?"
}

// A Reading is a field of a message in another form than the dialect's own. Decode
// tries the dialect's own first, and others only when a frame makes no sense with
// it: the one that it takes must read to the frame's last byte.
type Reading struct {
	Field int
	Form  Form
}

// An other is another form of one field.
type other struct {
	form Form
	step *step
	// closes: it reads fewer bytes than the dialect's own, so that a frame that broke
	// off could pass for a whole one. It is taken only with a field after it that
	// says its own length, and so would not fit by chance.
	closes bool
}

// otherForms compiles the other forms of rows.
func otherForms(rows []row) (forms [lastField + 1][]other) {
	for _, r := range rows {
		lll := counted{digits: r.vary, as: packedDigits, unit: 1}
		switch {
		case r.number == 22:
			forms[22] = []other{otherForm(r, RightAligned, bcd{right: true}, fixed{})}
		case r.vary == 0:
		case r.kind == 'n' || r.kind == 'z':
			forms[r.number] = []other{otherForm(r, InCharacters, letters{}, lll)}
		case r.kind == 'b':
			lll.unit = 2
			forms[r.number] = []other{otherForm(r, InHalfBytes, text{}, lll)}
		case r.vary == 3 && r.number >= 48:
			forms[r.number] = []other{otherForm(r, InDigits, bcd{}, lll)}
		}
	}
	return forms
}

func otherForm(r row, form Form, content coder, length prefix.Prefixer) other {
	s := compile(r.number, &field.Spec{Length: r.most, Description: r.name, Enc: content, Pref: length})
	return other{form: form, step: s, closes: form == InHalfBytes || form == InDigits}
}

// letters are characters that print.
type letters struct{}

func (l letters) Encode(value []byte) ([]byte, error)            { return encode(l, value) }
func (l letters) Decode(data []byte, n int) ([]byte, int, error) { return decode(l, data, n) }

func (letters) size(n int) int { return n }

func (letters) write(dst, value []byte) ([]byte, error) { return append(dst, value...), nil }

func (letters) read(dst, data []byte, n int) ([]byte, int, error) {
	value, err := take(data, n)
	if err != nil {
		return dst, 0, err
	}
	if at := slices.IndexFunc(value, func(b byte) bool { return b < ' ' || b > '~' }); at >= 0 {
		return dst, 0, &misread{at, "not a character"}
	}
	return append(dst, value...), n, nil
}

// form returns another form of a field, nil where the dialect has none such.
func (d *Dialect) form(number int, form Form) *step {
	if d.others == nil || number < 1 || number > lastField {
		return nil
	}
	for _, o := range d.others[number] {
		if o.form == form {
			return o.step
		}
	}
	return nil
}

// most steps that a search for readings may take: a frame costs what it costs.
const mostTries = 256

// A search looks for the forms that make sense of a frame.
type search struct {
	d     *Dialect
	frame []byte
	tries int
	found []Reading
}

// readings looks for the forms in which a frame can be read to its last byte where
// the dialect's own break; nil when there are none.
func (d *Dialect) readings(frame []byte) []Reading {
	if d.others == nil {
		return nil
	}
	w := walker{d: d, frame: frame}
	if err := w.open(); err != nil {
		return nil
	}
	s := search{d: d, frame: frame}
	if !s.from(w.off, w.fields) {
		return nil
	}
	return s.found
}

// from reads the fields that are left, beginning at off, in whatever form goes to
// the end.
func (s *search) from(off int, left Fields) bool {
	number := left.first()
	if number == 0 {
		return off == len(s.frame)
	}
	left.Remove(number)
	if s.d.plan[number] != nil && s.try(s.d.plan[number], off, left) {
		return true
	}
	for _, o := range s.d.others[number] {
		if o.closes && !s.confirms(left) || o.form == RightAligned {
			continue
		}
		s.found = append(s.found, Reading{number, o.form})
		if s.try(o.step, off, left) {
			return true
		}
		s.found = s.found[:len(s.found)-1]
	}
	return false
}

// confirms reports whether one of the fields to come says its own length.
func (s *search) confirms(left Fields) bool {
	for number := left.first(); number != 0; number = left.first() {
		if left.Remove(number); s.d.rows[number].vary > 0 {
			return true
		}
	}
	return false
}

func (s *search) try(step *step, off int, left Fields) bool {
	if s.tries++; s.tries > mostTries {
		return false
	}
	var c content
	_, err := step.decode(&c, nil, s.frame[off:])
	return err == nil && s.from(off+c.read, left)
}

// step is how the walk reads a field, and in which form when that is another than
// the dialect's own.
func (w *walker) step(number int) (*step, Form) {
	if w.d.others == nil {
		return w.d.plan[number], 0
	}
	if number == 22 && rightAligned(w.frame[w.off:]) {
		return w.d.form(22, RightAligned), RightAligned
	}
	for _, r := range w.forms {
		if r.Field == number {
			return w.d.form(number, r.Form), r.Form
		}
	}
	return w.d.plan[number], 0
}

// rightAligned tells an entry mode at the right of its two bytes, as some
// terminals write it: at the left it would be none, with a spare half byte that is
// not zero.
func rightAligned(data []byte) bool {
	if len(data) < 2 || data[0]>>4 != 0 || data[1]&0xF == 0 || data[1]&0xF > 9 {
		return false
	}
	hex := upperHex(data[:2])
	return !slices.Contains(entryModes, hex[:2]) && slices.Contains(entryModes, hex[1:3])
}

// reading returns the form in which m's field is written, 0 for the dialect's own.
func (m *Message) reading(number int) Form {
	for _, r := range m.Readings {
		if r.Field == number {
			return r.Form
		}
	}
	return 0
}
