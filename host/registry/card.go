package registry

import (
	"fmt"
	"slices"
	"strings"

	"possim/host/hsm"
	"possim/host/money"
	"possim/reader/card"
	"possim/reader/emv"
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
	Checks
}

// Checks are what the issuer verifies of a card, beside what the message says. What
// is not set is not verified.
type Checks struct {
	PIN hsm.PIN // what F52 must hold

	PVK      hsm.Key // or Visa's PVV instead: key, its index and the value
	PVKIndex int
	PVV      Digits

	CVN   Digits  // the three digits on track 2
	CVK   hsm.Key // or the key to compute them with (hsm.CVV); a chip's track then has its iCVV
	CVNAt int     // where in the discretionary data they begin: 0 is 5, behind PVKI and PVV

	Issuer emv.Keys // the issuer's own keys, that its chip cards' are derived from (EMV Book 2, A1.4)
}

// HasPIN reports whether the issuer knows anything of a PIN.
func (c Checks) HasPIN() bool { return !c.PIN.Zero() || c.PVV != "" && !c.PVK.Zero() }

// HasCVN reports whether the issuer verifies the value on track 2.
func (c Checks) HasCVN() bool { return c.CVN != "" || !c.CVK.Zero() }

// HasChip reports whether the issuer verifies the cryptograms of the card's chip.
func (c Checks) HasChip() bool { return !c.Issuer.AC.Zero() }

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
	if field, problem := c.Checks.problem(); problem != "" {
		return fail(field, "%s", problem)
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

// problem names the key of a card file that is wrong; it never shows what it holds.
func (c Checks) problem() (field, problem string) {
	digits := func(d Digits, n int) bool { return len(d) == n && strings.Trim(string(d), "0123456789") == "" }
	switch {
	case c.PVV != "" && !digits(c.PVV, 4):
		return "pvv", "want four digits"
	case c.PVKIndex < 0 || c.PVKIndex > 9:
		return "pvv", "the index of the key is one digit"
	case c.CVN != "" && !digits(c.CVN, 3):
		return "cvn", "want three digits, or a key of 32 hex digits"
	case !c.CVK.Zero() && (c.CVK.Algorithm() != hsm.TDES || c.CVK.Size() != 16):
		return "cvn", "want three digits, or a key of 32 hex digits"
	case c.CVNAt < 0 || c.CVNAt > 16:
		return "cvn", "it has no place in the discretionary data there"
	}
	return "", ""
}
