package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

var errNoNumber = errors.New("there is no field of that number: they are 2 to 128")

// Set puts a field into m that somebody has in writing: digits and text as
// characters, bytes as bytes.
func (m *Message) Set(number int, value []byte) error {
	if number < 2 || number > lastField {
		return errNoNumber
	}
	m.Clear(number)
	mac := 0
	if number == 64 || number == 128 {
		mac = number
	}
	return m.set(number, mac, value)
}

// Written turns a field's content as people and logs write it into what a Message
// holds: a field of bytes may be in hexadecimal, digits in bytes, a field of fixed
// length may lack the zeros before its digits or the spaces behind its text, as
// packagers add them, and track 2 may have D for its separator. binary says that
// the text is hexadecimal. What does not fit stays as it is, for Encode to refuse.
func (d *Dialect) Written(number int, text string, binary bool) []byte {
	r, value := d.rows[number], []byte(text)
	if whole, err := hex.DecodeString(text); err == nil && len(text) > 0 {
		switch {
		case binary && r.kind != 'n' && r.kind != 'x' && r.kind != 'z':
			value = whole
		case !binary && r.kind == 'b' && (r.vary > 0 || len(whole) == r.most):
			value = whole
		}
	}
	if r.kind == 'z' {
		value = bytes.TrimRight(bytes.Replace(bytes.ToUpper(value), []byte("D"), []byte("="), 2), "F")
	}
	short := r.most - len(value)
	if r.vary > 0 || short <= 0 {
		return value
	}
	switch r.kind {
	case 'n':
		return append(bytes.Repeat([]byte("0"), short), value...)
	case 's':
		return append(value, strings.Repeat(" ", short)...)
	}
	return value
}

// NameOf returns what the dialect calls a field, or its number.
func (d *Dialect) NameOf(number int) string {
	if r, ok := d.rows[number]; ok {
		return r.name
	}
	return "field " + strconv.Itoa(number)
}
