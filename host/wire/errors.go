package wire

import (
	"fmt"
	"strconv"
)

// The parts of a frame that are not fields, as DecodeError.Field has them.
const (
	PartMTI     = 0
	PartBitmap  = 1
	PartTPDU    = -1
	PartHeader  = -2
	PartTrailer = -3 // what follows the last field
	PartLength  = -4 // the two bytes before the frame
)

var partNames = map[int]string{
	PartMTI: "mti", PartBitmap: "bitmap", PartTPDU: "tpdu", PartHeader: "header",
	PartTrailer: "trailer", PartLength: "length",
}

// A DecodeError says where a frame stopped making sense. It never holds content.
type DecodeError struct {
	Offset int    // of the first byte that cannot be right, or of the field that does not fit
	Field  int    // field number, or one of the parts
	Name   string // what the dialect calls it
	Err    error
}

// Label returns the field number as text, or the name of the part: "35", "tpdu".
func (e *DecodeError) Label() string { return label(e.Field) }

// Error tells offset, field and reason.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("offset %d, %s: %v", e.Offset, fieldName(e.Field, e.Name), e.Err)
}

// reason is the error without the offset and the number.
func (e *DecodeError) reason() string {
	if e.Name == "" {
		return e.Err.Error()
	}
	return e.Name + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error { return e.Err }

// An EncodeError names the field of a Message that its dialect cannot write and
// the rule it breaks. It never holds content.
type EncodeError struct {
	Field int
	Name  string
	Err   error
}

// Error tells field and reason.
func (e *EncodeError) Error() string {
	return fmt.Sprintf("%s: %v", fieldName(e.Field, e.Name), e.Err)
}

// Unwrap returns the reason.
func (e *EncodeError) Unwrap() error { return e.Err }

func label(number int) string {
	if name, ok := partNames[number]; ok {
		return name
	}
	return strconv.Itoa(number)
}

func fieldName(number int, name string) string {
	if part, ok := partNames[number]; ok {
		return part
	}
	if name == "" {
		return "field " + strconv.Itoa(number)
	}
	return "field " + strconv.Itoa(number) + " (" + name + ")"
}
