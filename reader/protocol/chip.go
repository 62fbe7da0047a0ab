package protocol

import "errors"

// ChipDialog is a Dialog of a reader that has a slot for chip cards. It powers a card
// that was put in and tells it by an Event with a Chip; what follows is for who got it:
//
//	write(d.Transmit(apdu))
//	for each piece the line delivers {
//		for _, e := range d.Feed(piece) { ... e.Answer ... }
//		write(d.Reply())
//	}
//	write(d.Release())
//
// One card is told once: the next time after it was taken out.
type ChipDialog interface {
	Dialog
	// Transmit begins an exchange with the card and returns what to send. An Event
	// with an Answer ends it, and so does another Transmit: an answer that comes too
	// late is nobody's.
	Transmit(apdu []byte) []byte
	// Release takes the power from the card, and returns what to send for that.
	Release() []byte
}

// Chip is a card that a reader powered. A mute one has no ATR.
type Chip struct{ ATR []byte }

// Answer is what became of a command for the card: what it said, or why it said nothing.
type Answer struct {
	Data []byte
	Err  error
}

// Errors of an Answer.
var (
	ErrMute   = errors.New("the card does not answer: it is damaged, or not all the way in")
	ErrNoCard = errors.New("the card was taken out of the slot")
	errSilent = errors.New("the reader does not answer: is it still plugged in?")
)

// Slot is a Device with a slot for chip cards. It has no card and talks to none: who
// plays it puts one in, carries its orders out and hands in what came of them.
//
//	for o := d.Order(); o.Kind != OrderNone; o = d.Order() {
//		write(d.Answer(...))
//	}
type Slot interface {
	Device
	// Insert puts a card in, and Remove takes it out. They return what the reader
	// says of that.
	Insert() []byte
	Remove() []byte
	// Occupied reports whether there is a card in the slot.
	Occupied() bool
	// Order returns what the card is to do now, until Answer has what came of it.
	Order() Order
	// Answer takes what the card said, its ATR after a reset, and returns what the
	// reader says. With an error the card was mute.
	Answer(data []byte, err error) []byte
}

// Order is something for a card to do.
type Order struct {
	Kind OrderKind
	APDU []byte  // of OrderCommand
	EMV  *EMVJob // of OrderEMV
}

// OrderKind says what it is.
type OrderKind uint8

// The kinds of orders.
const (
	OrderNone    OrderKind = iota
	OrderReset             // power off and on, or a warm reset: answer with the ATR
	OrderCommand           // carry out APDU
	OrderEMV               // of a Pinpad: have a kernel do EMV
)
