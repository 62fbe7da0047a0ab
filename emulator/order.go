package emulator

import (
	"possim/emulator/kernel"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// Order is what the cashier asks the terminal to do.
type Order struct {
	Kind     OrderKind
	Amount   money.Amount // left out where the original's counts: a void, a cancel of this batch
	Original Original     // of a void, refund, cancel or completion
	Code     string       // of a QR payment, or of a refund of one of another batch: what the scanner read
	Operator string       // of an operator's sign-on: two digits
}

// Original is an earlier transaction as the cashier names it: by its voucher
// number while it is in this batch, otherwise by what its slip says. A label on a
// slip that the kind of order does not need is left empty.
type Original struct {
	Voucher string // 凭证号, F11, n6
	RRN     string // 参考号, F37: a refund
	Auth    string // 授权码, F38: a cancel or completion
	Date    string // MMDD; "" is today
}

// OrderKind names an order.
type OrderKind string

// The orders a terminal takes.
const (
	Sale             OrderKind = "sale"
	Void             OrderKind = "void"              // of a sale or QR payment of this batch, by voucher
	Refund           OrderKind = "refund"            // by RRN and date, or by voucher
	PreAuth          OrderKind = "pre-auth"          // holds an amount
	PreAuthCancel    OrderKind = "pre-auth cancel"   // by authorisation code and date, or by voucher
	Completion       OrderKind = "completion"        // the same: takes what is held
	CompletionNotice OrderKind = "completion notice" // the same, sent until it is answered
	CompletionVoid   OrderKind = "completion void"   // by voucher
	QR               OrderKind = "qr"                // the customer's code is scanned
	Balance          OrderKind = "balance"           // asks for the card's balance
	SignOn           OrderKind = "sign-on"           // brings working keys, batch and clock
	SignOff          OrderKind = "sign-off"          // ends the keys
	Status           OrderKind = "status"            // reports the terminal's condition
	Settle           OrderKind = "settle"            // compares the batch with the host's and closes it
	Download         OrderKind = "download"          // fetches parameters, CAPKs and AIDs
	Operator         OrderKind = "operator"          // an operator signs on to the terminal; nothing is sent
	Echo             OrderKind = "echo"              // ask the host whether it is there (0820, 60.3 = 301; 0800 in the ISO dialects)
	Recover          OrderKind = "recover"           // settle what a power cut left open: send what is queued, offer a reprint
)

// Result is how an order ended.
type Result string

// The results of an order. Refused means that nothing was sent that could count;
// unknown that nobody can say yet: a reversal or a notice is still queued, or what
// brought no answer is never reversed (a balance inquiry).
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
	TerminalFault   Cause = "terminal-fault"   // the host approved, and the terminal cannot carry it through
	HostDown        Cause = "host-down"        // nobody to send to: nothing was sent
	ChipFirst       Cause = "chip-first"       // the card has a chip and so has the terminal
	ChipUnreadable  Cause = "chip-unreadable"  // the chip could not be read, or said what no card may say
	TapRefused      Cause = "tap-refused"      // the card, or its amount, wants another interface
	NoApplication   Cause = "no-application"   // card and terminal have none in common for this
	CardBlocked     Cause = "card-blocked"     // the card, or every application that would do
	CardRemoved     Cause = "card-removed"     // the card was pulled out, or stopped answering
	CardDeclined    Cause = "card-declined"    // the host approved and the card did not
	AmountMismatch  Cause = "amount-mismatch"  // the two amounts differ
	ReversalPending Cause = "reversal-pending" // an earlier reversal is not acknowledged yet
	NoCard          Cause = "no-card"          // no readable card was presented
	Cancelled       Cause = "cancelled"        // the cancel key
	BadKeys         Cause = "keys"             // the working keys of a sign-on do not verify
	NoOriginal      Cause = "no-original"      // the batch holds no such transaction, or its slip was not named
	AlreadyVoid     Cause = "already-void"     // the original was voided before
	BadCode         Cause = "bad-code"         // what was scanned is no payment code
	OfflinePending  Cause = "offline-pending"  // a notice or refund is not answered yet: no settlement
	SettlePending   Cause = "settle-pending"   // a settlement was begun and has to end first
	BatchFull       Cause = "batch-full"       // no voucher number is left in this batch: settle
	NotSupported    Cause = "not-supported"    // this dialect has no message for it
	BadOperator     Cause = "bad-operator"     // no operator number
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
	Date     string // MMDD of the transaction, as the host dates it: a refund names it
	PAN      card.PAN
	Entry    string // "swipe", "chip", "tap", "code"; "" when no card was read
	Reversal ReversalState
	Slip     string // the slip as text; "" when none was printed
	Reads    []Read // every presentation of this order, in order
	Note     string // a sentence for people: what came that did not match, what could not be read

	Chip *kernel.Result // of a chip or a tap: how the card and the terminal judged, in the end

	Balance    *money.Amount // of a balance inquiry
	Batch      string        // the open batch, after a sign-on; the settled one, after a settlement
	Settlement *Report       // of a settlement
}

// Read is what one presentation gave: what the reader said, never what was asked of it.
type Read struct {
	Kind    reader.Kind
	Chip    kernel.Decision // of a chip or a tap, before the host was asked
	Verdict magstripe.Verdict
	Tracks  [3]magstripe.Status
	Speed   float64 // cm/s; 0 unknown
}
