package foreign

import (
	"fmt"
	"iter"
	"time"
)

// Side is who sent a message, as far as its log knows.
type Side byte

// The sides. A log has one of two points of view: it was written by somebody who
// sent and received (Sent, Received: which of them the terminal is shows in what
// was sent), or by somebody who saw a terminal and a host (FromTerminal, FromHost).
const (
	Unknown Side = iota
	Sent
	Received
	FromTerminal
	FromHost
)

// Frame is one message as a log has it: its bytes, or its fields where the log has
// only those.
type Frame struct {
	Place  string    // where in the log: "12" is a line, "packet 7" a packet
	At     time.Time // zero when the log does not say
	Conn   string    // what tells a connection from others: a realm, two addresses
	Side   Side
	Header []byte  // what came before the message type, where the log has it apart
	Bytes  []byte  // the message, without the bytes of its length
	Fields []Field // 0 is the message type; nil where there are bytes
}

// typeOf is the message type of a frame that has fields.
func typeOf(f *Frame) string {
	for _, field := range f.Fields {
		if field.Number == 0 {
			return field.Text
		}
	}
	return ""
}

// Field is one field of a message that a log has as text.
type Field struct {
	Number int
	Text   string
	Binary bool // Text is hexadecimal
	Parts  []Field
	Tag    string // of a part that is EMV data, in hexadecimal
	Line   int
}

// Problem is something in a log that could not be read, and where.
type Problem struct {
	Place string
	Err   error
	// Note: nothing is lost that the log still had, such as when its last line was
	// never finished.
	Note bool
	// Counted: the same of many messages, of which the first has the place.
	Counted bool
	Times   int
}

// Error tells place and reason; it never holds content.
func (p *Problem) Error() string { return p.Place + ": " + p.Err.Error() }

// Unwrap returns the reason.
func (p *Problem) Unwrap() error { return p.Err }

// Frames is a log as it is read: its messages, and problems, after which it may go
// on. An error that is no *Problem is of the file itself and ends it.
type Frames iter.Seq2[Frame, error]

func problem(place, format string, args ...any) *Problem {
	return &Problem{Place: place, Err: fmt.Errorf(format, args...)}
}

func note(place, format string, args ...any) *Problem {
	return &Problem{Place: place, Err: fmt.Errorf(format, args...), Note: true}
}

// most bounds whatever a log may have in one piece: a tag, a field, a dump, a line.
const most = 1 << 20
