package emulator

import (
	"possim/emulator/slip"
	"possim/host/wire"
)

// form is how a terminal goes about one kind of financial order. Everything else
// it does for one, it does for all.
type form struct {
	kind   wire.Kind
	slip   slip.Kind // the zero Kind prints nothing
	amount amountFrom
	card   bool // the card is presented; a void presents it again
	pin    bool // a PIN is entered where the card and the amount ask for one
	by     reference
	of     []wire.Kind // which entries of the journal it may name
	side   side
	voids  bool // its original counts as void
	stored bool // sent later when the host cannot be reached now
}

// amountFrom says where an amount comes from.
type amountFrom byte

const (
	noAmount amountFrom = iota
	typed
	ofOriginal // the journal's; typed when the original is not in it
)

// reference says how an original is named on the wire (UnionPay table of
// transactions, fields 37, 38 and 61).
type reference byte

const (
	byNothing reference = iota
	byVoucher           // F37, F61 batch and STAN: it must be in the journal
	byDated             // the same, and its date
	byRRN               // F37, F61 date
	byAuth              // F38, F61 date
)

// side is the column of the settlement an approval counts in.
type side byte

const (
	neither side = iota
	debit        // the cardholder pays
	credit       // and gets back
)

// forms are the financial orders.
var forms = map[OrderKind]form{
	Sale:    {kind: wire.Purchase, slip: slip.Sale, amount: typed, card: true, pin: true, side: debit},
	QR:      {kind: wire.QR, slip: slip.QR, amount: typed, side: debit},
	Balance: {kind: wire.Balance, card: true, pin: true},
	Void: {kind: wire.Void, slip: slip.Void, amount: ofOriginal, card: true, pin: true,
		by: byVoucher, of: []wire.Kind{wire.Purchase, wire.QR}, side: credit, voids: true},
	Refund: {kind: wire.Refund, slip: slip.Refund, amount: typed, card: true,
		by: byRRN, of: []wire.Kind{wire.Purchase, wire.QR}, side: credit},
	PreAuth: {kind: wire.PreAuth, slip: slip.PreAuth, amount: typed, card: true, pin: true},
	PreAuthCancel: {kind: wire.PreAuthCancel, slip: slip.PreAuthCancel, amount: ofOriginal, card: true, pin: true,
		by: byAuth, of: []wire.Kind{wire.PreAuth}},
	Completion: {kind: wire.Completion, slip: slip.Completion, amount: typed, card: true, pin: true,
		by: byAuth, of: []wire.Kind{wire.PreAuth}, side: debit},
	CompletionNotice: {kind: wire.CompletionNotice, slip: slip.CompletionNotice, amount: typed, card: true,
		by: byAuth, of: []wire.Kind{wire.PreAuth}, side: debit, stored: true},
	CompletionVoid: {kind: wire.CompletionVoid, slip: slip.CompletionVoid, amount: ofOriginal, card: true, pin: true,
		by: byDated, of: []wire.Kind{wire.Completion, wire.CompletionNotice}, side: credit, voids: true},
}

// offlineSale is how a sale counts that a chip approved by itself: no order asks for it.
var offlineSale = form{kind: wire.OfflineSale, slip: slip.Sale, side: debit}

// formOf returns the form of what is booked or queued.
func formOf(k wire.Kind) form {
	if k == wire.OfflineSale {
		return offlineSale
	}
	for _, f := range forms {
		if f.kind == k {
			return f
		}
	}
	return forms[Sale] // a state written before there were kinds
}
