// Package protocol holds the frames of real readers, both ways and without I/O:
// bytes in and presentations out, or a swipe in and bytes out. One file a device.
//
// A Parser is fed whatever the line delivers, in pieces of any size, and never
// blocks, fails or grows: what is no frame is skipped and said so in a Note, and
// the next good frame is read whatever stood before it. A message that carries no
// terminator ends when the line falls idle: the caller, who has the clock, looks at
// Pending and calls Flush.
//
//	p, err := protocol.New("ascii")
//	for each piece the line delivers {
//		for _, e := range p.Feed(piece) { ... }
//	}
//	when the line has been idle for long enough {
//		for _, e := range p.Flush() { ... }
//	}
//
// To add a reader: write its file with a type that implements Parser, name it in
// New and in Names, and put frames from its manual into testdata with their source.
package protocol

import (
	"fmt"
	"strings"

	"possim/reader"
)

// Parser turns the bytes of one reader into events.
type Parser interface {
	// Feed takes the next bytes and returns what they completed.
	Feed([]byte) []Event
	// Flush ends the message under way: the line fell idle, or hung up.
	Flush() []Event
	// Pending says whether a message is under way, and whether Flush would harm it.
	Pending() Pending
}

// Pending is how much of a message a Parser holds.
type Pending uint8

// The states of a message under way.
const (
	PendingNone  Pending = iota // nothing: between messages
	PendingWhole                // it could end here: flush it after a short idle time
	PendingHalf                 // it breaks off inside a track: wait longer before giving it up
)

// Event is what a Parser made out: a swipe, or a note for the person at the
// reader about bytes that gave none. A note never carries what was read.
type Event struct {
	Swipe *reader.Swipe
	Note  string // only when Swipe is nil
}

// names lists what New knows, for error texts and --help.
var names = []string{"ascii", "magtek"}

// Names returns the protocols that New knows.
func Names() []string { return append([]string(nil), names...) }

// New returns a Parser for a protocol by name:
//
//	ascii, magtek   %track1?;track2?+track3? and CR: MagTek's RS-232 readers, and
//	                most others that were not told to do otherwise
func New(name string) (Parser, error) {
	switch name {
	case "ascii", "magtek":
		return new(ASCII), nil
	}
	return nil, fmt.Errorf("there is no reader protocol %q; known are %s", name, strings.Join(names, ", "))
}
