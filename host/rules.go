package host

import (
	"context"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
)

// rule refuses a request under its name and code. A check looks at the message
// and the registry; a guard is a limit that the book itself checks, in the step
// that posts.
type rule struct {
	name  string
	code  wire.Code
	on    kind
	check func(*deal, context.Context) (bool, error)
	guard func(*deal) (ledger.Guard, bool)
}

// rules is the order of refusals (RULES). A new rule goes where RULES puts it:
// the order is the behaviour. The MAC is a seam (Host.Verify); the cryptogram and
// the PIN will stand between expiry and per-transaction.
//
// "transaction" is not in RULES: a stranger is told that he is one before he is
// told what the host does not do.
var rules []rule

func init() { // a variable's own initialiser may not lead back to it, and codeOf does
	rules = []rule{
		{name: "format", code: wire.FormatError, on: every, check: plain((*deal).wellFormed)},
		{name: "merchant", code: wire.InvalidMerchant, on: every, check: plain((*deal).merchantKnown)},
		{name: "terminal", code: wire.UnknownTerminal, on: every, check: plain((*deal).terminalKnown)},
		{name: "mac", code: wire.MACError, on: every, check: (*deal).macHolds},
		{name: "transaction", code: wire.InvalidTxn, on: every, check: plain((*deal).served)},

		{name: "repeat", code: wire.Duplicate, on: sale, check: (*deal).named},

		{name: "original", code: wire.OriginalAmount, on: reversal}, // and the repeat of a reversal: in reversal.go, beside the original
		{name: "card", code: wire.InvalidCard, on: sale, check: (*deal).cardKnown},
		{name: "amount", code: wire.InvalidAmount, on: sale, check: plain(func(d *deal) bool { return d.Amount > 0 })},
		{name: "currency", code: wire.InvalidTxn, on: sale, check: plain((*deal).currencyTaken)},
		{name: "status", code: wire.RestrictedCard, on: sale, check: plain((*deal).statusAllows)},
		{name: "expiry", code: wire.ExpiredCard, on: sale, check: plain((*deal).notExpired)},
		{name: "per-transaction", code: wire.OverLimit, on: sale, check: plain(func(d *deal) bool {
			return d.card.PerTransaction == nil || d.Amount <= *d.card.PerTransaction
		})},

		{name: "day-amount", code: wire.OverLimit, on: sale, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.cardDay(ledger.DayAmount), d.Amount, d.card.DayAmount)
		}},
		{name: "day-count", code: wire.OverCount, on: sale, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.cardDay(ledger.DayCount), 1, d.card.DayCount)
		}},
		{name: "terminal-day", code: wire.OverLimit, on: sale, guard: func(d *deal) (ledger.Guard, bool) {
			limit := d.h.terminalDay()
			if d.terminal.DayAmount != nil {
				limit = *d.terminal.DayAmount
			}
			return atMost(d.terminalDay(), d.Amount, &limit)
		}},
		{name: "merchant-day", code: wire.OverLimit, on: sale, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.merchantDay(), d.Amount, d.merchant.DayAmount)
		}},
		{name: "balance", code: wire.InsufficientFunds, on: sale, guard: func(d *deal) (ledger.Guard, bool) {
			return ledger.Guard{Reg: d.account(), Add: -d.Amount, Min: ledger.At(0)}, true
		}},
	}
}

// plain is a check that asks nobody.
func plain(f func(*deal) bool) func(*deal, context.Context) (bool, error) {
	return func(d *deal, _ context.Context) (bool, error) { return f(d), nil }
}

// atMost guards an inclusive limit; nil is none.
func atMost(use ledger.Reg, add int64, limit *int64) (ledger.Guard, bool) {
	if limit == nil {
		return ledger.Guard{}, false
	}
	return ledger.Guard{Reg: use, Add: add, Max: ledger.At(*limit)}, true
}

// codeOf is the response code of a rule under which the book refused.
func codeOf(name string) wire.Code {
	switch name {
	case ledger.RuleDuplicate, ledger.RuleTombstone:
		return wire.Duplicate
	}
	for i := range rules {
		if rules[i].name == name {
			return rules[i].code
		}
	}
	return wire.SystemFault // overflow, or a rule that an older version of this list had
}

func (d *deal) merchantKnown() (ok bool) {
	if d.kind == echo && d.mid == "" {
		return true // a network echo of ISO 8583:1987 names nobody
	}
	d.merchant, ok = d.h.Registry.Merchant(d.mid)
	return ok
}

func (d *deal) terminalKnown() (ok bool) {
	if d.kind == echo && d.tid == "" {
		return true
	}
	d.terminal, ok = d.h.Registry.Terminal(d.mid, d.tid)
	return ok
}

func (d *deal) macHolds(ctx context.Context) (bool, error) {
	if d.h.Verify == nil {
		return true, nil
	}
	if err := d.h.Verify(ctx, d.Request); err != nil {
		d.note = err.Error()
		return false, nil
	}
	return true, nil
}

// served refuses what this host does not do, and the reversal of anything that
// is never reversed: of another reversal, to begin with.
func (d *deal) served() bool {
	switch d.kind {
	case reversal:
		class := d.original().class
		return class == wire.MTIFinancialRequest || class == wire.MTIAuthRequest
	case other:
		return false
	}
	return true
}

func (d *deal) cardKnown(ctx context.Context) (bool, error) {
	c, ok := d.h.Registry.Card(d.pan)
	if !ok && d.h.WalkIn {
		var err error
		c, err = d.h.Registry.AddCard(registry.Card{PAN: d.pan})
		ok = err == nil
	}
	if !ok {
		return false, nil
	}
	d.card = c
	if d.h.isOpen(d.token) {
		return true, nil
	}
	// A request that the book knows already gets its first answer: it opens nothing.
	if _, known, err := d.find(ctx, d.key); known || err != nil {
		return true, err
	}
	return true, d.h.open(ctx, c, d.at)
}

// currencyTaken: a message without F49 means the host's own currency.
func (d *deal) currencyTaken() bool { return d.Currency == "" || d.Currency == d.h.currency() }

func (d *deal) statusAllows() bool {
	code, refuses := d.h.statusCode(d.card.Status)
	d.code = code
	return !refuses
}

// notExpired asks the host's clock in the host's zone. The issuer's record
// counts beside what was presented: a later date than the issuer ever gave is on
// a stripe that somebody wrote, and the code for a wrong date is that of a past one.
func (d *deal) notExpired() bool {
	known := d.card.Expiry
	if !known.Absent() && !d.expiry.Absent() && known != d.expiry {
		d.note = "the expiry presented is not the card's"
		return false
	}
	return !known.Expired(d.at) && !d.expiry.Expired(d.at)
}
