package emv

import (
	"bytes"
	"fmt"
	"iter"
)

// TLV is one data object: a tag and its value. For a constructed tag List holds the
// objects inside and Value is nil; for any other Value holds the bytes.
//
// It prints as name, tag and value, with numbers, names, tracks and PINs masked
// (Tag.Secret), whatever prints it.
type TLV struct {
	Tag   Tag
	Value []byte
	List  List
}

// List is data objects in the order they came, with their duplicates. The order
// matters: certificates and hashes run over it.
type List []TLV

// maxDepth bounds how deep constructed objects may nest. EMV's deepest is four
// (6F, A5, BF0C, 61).
const maxDepth = 8

// TLVError says what is wrong with coded data objects and where. It never shows
// the bytes of a value.
type TLVError struct {
	Offset  int    // of the byte that is wrong, from the start of what was parsed
	Within  Tag    // the constructed object that holds it, 0 at the top
	Problem string // what was found and what was wanted
}

// Error implements error.
func (e *TLVError) Error() string {
	if e.Within != 0 {
		return fmt.Sprintf("data objects: offset %d, inside %s: %s", e.Offset, e.Within, e.Problem)
	}
	return fmt.Sprintf("data objects: offset %d: %s", e.Offset, e.Problem)
}

// Parse takes a sequence of data objects apart (EMV Book 3 Annex B). Bytes 00 and FF
// before, between and after objects are padding and skipped. A length is one byte,
// or 81 and one, or 82 and two; 80, the indefinite length of BER, and longer ones
// are refused, as is a value that runs over the end. The list keeps no reference to b.
func Parse(b []byte) (List, error) {
	p := parser{data: bytes.Clone(b)}
	return p.list(0, len(p.data), 0, 0)
}

// Cut takes the first object off b without looking inside it: its tag, its value byte for
// byte, and what follows. Padding is not skipped, nothing is copied. It is for what a
// hash runs over, and for the outermost template of an answer.
func Cut(b []byte) (t Tag, value, rest []byte, err error) {
	n, problem := tagLength(b)
	if problem != "" {
		return 0, nil, nil, &TLVError{Problem: problem}
	}
	t = tagOf(b[:n])
	size, used, problem := lengthField(b[n:])
	if problem == "" && size > len(b)-n-used {
		problem = fmt.Sprintf("a value of %d bytes; %d are left", size, len(b)-n-used)
	}
	if problem != "" {
		return 0, nil, nil, &TLVError{Offset: n, Problem: fmt.Sprintf("%s: %s", t, problem)}
	}
	at := n + used
	return t, b[at : at+size : at+size], b[at+size:], nil
}

// parser walks one buffer; every position is an offset into it.
type parser struct{ data []byte }

func (p *parser) list(at, end int, within Tag, depth int) (List, error) {
	var l List
	for {
		for at < end && (p.data[at] == 0x00 || p.data[at] == 0xFF) {
			at++
		}
		if at == end {
			return l, nil
		}
		o, next, err := p.object(at, end, within, depth)
		if err != nil {
			return nil, err
		}
		l, at = append(l, o), next
	}
}

// object parses the object at at and returns where the next one starts.
func (p *parser) object(at, end int, within Tag, depth int) (TLV, int, error) {
	n, problem := tagLength(p.data[at:end])
	if problem != "" {
		return TLV{}, 0, &TLVError{at, within, problem}
	}
	o := TLV{Tag: tagOf(p.data[at : at+n])}
	at += n
	size, used, problem := lengthField(p.data[at:end])
	if problem != "" {
		return TLV{}, 0, &TLVError{at, within, fmt.Sprintf("%s: %s", o.Tag, problem)}
	}
	at += used
	if size > end-at {
		return TLV{}, 0, &TLVError{at, within, fmt.Sprintf("%s: a value of %d bytes; %d are left", o.Tag, size, end-at)}
	}
	if !o.Tag.Constructed() {
		o.Value = p.data[at : at+size : at+size]
		return o, at + size, nil
	}
	if depth == maxDepth {
		return TLV{}, 0, &TLVError{at, within, fmt.Sprintf("%s: constructed objects nest deeper than %d", o.Tag, maxDepth)}
	}
	var err error
	o.List, err = p.list(at, at+size, o.Tag, depth+1)
	return o, at + size, err
}

// lengthField reads a length (EMV Book 3 Annex B2): its value and its own size.
func lengthField(b []byte) (size, used int, problem string) {
	if len(b) == 0 {
		return 0, 0, "no length"
	}
	switch n := b[0]; {
	case n < 0x80:
		return int(n), 1, ""
	case n == 0x80:
		return 0, 0, "length 80, the indefinite length, which EMV does not have"
	case n > 0x82:
		return 0, 0, fmt.Sprintf("length %02X; want 00 to 7F, 81 or 82", n)
	case len(b) < int(n&0x7F)+1:
		return 0, 0, "the length ends in the middle"
	case n == 0x81:
		return int(b[1]), 2, ""
	}
	return int(b[1])<<8 | int(b[2]), 3, ""
}

// appendLength writes the shortest length field for n.
func appendLength(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= 0xFF:
		return append(dst, 0x81, byte(n))
	case n <= 0xFFFF:
		return append(dst, 0x82, byte(n>>8), byte(n))
	}
	return append(dst, 0x83, byte(n>>16), byte(n>>8), byte(n))
}

// New makes a primitive object. Its value is not copied.
func New(t Tag, value []byte) TLV { return TLV{Tag: t, Value: value} }

// Template makes a constructed object of others.
func Template(t Tag, objects ...TLV) TLV { return TLV{Tag: t, List: objects} }

// Append appends the coded object. A constructed tag codes List, and Value where
// there is no List, so that content coded elsewhere can be wrapped.
func (o TLV) Append(dst []byte) []byte {
	value := o.content()
	return append(appendLength(o.Tag.Append(dst), len(value)), value...)
}

// content returns the value field.
func (o TLV) content() []byte {
	if len(o.List) > 0 {
		return o.List.Bytes()
	}
	return o.Value
}

// Bytes returns the coded object.
func (o TLV) Bytes() []byte { return o.Append(nil) }

// Append appends the coded objects in order, with nothing between them.
func (l List) Append(dst []byte) []byte {
	for _, o := range l {
		dst = o.Append(dst)
	}
	return dst
}

// Bytes returns the coded objects: with shortest lengths and without the padding
// that Parse skipped. A hash over what a card sent runs over the bytes as they came.
func (l List) Bytes() []byte { return l.Append(nil) }

// Get returns the value of the first object with the tag, at this level.
func (l List) Get(t Tag) ([]byte, bool) {
	for _, o := range l {
		if o.Tag == t {
			return o.content(), true
		}
	}
	return nil, false
}

// Value returns what Get does, nil when there is no such object.
func (l List) Value(t Tag) []byte {
	v, _ := l.Get(t)
	return v
}

// Has reports whether there is an object with the tag, at this level.
func (l List) Has(t Tag) bool {
	_, ok := l.Get(t)
	return ok
}

// Inside returns the objects of the first template with the tag, at this level.
func (l List) Inside(t Tag) List {
	for _, o := range l {
		if o.Tag == t {
			return o.List
		}
	}
	return nil
}

// Find returns the value of the first object with the tag at any depth, an outer
// object before those inside it.
func (l List) Find(t Tag) ([]byte, bool) {
	for o := range l.All() {
		if o.Tag == t {
			return o.content(), true
		}
	}
	return nil, false
}

// All goes through the objects at every depth, each template before its content.
func (l List) All() iter.Seq[TLV] {
	return func(yield func(TLV) bool) { l.walk(yield) }
}

func (l List) walk(yield func(TLV) bool) bool {
	for _, o := range l {
		if !yield(o) || !o.List.walk(yield) {
			return false
		}
	}
	return true
}

// Set replaces the value of the first object with the tag at this level, or appends
// one.
func (l *List) Set(t Tag, value []byte) {
	for i, o := range *l {
		if o.Tag == t {
			(*l)[i] = New(t, value)
			return
		}
	}
	l.Add(t, value)
}

// Add appends an object, whether or not there is one with its tag.
func (l *List) Add(t Tag, value []byte) { *l = append(*l, New(t, value)) }

// Duplicate returns a primitive tag that occurs twice, at any depth: a card whose
// records carry one is refused (EMV Book 3, 10.2).
func (l List) Duplicate() (Tag, bool) {
	seen := map[Tag]bool{}
	for o := range l.All() {
		if o.Tag.Constructed() {
			continue
		}
		if seen[o.Tag] {
			return o.Tag, true
		}
		seen[o.Tag] = true
	}
	return 0, false
}
