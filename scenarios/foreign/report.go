package foreign

import (
	"strconv"
	"time"

	"possim/host/wire"
)

// Event is one message, as a journal has it.
type Event struct {
	Place        string
	At           time.Time
	Conn         int // from 1
	FromTerminal bool
	Frame        []byte
	Dialect      *wire.Dialect
}

// Report is what an Import did.
type Report struct {
	Format   Format
	Why      string // it is that format
	Dialect  *wire.Dialect
	Because  string // it is that dialect
	Messages int
	Conns    int
	Problems []*Problem // the first of them
	Count    int        // all of them
	Notes    []Note
}

// Note is something that was done to messages, or passed over, and where first.
type Note struct {
	Place string
	Text  string
	Times int
}

// mostProblems is how many problems a Report keeps.
const mostProblems = 20

// String says what was done to messages and how often.
func (n Note) String() string {
	s := n.Text
	if n.Times > 1 {
		s += " (" + strconv.Itoa(n.Times) + " times)"
	}
	return s
}
