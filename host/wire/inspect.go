package wire

import (
	"errors"
	"fmt"
	"strings"

	"possim/reader/card"
)

// A Picture is a frame taken apart for people and machines. Nothing in it is
// secret: PANs are masked, tracks and PIN blocks hidden.
type Picture struct {
	Dialect string
	Length  int    // of the frame, without the length bytes before it
	TPDU    string // upper-case hexadecimal, as Header and Bitmap are; empty where there is none
	Header  string
	MTI     string
	Bitmap  string
	Kind    Kind // what a request asks for
	Fields  []Shown
	// Notes say what is odd about fields that could be read: a part that cannot be
	// right, and where in its field. None is an error: the private fields (48 and 59 to
	// 63) are each acquirer's own, their bytes are whole, and they are written back as
	// they came. Err is for an encoding that is broken, and for EMV data, whose TLV is
	// one everywhere.
	Notes []string
	// Err says where the frame stopped making sense; Fields holds what came before.
	// Its offset counts from the first byte that Inspect was given.
	Err *DecodeError
}

// Shown is one field as it may be shown.
type Shown struct {
	Number  int
	Name    string // English
	Chinese string
	Value   string     // text as text, bytes as upper-case hexadecimal, masked
	Means   string     // what the value stands for, where that is known
	Tags    []ShownTag // of field 55, instead of Value
	Parts   []ShownPart
}

// ShownTag is one data object of field 55.
type ShownTag struct{ Tag, Value string }

// Inspect takes data apart: a frame, with or without the two bytes of length
// before it. show says which PANs may be seen in clear; nil means none.
func (d *Dialect) Inspect(data []byte, show func(card.PAN) bool) Picture {
	frame, skipped, err := d.unframe(data)
	p := d.picture(frame, show)
	switch {
	case p.Err != nil:
		p.Err.Offset += skipped
	case err != nil:
		p.Err = &DecodeError{Field: PartLength, Err: err}
	}
	return p
}

var errLength = errors.New("the length before the frame is wrong")

// plausible reports whether a frame could begin here: with a message type of ISO
// 8583:1987, of which the first digit is 0.
func (d *Dialect) plausible(frame []byte) bool {
	var m Message
	w := walker{d: d, frame: frame}
	err := w.prelude(&m)
	return err == nil && m.MTI[0] == '0' && m.MTI[1] >= '1' && m.MTI[1] <= '8'
}

// picture walks the frame twice over: what PANs are in it must be known before
// any field is shown.
func (d *Dialect) picture(frame []byte, show func(card.PAN) bool) Picture {
	var whole Message
	var forms []Reading
	if _, err := d.Decode(frame, &whole); err == nil {
		forms = whole.Readings
	}
	p := Picture{Dialect: d.name, Length: len(frame)}
	for _, r := range forms {
		p.Notes = append(p.Notes, fmt.Sprintf("field %d, %s, which this dialect has otherwise", r.Field, r.Form))
	}
	w := walker{d: d, frame: frame, forms: forms}
	var m Message
	err := w.prelude(&m)
	p.TPDU, p.Header, p.MTI, p.Bitmap = upperHex(m.TPDU), upperHex(m.Header), string(m.MTI), upperHex(w.bitmap)
	found, begins := map[int][]byte{}, map[int]int{}
	var order []int
	for err == nil {
		var number int
		var c *content
		start := w.off
		if number, c, err = w.next(); number == 0 || err != nil {
			break
		}
		found[number], begins[number] = c.value, start
		order = append(order, number)
	}
	p.Err, _ = errors.AsType[*DecodeError](err)
	v := veil{show: show, mti: m.MTI, gbk: d.gbk}
	v.learn(found)
	for _, number := range order {
		shown, note := v.shown(d.rows[number], found[number])
		p.Fields = append(p.Fields, shown)
		if note != nil {
			p.Notes = append(p.Notes, v.others(fieldNote(number, note)))
		}
		if _, broken := ParseTLV(found[number]); number == 55 && p.Err == nil && broken != nil {
			p.Err = &DecodeError{Offset: begins[number], Field: number, Name: d.rows[number].name, Err: broken}
		}
		m.set(number, 0, found[number])
	}
	p.Kind, _ = KindOf(&m)
	return p
}

func upperHex(b []byte) string { return strings.ToUpper(fmt.Sprintf("%x", b)) }

// fieldNote names the field where the note itself does not.
func fieldNote(number int, note error) string {
	if _, ok := errors.AsType[*PartError](note); ok {
		return note.Error()
	}
	return fmt.Sprintf("field %d, %v", number, note)
}

var errHalfBytes = errors.New("half bytes that are no decimal digits")

// shown shows one field.
func (v *veil) shown(r row, value []byte) (Shown, error) {
	s := Shown{Number: r.number, Name: r.name, Chinese: r.chinese}
	parts, note := v.parts(r.number, value)
	s.Parts = parts
	if r.number == 55 {
		s.Tags = v.tags(value)
		return s, note
	}
	if r.number == 39 {
		if text, ok := Explain(Code(value)); ok {
			s.Means = text.English + " " + text.Chinese
		}
	}
	s.Value = v.field(r, value)
	if note == nil && r.kind == 'n' && onlyDigits(value) != nil {
		note = errHalfBytes
	}
	return s, note
}
