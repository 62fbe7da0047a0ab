package scenarios

import (
	"time"

	"possim/emulator"
	"possim/emulator/kernel"
	"possim/host"
	"possim/host/hsm"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/reader/magstripe"
	"possim/scenarios/fault"
)

// Pos is a place in a file, both counted from 1.
type Pos struct{ Line, Column int }

// File is one scenario file.
type File struct {
	Path      string
	Suite     string
	Tags      []string // of every scenario in it
	text      []byte   // that it was parsed from
	Cards     []*Card  // in the order of the file
	Scenarios []*Scenario
}

// Scenario is one world and what happens in it.
type Scenario struct {
	Pos
	File     string
	Suite    string
	Name     string
	Tags     []string // the file's, then its own
	Skip     string   // why it is not run; "" runs it
	Only     bool     // when any scenario says only, the others are not run
	Dialects []string // that have what the scenario needs; none is all
	Terminal Terminal
	Host     Host
	Faults   []Fault
	Steps    []*Step
	cards    cardSet // every card a step may name
}

// Terminal is the terminal of a scenario and what its host says of it.
type Terminal struct {
	TID, MID      string
	Merchant      string        // the name on the slip
	ReversalAfter time.Duration // how long it waits for an answer; 0 is the terminal's own default
	Tries         int           // how often it sends a reversal; 0 is the terminal's own default
	ChipReader    bool
	Contactless   bool
	FloorLimit    int64              // minor units: a chip may approve less by itself
	Taps          kernel.Contactless // limits of taps
	AIDs          [][]byte           // the applications it takes; nil are all it knows
	DayLimit      *int64             // the host's limit a day for this terminal; nil leaves the host's
	MerchantLimit *int64             // the host's limit a day for its merchant; nil is none

	Off           bool             // it begins without power and, once it has it, signed off
	MAC           hsm.MACAlgorithm // "" is by the run; NoMAC seals nothing
	TMK           hsm.Key          // its own; the zero key is the host's
	BDK           hsm.Key          // its host's, of which it has an initial key; the zero key: it signs on for its keys
	PIN           hsm.PINFormat    // of field 52; ISO0 is by the run
	LastSTAN      int              // the last number it drew
	Clock         time.Duration    // how far its clock is off until the host sets it
	Batch         string           // what it takes for the open batch; "" is the host's
	PINEntry      bool
	NoPINUpTo     int64 // minor units: a card that asks for no PIN goes without up to here
	EncryptTracks bool
	Operator      string
	Currency      money.Currency // "" is CNY
}

// NoMAC is a terminal that seals nothing.
const NoMAC hsm.MACAlgorithm = "off"

// Host is what a scenario says of its host.
type Host struct {
	MAC      string                        // require, off, "" by the run
	Fallback bool                          // takes the stripe of a card whose chip could not be read
	Codes    map[registry.Status]wire.Code // instead of the host's own
}

// Fault is a fault of the link and the place it was ordered at.
type Fault struct {
	Pos
	fault.Rule
}

// Step is one thing a person, the clock or the world does.
type Step struct {
	Pos
	Number int    // which of the scenario's steps, from 1; those inside a repeat have the repeat's
	Verb   string // as written
	As     string // the name that later steps know its transaction by
	Action Action
	Expect []Expectation
}

// Action is what a step does: one of the types below.
type Action interface{ action() }

// The actions.
type (
	// Order asks the terminal for something: a sale, a sign-on, a settlement.
	Order struct {
		Kind     emulator.OrderKind
		Amount   *money.Amount // nil where the order has none, or the original's counts
		Original *Original     // nil where the order names none
		Code     *Code         // of a QR payment
		Operator string
		plain    bool // takes neither card nor keys
	}
	// Confirm answers the terminal's questions for the amount, in order.
	Confirm struct{ Answers []Typed }
	// TypePIN is the cardholder at the PIN pad.
	TypePIN struct {
		PIN    hsm.PIN // the zero PIN types nothing
		Cancel bool
	}
	// Swipe pulls a card through the reader.
	Swipe struct {
		Card         string
		CVN          string // on the stripe, where it is another than the card's
		Hand         magstripe.Hand
		Wear         float64
		Scratches    []magstripe.Scratch
		Demagnetised bool
	}
	// Insert puts a card into the chip reader.
	Insert struct {
		Card   string
		Faults []icc.Fault // in place of the card's own
	}
	// Tap holds a card to the reader.
	Tap struct {
		Card   string
		Faults []icc.Fault
	}
	// Choose is the cardholder choosing among a card's applications.
	Choose struct {
		Title  string // as it is shown; "" takes Number
		Number int    // from 1
		Cancel bool
	}
	// Script queues what a card's issuer wants done on its chip.
	Script struct {
		Card   string
		Orders []host.Script
	}
	// Clock moves the clock on by Add, to At o'clock of the same day or the next, or to On.
	Clock struct {
		Add time.Duration
		At  *time.Duration // since midnight
		On  time.Time
	}
	// Repeat does its steps several times over.
	Repeat struct {
		Times int
		Do    []*Step
	}
	// Power cuts the terminal's power, at once or at a point of the next order, or gives
	// it back.
	Power struct {
		Cut   CutPoint
		Of    wire.MTI // the request that an armed cut belongs to
		On    bool
		Blank bool // with On: another terminal with the same numbers and an empty memory
	}
	// CardStatus changes what the host knows of cards while it runs.
	CardStatus struct {
		Names  []string
		Status []registry.Status
	}
	// HostSwitch takes the host away or brings it back.
	HostSwitch struct{ Up bool }
	// Break orders a fault from here on.
	Break struct{ Fault Fault }
)

func (Order) action()      {}
func (TypePIN) action()    {}
func (Confirm) action()    {}
func (Swipe) action()      {}
func (Insert) action()     {}
func (Tap) action()        {}
func (Choose) action()     {}
func (Script) action()     {}
func (Clock) action()      {}
func (Repeat) action()     {}
func (Power) action()      {}
func (CardStatus) action() {}
func (HostSwitch) action() {}
func (Break) action()      {}

// Original is an earlier transaction as an order names it.
type Original struct {
	Label                    string // of an earlier step
	Voucher, RRN, Auth, Date string // as typed by the cashier, instead of what the label says; $name is what was met
}

// Code is a payment code on a phone.
type Code struct {
	Text   string // as it is; "" makes one
	Shown  string // the label of the step that showed it first
	Scheme registry.Scheme
	Card   string
	Age    time.Duration // since it came up on the phone
}

// Typed is one answer at the terminal's keys.
type Typed struct {
	Amount *money.Amount // nil agrees with what is shown
	Cancel bool
}

// CutPoint is a moment of a transaction at which the power may fail.
type CutPoint string

// The points of a cut, in the order of a transaction (DESIGN: the way of a transaction).
const (
	CutNow          CutPoint = "now"           // between two orders
	CutBeforeSend   CutPoint = "before_send"   // saved as open, no byte sent
	CutAfterSend    CutPoint = "after_send"    // the host has it, no answer yet
	CutAfterReceive CutPoint = "after_receive" // the answer came, nothing is booked
	CutBeforePrint  CutPoint = "before_print"  // booked, no slip yet
)

// Card is one card: what is on it, and what the host knows of it.
type Card struct {
	Pos
	Name    string
	Entry   registry.Card // with PIN, CVN and issuer's keys, where the host is to verify them
	PSN     string
	Holder  string   // on track 1
	Unknown bool     // the host does not know it
	Chip    *Chip    // nil: it has none
	Master  emv.Keys // its issuer's keys; those that are missing come from Seed
	Seed    emv.Seed // of all keys of its chip; "" is registry.TestSeed
	used    bool
}

// cardSet is the cards a scenario may name: its own, its file's, the catalog's.
type cardSet []map[string]*Card

// find returns a card by name, the innermost first.
func (s cardSet) find(name string) *Card {
	for _, level := range s {
		if c := level[name]; c != nil {
			return c
		}
	}
	return nil
}

// all returns every card that can be named, the innermost of each name.
func (s cardSet) all() map[string]*Card {
	out := map[string]*Card{}
	for i := len(s) - 1; i >= 0; i-- {
		for name, c := range s[i] {
			out[name] = c
		}
	}
	return out
}

// PAN returns the card's number, which prints masked.
func (c *Card) PAN() card.PAN { return c.Entry.PAN }
