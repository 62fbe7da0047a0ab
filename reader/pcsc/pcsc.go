// Package pcsc reads chip and contactless cards in readers that pcscd serves: USB and
// serial ones with a PC/SC driver, and virtual ones.
//
//	slots, err := pcsc.Readers(ctx)                  // what pcscd has, and where a card is in
//	r, err := pcsc.Open(ctx, "Omnikey", pcsc.Options{Sleep: sleep})
//	p, err := r.Next(ctx, reader.Ask{})              // *reader.Chip or *reader.Tap
//
// # A presentation
//
// Next waits until a card is in, connects to it and holds it in a PC/SC transaction, so
// that no other program speaks in between. A card that another program holds is waited
// for. A card whose ATR is what PC/SC part 3 has a contactless reader make of a card is a
// Tap, and the reader is asked for its UID; any other is a Chip. A card of a kind that
// Ask.Accept does not name stays where it is, and is delivered when a later Next does.
//
// Release takes the power from a chip, and resets a contactless card, whose field many
// readers would otherwise find it in again at once. The same card comes again only after
// it was taken out: pcscd counts that (its event counter), so a swap between two looks is
// seen. A chip that answers no reset, twice, is a Chip without ATR whose commands fail: a
// failed chip read.
//
// # Commands
//
// Transmit takes APDUs and gives back what the card said, 61xx and 6Cxx included. Only
// what T=0 has no room for is changed: the Le of a command with data is dropped, and a
// bare header gets its P3 of 00 (ISO/IEC 7816-3, 12.2). It ends with its ctx, however
// silent pcscd is; the card is lost then, since nobody knows what it did, and every
// further command fails.
//
// # When something is away
//
// A reader that is unplugged, and a pcscd that ends, is reader.ErrGone, or is waited for
// (Options.Keep). ErrNoService, ErrDenied, ErrNoReader and the rest say what to do.
//
// # What stands behind it
//
// github.com/sf1/go-card speaks pcscd's protocol without cgo. What it lacks is made up for
// here: it has no deadlines (its connection is closed when ctx ends), swallows why pcscd
// cannot be reached (the socket is dialled once more), gives results as text (results),
// takes a mute card and one whose power is off for none (the states are read here),
// connects in shared mode without a transaction and never takes the power away (both are
// sent through ExchangeMessage), waits for ever for an answer of no bytes (transmit is
// here), and sleeps by the real clock (so is the wait). What
// cannot be made up for: the socket is always /var/run/pcscd/pcscd.comm, whatever
// PCSCLITE_CSOCK_NAME says, and outside Linux and the BSDs there is none.
package pcsc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Slot is a place for a card as pcscd has it: a reader, or one of a reader's several.
type Slot struct {
	Name    string
	Present bool   // a card is in
	Mute    bool   // and does not answer a reset
	ATR     []byte // of the card, where it is known

	events uint32 // counts insertions and removals
	shared bool   // some program is connected to the card
}

// session is one conversation with pcscd. It is for one caller at a time; close may be
// called at any time and ends what is under way.
type session interface {
	slots() ([]Slot, error)
	connect(name string) (protocol, error)
	begin() error // of a transaction; ErrInUse while another program has one
	transmit(apdu []byte) ([]byte, error)
	// disconnect asks for the card to be let go, and does not wait for it.
	disconnect(disposition) error
	close()
}

// protocol is what card and reader agreed on (SCARD_PROTOCOL_...).
type protocol uint32

const (
	protocolT0 protocol = 1
	protocolT1 protocol = 2
)

// disposition is what becomes of a card that is let go (SCARD_..._CARD).
type disposition uint32

const (
	leave    disposition = 0
	reset    disposition = 1
	powerOff disposition = 2
)

// Readers returns the slots that pcscd has, in its order.
func Readers(ctx context.Context) ([]Slot, error) { return readers(ctx, dial) }

func readers(ctx context.Context, dial func() (session, error)) ([]Slot, error) {
	s, err := dial()
	if err != nil {
		return nil, err
	}
	defer s.close()
	return within(ctx, s, s.slots)
}

// within does something with a session and closes it should ctx end meanwhile. The error is
// ctx's then, even behind what was done in time, since nothing more can be done with the
// session; what was got comes back beside it.
func within[T any](ctx context.Context, s session, do func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	stop := context.AfterFunc(ctx, s.close)
	got, err := do()
	if !stop() {
		return got, ctx.Err()
	}
	return got, err
}

// pick finds the slot that is meant: the first for "", that of the very name, or the only
// one with the text in its name. others says that "" had a choice.
func pick(all []Slot, text string) (found Slot, others bool, err error) {
	if len(all) == 0 {
		return Slot{}, false, fmt.Errorf("%w: attach one; pcscd runs and knows of none", ErrNoReader)
	}
	if text == "" {
		return all[0], len(all) > 1, nil
	}
	if i := slices.IndexFunc(all, func(s Slot) bool { return s.Name == text }); i >= 0 {
		return all[i], false, nil
	}
	var named []Slot
	for _, s := range all {
		if strings.Contains(strings.ToLower(s.Name), strings.ToLower(text)) {
			named = append(named, s)
		}
	}
	switch len(named) {
	case 0:
		return Slot{}, false, fmt.Errorf("%w of the name %q; there is %s", ErrNoReader, text, quoted(all))
	case 1:
		return named[0], false, nil
	}
	return Slot{}, false, fmt.Errorf("%q is in the names of several readers: say which of %s", text, quoted(named))
}

func quoted(all []Slot) string {
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = fmt.Sprintf("%q", s.Name)
	}
	return strings.Join(names, ", ")
}

// at returns the slot of a name, or errAbsent.
func at(all []Slot, name string) (Slot, error) {
	i := slices.IndexFunc(all, func(s Slot) bool { return s.Name == name })
	if i < 0 {
		return Slot{}, errAbsent
	}
	return all[i], nil
}

// errAbsent says that pcscd no longer has a reader.
var errAbsent = errors.New("the reader is unplugged")
