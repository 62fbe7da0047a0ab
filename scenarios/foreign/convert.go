package foreign

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"possim/host/wire"
)

// conversion makes a message of fields.
type conversion struct {
	dialect    *wire.Dialect
	surrogates Surrogates
	message    wire.Message
	noted      map[int]string // what was done to a field that its log does not show
}

// Convert encodes the fields of a frame in a dialect, and gives the frame its bytes.
// Hidden fields get surrogates, or are left out where nothing can stand for them;
// notes says of each what was done. A field that the dialect cannot write is a
// *Problem at its line.
func Convert(f *Frame, d *wire.Dialect, s Surrogates) (notes map[int]string, err error) {
	if f.Fields == nil {
		return nil, nil
	}
	c := &conversion{dialect: d, surrogates: s, noted: map[int]string{}}
	fields := slices.Clone(f.Fields)
	slices.SortStableFunc(fields, func(a, b Field) int { return a.Number - b.Number }) // 35 is rebuilt from 2 and 14
	for _, field := range fields {
		if err := c.take(field); err != nil {
			return nil, problem(strconv.Itoa(field.Line), "field %d (%s): %w", field.Number, d.NameOf(field.Number), err)
		}
	}
	if c.message.MTI == "" {
		return nil, problem(f.Place, "the message has no type (field 0)")
	}
	if tracks(&c.message) {
		if err := c.message.Set(35, []byte(c.message.PAN.Reveal()+trackEnd(c.message.Track2.Reveal()))); err != nil {
			return nil, err
		}
	}
	c.opening(f)
	frame, err := d.Encode(nil, &c.message, nil)
	if wrong, ok := errors.AsType[*wire.EncodeError](err); ok {
		return nil, problem(lineOf(f, wrong.Field), "%w", err)
	}
	if err == nil {
		var back wire.Message
		if _, err = d.Decode(frame, &back); err != nil {
			err = problem(f.Place, "%w", err)
		}
		if len(f.Header) > 0 && back.TPDU == nil {
			c.noted[0] = fmt.Sprintf("a header of %d bytes is left out", len(f.Header))
		}
	}
	f.Bytes = frame
	return c.noted, err
}

// trackEnd is track 2 from its separator on.
func trackEnd(track string) string { return track[strings.IndexByte(track, '='):] }

// lineOf finds the line of a field.
func lineOf(f *Frame, number int) string {
	for _, field := range f.Fields {
		if field.Number == number || number == wire.PartMTI && field.Number == 0 {
			return strconv.Itoa(field.Line)
		}
	}
	return f.Place
}

// take puts one field into the message.
func (c *conversion) take(f Field) error {
	switch {
	case f.Number == 0:
		c.message.MTI = wire.MTI(f.Text)
		return nil
	case f.Number == 1: // the second bitmap
		return nil
	case !c.dialect.Carries(f.Number):
		return fmt.Errorf("%s has no such field: name a dialect that has it", c.dialect)
	}
	value, ok := []byte(nil), true
	switch {
	case f.Parts != nil:
		value, ok = c.parts(f)
	case masked(f):
		c.noted[f.Number] = "hidden: something that says nothing stands for it"
		var err error
		if value, ok, err = c.unmask(f); err != nil {
			return err
		}
		if !ok {
			c.noted[f.Number] = "hidden: left out"
		}
	default:
		value = c.dialect.Written(f.Number, f.Text, f.Binary)
	}
	if !ok || len(value) == 0 {
		return nil
	}
	return c.message.Set(f.Number, value)
}

// chipField holds EMV data (ISO 8583:1993 names it; everybody uses it in 1987's).
const chipField = 55

// tagged writes EMV data that a packager took apart, where the log has its tags.
func (c *conversion) tagged(f Field) (value []byte, ok bool) {
	for _, p := range f.Parts {
		part, err := hex.DecodeString(p.Text)
		if p.Tag == "" || p.Parts != nil || masked(p) || err != nil {
			c.noted[f.Number] = "made of parts whose tags or contents are not in the log: left out"
			return nil, false
		}
		if value, err = wire.AppendTLV(value, p.Tag, part); err != nil {
			c.noted[f.Number] = "made of parts whose tags are none of EMV: left out"
			return nil, false
		}
	}
	c.noted[f.Number] = "made of parts: written as EMV data"
	return value, true
}

// parts writes a field that has fields of its own. How its packager joined them is
// not in the log: they stand one behind the other.
func (c *conversion) parts(f Field) (value []byte, ok bool) {
	if f.Number == chipField {
		return c.tagged(f)
	}
	c.noted[f.Number] = "made of parts: they are written one behind the other"
	var join func(parts []Field) string
	join = func(parts []Field) (s string) {
		for _, p := range parts {
			switch {
			case p.Parts != nil:
				s += join(p.Parts)
			case !masked(p):
				s += p.Text
			}
		}
		return s
	}
	return c.dialect.Written(f.Number, join(f.Parts), false), true
}

// What came before the message type, by its size: a TPDU, and a header behind it.
const (
	tpdu = 5
	both = 11
)

// opening keeps TPDU and header where the dialect has a place for them.
func (c *conversion) opening(f *Frame) {
	switch len(f.Header) {
	case both:
		c.message.TPDU, c.message.Header = f.Header[:tpdu], f.Header[tpdu:]
	case tpdu:
		c.message.TPDU = f.Header
	}
}
