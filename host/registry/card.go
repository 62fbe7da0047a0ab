package registry

import (
	"fmt"
	"slices"

	"possim/host/money"
	"possim/reader/card"
)

// DefaultBalance is what a card has whose entry gives no balance: 1000000.00.
const DefaultBalance int64 = 100_000_000

// Card is what the issuer knows of one card.
type Card struct {
	PAN         card.PAN
	Expiry      card.Expiry      // zero: the issuer does not say, and what is presented decides
	Kind        string           // "debit", "credit" or "": for people; no rule reads it yet
	ServiceCode card.ServiceCode // "" is not known
	Status      Status           // "" is Active
	Balance     *int64           // opening balance in minor units; nil is DefaultBalance
	Limits
}

// Limits bound what a card may spend. nil is no limit; a limit is inclusive, and
// one of 0 allows nothing. Amounts are minor units.
type Limits struct {
	PerTransaction *int64
	DayAmount      *int64
	DayCount       *int64
}

// OpeningBalance returns the balance that the account starts with.
func (c Card) OpeningBalance() int64 {
	if c.Balance == nil {
		return DefaultBalance
	}
	return *c.Balance
}

// clone copies what the entry points to, so that nobody outside can change it.
func (c Card) clone() Card {
	c.Balance = copied(c.Balance)
	c.PerTransaction = copied(c.PerTransaction)
	c.DayAmount = copied(c.DayAmount)
	c.DayCount = copied(c.DayCount)
	return c
}

func copied(p *int64) *int64 {
	if p == nil {
		return nil
	}
	return new(*p)
}

// EntryError is an entry that cannot be registered.
type EntryError struct {
	Entry   string // "card 622202******0015", "terminal 00000001"
	Field   string // the key as card files write it: "pan", "day_limit"
	Problem string
}

// Error names the entry, the field, and what it should be.
func (e *EntryError) Error() string { return e.Entry + ": " + e.Field + ": " + e.Problem }

func (c Card) check() error {
	entry := "card " + c.PAN.String()
	fail := func(field, format string, args ...any) error {
		return &EntryError{Entry: entry, Field: field, Problem: fmt.Sprintf(format, args...)}
	}
	if _, err := card.ParsePAN(c.PAN.Reveal()); err != nil {
		return fail("pan", "%v", err)
	}
	if err := checkStatus(c.Status); err != nil {
		return fail("status", "%v", err)
	}
	if !c.Expiry.Absent() && !c.Expiry.Valid() {
		return fail("expiry", "there is no month %s: want YYMM, such as 2912", c.Expiry)
	}
	if s := c.ServiceCode; s != "" && !s.Valid() {
		return fail("service_code", "%q: want three digits, such as 201", string(s))
	}
	if !slices.Contains([]string{"", "debit", "credit"}, c.Kind) {
		return fail("kind", "%q: want debit or credit", c.Kind)
	}
	for _, l := range []struct {
		field string
		value *int64
	}{{"balance", c.Balance}, {"per_transaction", c.PerTransaction}, {"day_limit", c.DayAmount}, {"day_count", c.DayCount}} {
		if l.value != nil && (*l.value < 0 || *l.value > money.MaxMinor) {
			return fail(l.field, "%d: want 0 to %d", *l.value, money.MaxMinor)
		}
	}
	return nil
}
