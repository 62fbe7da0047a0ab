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
// Many readers say nothing until they are asked. Their Parser is a Dialog too: Ask
// gives what to send when a card is wanted, Reply what the last bytes call for.
//
// The other side is a Device: the reader itself, as a client finds it. Bytes of a
// client go in, a swipe goes in, and what comes out is what that reader sends.
//
//	d, err := protocol.NewDevice("msr605")
//	write(d.Receive(now, read()))      // ESC r
//	if d.Wants() == protocol.WantCard {
//		write(d.Swipe(swipe))      // ESC s ESC 01 %...
//	}
//
// A reader with a slot for chip cards has a ChipDialog and a Slot in the same way.
//
// To add a reader: write its file with a type that implements Parser, and one that
// implements Device, name both in kinds, and put frames from its manual into
// testdata with their source. docs/add-a-reader-protocol.md goes through it.
package protocol

import (
	"fmt"
	"slices"
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

// Dialog is a Parser of a reader that has to be spoken to.
type Dialog interface {
	Parser
	// Ask returns what to send while a card is wanted: what arms the reader, and
	// nothing when it is armed. It may be called as often as the line is idle.
	Ask() []byte
	// Reply returns what the bytes fed last, or Flush, call for, once.
	Reply() []byte
	// Leave returns what to send before the port is closed, so that the reader does
	// not stay armed.
	Leave() []byte
}

// Pending is how much of a message a Parser holds.
type Pending uint8

// The states of a message under way.
const (
	PendingNone  Pending = iota // nothing: between messages
	PendingWhole                // it could end here: flush it after a short idle time
	PendingHalf                 // it breaks off inside a track: wait longer before giving it up
)

// Event is one thing that a Parser made out: a swipe, or a note for the person at the
// reader about bytes that gave none, or what a ChipDialog has to say of a chip card. A
// note never carries what was read.
type Event struct {
	Swipe  *reader.Swipe
	Chip   *Chip
	Answer *Answer
	Note   string // only when the others are nil
}

// kind is a protocol: what it is called, how fast its line is, and its two sides.
type kind struct {
	name, about string
	baud        int
	parser      func() Parser
	device      func() Device
}

// kinds lists what New and NewDevice know, in the order of --help.
var kinds = []kind{
	{"ascii", "%track1?;track2?+track3? and CR", 9600,
		func() Parser { return new(ASCII) }, func() Device { return new(ASCIIDevice) }},
	{"magtek", "MagTek RS-232, which is that", 9600,
		func() Parser { return new(ASCII) }, func() Device { return new(ASCIIDevice) }},
	{"magtek-buffered", "the same in buffered mode, which is asked for each swipe", 9600,
		newBuffered, func() Device { return &ASCIIDevice{Buffered: true} }},
	{"msr605", "MSR605 and MSR606 readers and writers", 9600,
		newMSR605, func() Device { return new(MSR605Device) }},
	{"msr206", "MSR206, their ancestor", 9600,
		newMSR605, func() Device { return &MSR605Device{MSR206: true} }},
	{"uic", "UIC MSR110, MSR112, MSR120, without frames (protocol 0)", 9600,
		newUIC(uicBare), func() Device { return new(UICDevice) }},
	{"uic1", "UIC readers, framed in STX and ETX (protocol 1)", 9600,
		newUIC(uicSTX), func() Device { return &UICDevice{framing: uicSTX} }},
	{"uic2", "UIC readers, framed with SOH and counts (protocol 2)", 9600,
		newUIC(uicSOH), func() Device { return &UICDevice{framing: uicSOH} }},
	{"idtech", "ID TECH MiniMag, SecureMag: lines of text, or binary frames", 9600,
		newIDTech, func() Device { return new(IDTechDevice) }},
	{"idtech-binary", "the same; emulated, it sends binary frames", 9600,
		newIDTech, func() Device { return &IDTechDevice{Binary: true} }},
	{"omron", "OMRON 3S4YR-HNFR", 9600,
		newOmron, func() Device { return OmronDevice{} }},
	{"mrs100", "MRS100, sold in China", 9600,
		newMRS100, func() Device { return new(MRS100Device) }},
	{"abecs", "pinpads of the Brazilian standard ABECS, stripe and chip", 19200,
		newABECS, func() Device { return new(ABECSDevice) }},
	{"makstripe", "MAKStripe, which sends flux", 38400,
		newMAKStripe, func() Device { return new(MAKStripeDevice) }},
	{"vivotech2", "ID TECH ViVOpay readers, their stripe", 9600,
		newVivotech, func() Device { return new(VivotechDevice) }},
	{"auto", "whatever it turns out to be", 9600, nil, nil},
}

// slots lists readers of chip cards alone, which have no head.
var slots = []kind{
	{"gempc", "GemPC Twin, which reads chip cards", 115200,
		newGemPC, func() Device { return new(GemPCDevice) }},
}

// The entry of auto is completed here: it is made of the others.
func init() { kinds[len(kinds)-1].parser = newAuto }

// kindOf finds a protocol by its name.
func kindOf(name string) (kind, bool) {
	for _, k := range slices.Concat(kinds, slots) {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// Names returns the protocols that New knows.
func Names() []string {
	return namesOf(slices.Concat(kinds, slots))
}

// namesOf lists protocols by name.
func namesOf(kinds []kind) []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// New returns a Parser for a protocol by name; docs/readers.md says which readers
// speak which.
func New(name string) (Parser, error) {
	if k, ok := kindOf(name); ok {
		return k.parser(), nil
	}
	return nil, fmt.Errorf("there is no reader protocol %q; known are %s", name, strings.Join(Names(), ", "))
}

// HasSlot reports whether readers of a protocol have a slot for chip cards. "auto" is no
// protocol yet: it is said to have none.
func HasSlot(name string) bool {
	k, ok := kindOf(name)
	if !ok || k.device == nil {
		return false
	}
	_, slot := k.device().(Slot)
	return slot
}

// Baud returns the speed at which readers of a protocol leave the factory, or 0
// for a name that New does not know.
func Baud(name string) int {
	k, _ := kindOf(name)
	return k.baud
}

// StopBits returns how many stop bits readers of a protocol want: one, save that a GemPC
// Twin wants two.
func StopBits(name string) int {
	if name == "gempc" {
		return 2
	}
	return 1
}
