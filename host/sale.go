package host

import (
	"context"
	"errors"
	"time"

	"possim/host/ledger"
)

// straddle is how long after the cut-over a request without a batch number may
// still be the repeat, or the late original, of one from the day before.
const straddle = 10 * time.Minute

// named gives a sale its key. From here on a refusal is recorded, and whether the
// request is a repeat is for the book to say, in the step that posts it.
//
// Without a batch number the key holds the business day, so a request that the
// terminal sends again across the cut-over would get a second name and be posted
// twice; in the first minutes of a day the name it had before counts.
func (d *deal) named(ctx context.Context) (bool, error) {
	d.key = d.keyOn(d.day, d.MTI, d.STAN)
	if batch(&d.Message) != "" || d.into >= straddle {
		return true, nil
	}
	before := d.keyOn(addDays(d.day, -1), d.MTI, d.STAN)
	for _, k := range []ledger.Key{before, reversalOf(before)} {
		p, found, err := d.find(ctx, k)
		if err != nil {
			return false, err
		}
		if found && d.at.Sub(p.At) < straddle {
			d.key = before
		}
	}
	return true, nil
}

// find is Book.Find with "not found" as a value.
func (d *deal) find(ctx context.Context, k ledger.Key) (ledger.Posting, bool, error) {
	p, err := d.h.Book.Find(ctx, k)
	if errors.Is(err, ledger.ErrNotFound) {
		return ledger.Posting{}, false, nil
	}
	return p, err == nil, err
}

// sell posts a purchase, or records that the host refused it.
func (d *deal) sell(ctx context.Context) Decision {
	rec := d.record()
	tx := ledger.Tx{Key: d.key, Print: d.print(), Refuse: d.refused}
	if d.refused == "" {
		tx.Guards, tx.Moves = d.guards(), d.saleMoves()
	}
	res, err := d.commit(ctx, tx, rec)
	if err != nil {
		return d.failed(err)
	}
	return d.conclude(res, rec)
}

// guards are the limits, in the order of the rules.
func (d *deal) guards() (guards []ledger.Guard) {
	for i := range rules {
		rule := &rules[i]
		if rule.guard == nil || rule.on&d.kind == 0 {
			continue
		}
		if g, ok := rule.guard(d); ok {
			g.Rule = rule.name
			guards = append(guards, g)
		}
	}
	return guards
}

// saleMoves takes the amount from the card, gives it to the merchant, and counts
// it for every limit, set or not: one that is set later today counts the whole day.
func (d *deal) saleMoves() []ledger.Move {
	return []ledger.Move{
		{Reg: d.account(), Add: -d.Amount},
		{Reg: settlement(d.mid), Add: d.Amount},
		{Reg: d.cardDay(ledger.DayAmount), Add: d.Amount},
		{Reg: d.cardDay(ledger.DayCount), Add: 1},
		{Reg: d.terminalDay(), Add: d.Amount},
		{Reg: d.merchantDay(), Add: d.Amount},
	}
}

func (d *deal) account() ledger.Reg {
	return ledger.Reg{Kind: ledger.Balance, Owner: d.token}
}

func (d *deal) cardDay(k ledger.Kind) ledger.Reg {
	return ledger.Reg{Kind: k, Owner: d.token, Day: d.day}
}

func (d *deal) terminalDay() ledger.Reg {
	return ledger.Reg{Kind: ledger.DayAmount, Owner: "terminal:" + d.mid + "/" + d.tid, Day: d.day}
}

func (d *deal) merchantDay() ledger.Reg {
	return ledger.Reg{Kind: ledger.DayAmount, Owner: "merchant:" + d.mid, Day: d.day}
}

// settlement is what the acquirer owes a merchant.
func settlement(mid string) ledger.Reg {
	return ledger.Reg{Kind: ledger.Balance, Owner: "merchant:" + mid}
}
