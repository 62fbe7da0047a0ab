package ledger

import (
	"fmt"
	"time"
)

// Kind is what a register counts. Journals store its name, or two letters for it, so the numbers may change.
type Kind uint8

// The kinds of register. Balance and Hold are money.
const (
	Balance      Kind = iota + 1 // money an account holds, minor units
	Hold                         // money set aside by a pre-authorisation
	DayAmount                    // amount approved on a day
	DayCount                     // approvals on a day
	Limit                        // a limit kept in the book
	Status                       // a status kept in the book
	PINTries                     // wrong PINs in a row
	ATC                          // highest application transaction counter seen (EMV 9F36)
	Rest                         // what is left of a hold or a sale to complete or refund
	DebitAmount                  // what a batch took, minor units
	DebitCount                   // and in how many transactions
	CreditAmount                 // what it gave back: voids and refunds
	CreditCount
	Uses // how often a thing good for once was used
)

// kindNames are the words journals and views use.
var kindNames = [...]string{
	Balance: "balance", Hold: "hold", DayAmount: "day-amount", DayCount: "day-count", Limit: "limit",
	Status: "status", PINTries: "pin-tries", ATC: "atc", Rest: "rest",
	DebitAmount: "debit-amount", DebitCount: "debit-count", CreditAmount: "credit-amount", CreditCount: "credit-count", Uses: "uses",
}

// Money reports whether moves of this kind must sum to zero within a Tx.
func (k Kind) Money() bool { return k == Balance || k == Hold }

// Valid reports whether k is one of the kinds above.
func (k Kind) Valid() bool { return k > 0 && int(k) < len(kindNames) }

// String returns the kind's name.
func (k Kind) String() string {
	if !k.Valid() {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return kindNames[k]
}

// ParseKind returns the kind of that name.
func ParseKind(s string) (Kind, error) {
	for k, name := range kindNames {
		if name == s && name != "" {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("ledger: no kind of register is called %q", s)
}

// Day is a business day as the number YYYYMMDD, or 0 for a register that has no day.
type Day int32

// DayOf returns the calendar day of t in t's own location. The cut-over is the host's to apply.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day(y*10000 + int(m)*100 + d)
}

// String returns the day as YYYY-MM-DD, "" for 0.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d/10000, d/100%100, d%100)
}

// Reg names a register.
type Reg struct {
	Kind  Kind
	Owner string // an opaque token of the host: a card, a merchant, a terminal, a posting's key
	Day   Day
}

// String returns kind:owner@day.
func (r Reg) String() string {
	if r.Day == 0 {
		return r.Kind.String() + ":" + r.Owner
	}
	return fmt.Sprintf("%s:%s@%d", r.Kind, r.Owner, r.Day)
}

// Move changes a register.
type Move struct {
	Reg Reg
	Add int64 // added; with Set, the new value
	Set bool  // never for money, and never undone
}
