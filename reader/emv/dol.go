package emv

import (
	"fmt"
	"strings"
)

// DOL is a data object list: what a card asks for in a command, tag and length by
// tag and length, with no values (EMV Book 3, 5.4).
type DOL []Entry

// Entry is one object a DOL asks for.
type Entry struct {
	Tag    Tag
	Length int // bytes, 0 to 255
}

// Source is where a DOL finds values. A List is one, for the objects at its top.
type Source interface {
	Get(Tag) ([]byte, bool)
}

// ParseDOL takes a DOL apart. Its error is a *TLVError.
func ParseDOL(b []byte) (DOL, error) {
	var d DOL
	for at := 0; at < len(b); {
		n, problem := tagLength(b[at:])
		if problem != "" {
			return nil, &TLVError{Offset: at, Problem: "DOL: " + problem}
		}
		t := tagOf(b[at : at+n])
		at += n
		if at == len(b) {
			return nil, &TLVError{Offset: at, Problem: fmt.Sprintf("DOL: %s has no length", t)}
		}
		d = append(d, Entry{t, int(b[at])})
		at++
	}
	return d, nil
}

// Bytes returns the coded DOL.
func (d DOL) Bytes() []byte {
	var b []byte
	for _, e := range d {
		b = append(e.Tag.Append(b), byte(e.Length))
	}
	return b
}

// String returns the entries as "9F02:6 9A:3".
func (d DOL) String() string {
	parts := make([]string, len(d))
	for i, e := range d {
		parts[i] = fmt.Sprintf("%s:%d", e.Tag, e.Length)
	}
	return strings.Join(parts, " ")
}

// Length returns how many bytes the values take. More than 252 fit no command.
func (d DOL) Length() int {
	n := 0
	for _, e := range d {
		n += e.Length
	}
	return n
}

// Has reports whether the DOL asks for the tag.
func (d DOL) Has(t Tag) bool {
	for _, e := range d {
		if e.Tag == t {
			return true
		}
	}
	return false
}

// Build returns the values one after the other, each as long as the DOL asks for
// (EMV Book 3, 5.4). The first source that has an object gives it; an object that
// none has, and a constructed one, is zeros. A value too long loses its left bytes if
// it is numeric and its right bytes if not; one too short gets zeros on the left if
// numeric, FF on the right if compressed numeric, zeros on the right otherwise.
func (d DOL) Build(sources ...Source) []byte {
	out := make([]byte, 0, d.Length())
	for _, e := range d {
		out = append(out, fit(e, lookUp(e.Tag, sources))...)
	}
	return out
}

func lookUp(t Tag, sources []Source) []byte {
	if t.Constructed() {
		return nil
	}
	for _, s := range sources {
		if v, ok := s.Get(t); ok {
			return v
		}
	}
	return nil
}

// fit makes value as long as e asks for. No value is all zeros.
func fit(e Entry, value []byte) []byte {
	out := make([]byte, e.Length)
	switch f := e.Tag.Format(); {
	case f == Numeric && len(value) > e.Length:
		copy(out, value[len(value)-e.Length:])
	case f == Numeric:
		copy(out[e.Length-len(value):], value)
	default:
		n := copy(out, value)
		if f == Compressed && len(value) > 0 {
			for i := n; i < e.Length; i++ {
				out[i] = 0xFF
			}
		}
	}
	return out
}

// Split takes the data of a command apart by the DOL that asked for it: what a card
// does with what a terminal sent. The data must be exactly as long as the DOL says.
func (d DOL) Split(data []byte) (List, error) {
	if len(data) != d.Length() {
		return nil, fmt.Errorf("DOL data: %d bytes; the DOL asks for %d", len(data), d.Length())
	}
	var l List
	for _, e := range d {
		l.Add(e.Tag, append([]byte(nil), data[:e.Length]...))
		data = data[e.Length:]
	}
	return l, nil
}

// ParseTagList takes a list of tags without lengths apart, as the Static Data
// Authentication Tag List (9F4A) is one.
func ParseTagList(b []byte) ([]Tag, error) {
	var tags []Tag
	for at := 0; at < len(b); {
		n, problem := tagLength(b[at:])
		if problem != "" {
			return nil, &TLVError{Offset: at, Problem: "tag list: " + problem}
		}
		tags = append(tags, tagOf(b[at:at+n]))
		at += n
	}
	return tags, nil
}
