// Package reader is how a card reaches a terminal (EMV level 1 and its magnetic
// and optical cousins).
//
// A Reader waits for one presentation at a time: a Swipe, a Chip, a Tap or Keyed
// digits. What a device delivered is said as it was delivered,
// track by track; whether that is enough for a sale is for the terminal to say.
// Luhn, expiry and status never gate a read.
package reader

import (
	"context"
	"errors"

	"possim/reader/card"
	"possim/reader/magstripe"
)

// Reader is a card acceptance device.
//
// Next waits for a presentation of a kind that a accepts, until ctx ends. Its
// errors are ErrGone (the device went away: the caller may open it again),
// ErrEnd (a recording or script has no more), ErrClosed, or ctx's error.
// Close may be called while Next waits, and makes it return ErrClosed.
type Reader interface {
	Next(ctx context.Context, a Ask) (Presentation, error)
	Close() error
}

// Transceiver carries commands to a chip and brings its answers back: a real card in a
// PC/SC slot, an emulated one, a script of a test. An apdu is a command as ISO/IEC
// 7816-4 codes it, with Le where an answer is wanted; what comes back ends with SW1 SW2.
// It may be 61xx or 6Cxx where the card speaks T=0: the caller asks on.
//
// Transmit waits for the card until ctx ends. An error means that no answer came, and
// says nothing of what the card did; a status word that refuses is an answer.
type Transceiver interface {
	Transmit(ctx context.Context, apdu []byte) ([]byte, error)
}

// Ask says what the terminal accepts now.
type Ask struct {
	Accept []Kind // empty: whatever the reader can do
	Amount int64  // minor units (9F02), for devices that need the terms before a card comes; 0 unknown
}

// Kind names a way in which a card is presented.
type Kind string

// The kinds of presentation.
const (
	KindSwipe Kind = "swipe"
	KindChip  Kind = "chip"
	KindTap   Kind = "tap"
	KindCode  Kind = "code"
	KindKeyed Kind = "keyed"
)

// Presentation is one card presented once.
type Presentation interface{ Kind() Kind }

// Swipe is a magnetic stripe as a reader delivered it.
type Swipe struct {
	Tracks    [3]Track          // index 0 is track 1
	Verdict   magstripe.Verdict // what the read as a whole is called
	Speed     float64           // cm/s along the card; 0 when the reader does not say
	Amplitude float64           // 1 is the reference card's; 0 when the reader does not say
}

// Track is what became of one track.
type Track struct {
	Status magstripe.Status
	Data   card.TrackData // without sentinels and LRC; empty unless Status is StatusOK
	Bits   magstripe.Bits // all that a decoder of flux made out, a whole track or not; empty when the reader does not say
}

// Kind returns KindSwipe.
func (*Swipe) Kind() Kind { return KindSwipe }

// Chip is a contact chip card in a reader's slot, under power. Who was given it calls
// Release when the card is done with, once; until then the card stays where it is.
type Chip struct {
	ATR     []byte       // Answer To Reset; empty: the card is mute, and every command fails
	Card    Transceiver  // takes its commands
	Release func() error // takes the power away; nil where there is nothing to do
}

// Kind returns KindChip.
func (*Chip) Kind() Kind { return KindChip }

// Tap is a contactless card in a reader's field, for as long as it stays there.
type Tap struct {
	UID     []byte // ISO/IEC 14443-3; nil where the reader does not say
	ATR     []byte // what a PC/SC reader makes of the card's ATS or type (PC/SC part 3); nil where there is none
	Card    Transceiver
	Release func() error // as of Chip
}

// Kind returns KindTap.
func (*Tap) Kind() Kind { return KindTap }

// Keyed is a card number typed by hand.
type Keyed struct {
	PAN    card.PAN
	Expiry card.Expiry
}

// Kind returns KindKeyed.
func (*Keyed) Kind() Kind { return KindKeyed }

// Errors a Reader returns.
var (
	ErrGone   = errors.New("the reader is gone (unplugged or hung up): attach it again")
	ErrEnd    = errors.New("the recording or script has no further presentation")
	ErrClosed = errors.New("the reader is closed")
)
