package emulator

import (
	"possim/host/money"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// Order is what the cashier asks the terminal to do.
type Order struct {
	Kind   OrderKind
	Amount money.Amount
}

// OrderKind names an order.
type OrderKind string

// The orders a terminal takes.
const (
	Sale    OrderKind = "sale"
	Echo    OrderKind = "echo"    // ask the host whether it is there (0820, 60.3 = 301; 0800 in the ISO dialects)
	Recover OrderKind = "recover" // settle what a power cut left open: send what is queued, offer a reprint
)

// Result is how an order ended.
type Result string

// The results of an order. Refused means that nothing was sent; unknown that a
// reversal is still queued.
const (
	Approved Result = "approved"
	Declined Result = "declined"
	Refused  Result = "refused"
	Reversed Result = "reversed"
	Unknown  Result = "unknown"
)

// Cause says why an order did not end with an answer of the host.
type Cause string

// The causes.
const (
	NoAnswer        Cause = "no-answer"        // nothing came in time
	Unmatched       Cause = "unmatched"        // something came and did not match
	Unreadable      Cause = "unreadable"       // something came and could not be read
	BadMAC          Cause = "mac"              // the answer's MAC did not verify
	HostDown        Cause = "host-down"        // nobody to send to: nothing was sent
	ChipFirst       Cause = "chip-first"       // the card has a chip and so has the terminal
	AmountMismatch  Cause = "amount-mismatch"  // the two amounts differ
	ReversalPending Cause = "reversal-pending" // an earlier reversal is not acknowledged yet
	NoCard          Cause = "no-card"          // no readable card was presented
	Cancelled       Cause = "cancelled"        // the cancel key
)

// ReversalState says what became of a transaction's reversal.
type ReversalState string

// The states of a reversal.
const (
	ReversalNone         ReversalState = "none"
	ReversalQueued       ReversalState = "queued"
	ReversalAcknowledged ReversalState = "acknowledged"
)

// Outcome is what an order came to. A decline is an outcome, not an error.
type Outcome struct {
	Result   Result
	Cause    Cause // "" when the host's answer decided
	Code     wire.Code
	STAN     string
	RRN      string
	Auth     string
	Amount   money.Amount
	PAN      card.PAN
	Entry    string // "swipe", "keyed"; "" when no card was read
	Reversal ReversalState
	Slip     string // the slip as text; "" when none was printed
	Reads    []Read // every presentation of this order, in order
	Note     string // a sentence for people: what came that did not match, what could not be read
}

// Read is what one presentation gave: what the reader said, never what was asked of it.
type Read struct {
	Verdict magstripe.Verdict
	Tracks  [3]magstripe.Status
	Speed   float64 // cm/s; 0 unknown
}
