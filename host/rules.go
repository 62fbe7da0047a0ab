package host

import (
	"context"
	"slices"
	"strings"

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
// the order is the behaviour.
//
// "transaction" is not in RULES: a stranger is told that he is one before he is
// told what the host does not do. Nor are "batch", which a repeat does not pass by,
// and what only some kinds have: the original that a void names, a payment code.
var rules []rule

func init() { // a variable's own initialiser may not lead back to it, and codeOf does
	rules = slices.Concat(strangers(), claims(), limits())
}

// strangers are the rules that leave no trace.
func strangers() []rule {
	return []rule{
		{name: "format", code: wire.FormatError, on: every, check: plain((*deal).wellFormed)},
		{name: "merchant", code: wire.InvalidMerchant, on: every, check: plain((*deal).merchantKnown)},
		{name: "terminal", code: wire.UnknownTerminal, on: every, check: (*deal).terminalKnown},
		{name: "mac", code: wire.MACError, on: every, check: (*deal).macHolds},
		{name: "track", code: wire.FormatError, on: orders, check: (*deal).tracksOpen},
		{name: "transaction", code: wire.InvalidTxn, on: every, check: plain((*deal).isServed)},
		{name: "batch", code: wire.SignOnAgain, on: orders | settlement, check: (*deal).batchOpen},
	}
}

// claims are the rules that look at one order by itself. "original" stands for the
// reversal too, whose own is looked for where it is undone.
func claims() []rule {
	return []rule{
		{name: "repeat", code: wire.Duplicate, on: orders | settlement, check: (*deal).named},
		{name: "card", code: wire.InvalidCard, on: orders, check: (*deal).cardKnown},
		{name: "amount", code: wire.InvalidAmount, on: pays | follows | offline, check: plain(func(d *deal) bool { return d.Amount > 0 })},
		{name: "currency", code: wire.InvalidTxn, on: orders, check: plain((*deal).currencyTaken)},
		{name: "original", code: wire.OriginalAmount, on: follows | reversal, check: (*deal).originalFits},
		{name: "code-age", code: wire.ExpiredCard, on: qr, check: plain((*deal).codeFresh)},
		{name: "status", code: wire.RestrictedCard, on: pays | inquiry, check: plain((*deal).statusAllows)},
		{name: "expiry", code: wire.ExpiredCard, on: pays | inquiry, check: plain((*deal).notExpired)},
		{name: "fallback", code: noFallback, on: pays | inquiry, check: plain((*deal).fallbackTaken)},
		{name: "cryptogram", code: doNotHonour, on: pays | inquiry | offline, check: plain((*deal).cryptogramRight)},
		{name: "atc", code: doNotHonour, on: pays | inquiry | offline, check: (*deal).atcFresh, guard: (*deal).atcGuard},
		{name: "cvn", code: doNotHonour, on: pays | inquiry, check: plain((*deal).cvnRight)},
		{name: "pin", code: wire.WrongPIN, on: orders, check: (*deal).pinRight},
		{name: "per-transaction", code: wire.OverLimit, on: pays, check: plain(func(d *deal) bool {
			return d.card.PerTransaction == nil || d.Amount <= *d.card.PerTransaction
		})},
	}
}

const (
	doNotHonour wire.Code = "05" // the issuer's refusal without a reason
	noFallback  wire.Code = "45" // UnionPay's: the stripe will not do, use the chip
)

// limits are the rules that need a register.
func limits() []rule {
	return []rule{
		{name: "code-used", code: wire.Duplicate, on: qr, guard: (*deal).codeUnused},
		{name: "pin-tries", code: wire.PINTries, on: orders, guard: func(d *deal) (ledger.Guard, bool) {
			return ledger.Guard{Reg: d.tries(), Max: ledger.At(d.h.pinTries() - 1)}, d.pin.right
		}},
		{name: "day-amount", code: wire.OverLimit, on: pays, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.cardDay(ledger.DayAmount, d.day), d.Amount, d.card.DayAmount)
		}},
		{name: "day-count", code: wire.OverCount, on: pays, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.cardDay(ledger.DayCount, d.day), 1, d.card.DayCount)
		}},
		{name: "terminal-day", code: wire.OverLimit, on: pays, guard: func(d *deal) (ledger.Guard, bool) {
			limit := d.h.terminalDay()
			if d.terminal.DayAmount != nil {
				limit = *d.terminal.DayAmount
			}
			return atMost(d.terminalDay(d.tid, d.day), d.Amount, &limit)
		}},
		{name: "merchant-day", code: wire.OverLimit, on: pays, guard: func(d *deal) (ledger.Guard, bool) {
			return atMost(d.merchantDay(d.day), d.Amount, d.merchant.DayAmount)
		}},
		{name: "rest", code: wire.OriginalAmount, on: void | completionVoid | refund, guard: (*deal).restLeft},
		{name: "balance", code: wire.InsufficientFunds, on: pays | completion, guard: func(d *deal) (ledger.Guard, bool) {
			// A completion within its hold takes what was set aside for it.
			within := d.kind == completion && d.Amount <= d.first.Amount
			return ledger.Guard{Reg: d.account(), Add: -d.Amount, Min: ledger.At(0)}, !within
		}},
	}
}

// fallbackTaken refuses the stripe of a card whose chip could not be read, unless the
// host is configured to take it (RULES: the terminal). It must be marked: a terminal that
// has a chip reader (60.4 = 5, 6) and read the stripe of a card with a chip without a word
// of why passed the chip by, and no host takes that. A stripe-only terminal sells.
func (d *deal) fallbackTaken() bool {
	stripe, sub := strings.HasPrefix(d.EntryMode, "02"), d.Sub60()
	marked := strings.HasPrefix(d.EntryMode, "80") || stripe && sub.ICCondition == "2"
	switch {
	case stripe && !marked && (sub.ReadCapability == "5" || sub.ReadCapability == "6") && (d.track.ServiceCode.HasChip() || d.card.HasChip()):
		d.note = "the stripe of a card with a chip, at a terminal with a chip reader that does not say that the chip failed"
		return false
	case !marked || d.h.Fallback:
		return true
	}
	d.note = "the stripe of a card whose chip failed: this host takes none (Fallback)"
	return false
}

// restLeft: what was refunded of a sale cannot be voided or refunded again. The
// guard of a void is asked as if it were done: then nothing may be left, or missing.
func (d *deal) restLeft() (ledger.Guard, bool) {
	g := ledger.Guard{Reg: rest(d.of.Key), Min: ledger.At(0)}
	if d.kind == refund {
		g.Add = -d.Amount
	}
	return g, true
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
	case ledger.RuleStanding: // someone else undid the original meanwhile
		return wire.NotFound
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

// terminalKnown also finds the terminal's session. What closes a batch, and a terminal
// that has none here, are worth a look at what other hosts know.
func (d *deal) terminalKnown(ctx context.Context) (ok bool, err error) {
	if d.kind == echo && d.tid == "" {
		return true, nil
	}
	d.terminal, ok = d.h.Registry.Terminal(d.mid, d.tid)
	if ok && (d.terminal.Batch == 0 && d.kind&orders != 0 || d.kind&(settlement|upload|batchEnd) != 0) {
		_, err = d.lookAgain(ctx)
	}
	return ok, err
}

// isServed refuses what this host does not do, and the reversal of anything that is
// never reversed: of another reversal, a refund, a notice, a balance inquiry.
func (d *deal) isServed() bool {
	switch d.kind {
	case reversal:
		classes := d.original().classes
		for _, class := range classes {
			if class != wire.MTIFinancialRequest && class != wire.MTIAuthRequest {
				return false
			}
		}
		return len(classes) > 0
	case other:
		return false
	}
	return true
}

func (d *deal) cardKnown(ctx context.Context) (bool, error) {
	if d.pan == "" {
		if d.kind&follows != 0 { // by a code: the account is the original's
			return true, nil
		}
		return d.wallet(ctx)
	}
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
	if d.met || d.h.isOpen(d.token) {
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
