package host

import (
	"context"
	"errors"
	"time"

	"possim/host/ledger"
	"possim/host/money"
)

// straddle is how long after the cut-over a request without a batch number may
// still be the repeat, or the late original, of one from the day before.
const straddle = 10 * time.Minute

// named gives an order its key. From here on a refusal is recorded, and whether the
// request is a repeat is for the book to say, in the step that posts it.
//
// Without a batch number the key holds the business day, so a request that the
// terminal sends again across the cut-over would get a second name and be posted
// twice; in the first minutes of a day the name it had before counts.
func (d *deal) named(ctx context.Context) (bool, error) {
	d.key = d.keyOn(d.day, d.MTI.First(), d.STAN)
	if d.batch != "" || d.into >= straddle {
		return true, nil
	}
	before := d.keyOn(addDays(d.day, -1), d.MTI.First(), d.STAN)
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

// post books an order, or records that the host refused it.
func (d *deal) post(ctx context.Context) *Decision {
	if err := d.lookAtChip(ctx); err != nil {
		return d.silent("the book did not answer: " + err.Error())
	}
	tx := ledger.Tx{Key: d.key, Print: d.print(), Refuse: d.refused, Raise: d.raises()}
	rec := d.record()
	switch {
	case d.refused != "":
		tx.Guards, tx.Moves = d.pin.spent(d)
		if g, ok := d.atcGuard(); ok {
			g.Rule = "atc"
			tx.Guards = append([]ledger.Guard{g}, tx.Guards...)
		}
	default:
		tx.Guards, tx.Moves = d.guards(), append(append(d.moves(), d.paidWith()...), d.pin.cleared(d)...)
		if d.kind&undoes != 0 {
			tx.Undoes, tx.UndoesSeq = d.of.Key, d.of.Seq
		}
		if d.kind == inquiry {
			got, err := d.h.Book.Read(ctx, d.account())
			if err != nil {
				return d.silent("the book did not answer: " + err.Error())
			}
			rec.Balance = &got[0]
		}
	}
	if err := d.answerChip(rec, tx.Guards); err != nil {
		d.note = err.Error()
	}
	res, err := d.commit(ctx, tx, rec)
	if err != nil {
		return d.failed(err)
	}
	dec := d.conclude(res, rec)
	if len(dec.Answer.Chip) > 0 && !dec.Repeat {
		d.h.scripts.sent(d.token, rec.Chip.Sent, d.h.scriptTries())
	}
	if d.kind == offline && dec.Rule == "" && !dec.Repeat {
		dec.Note += d.owes(ctx)
	}
	return dec
}

// owes tells of a card that the chip let spend more than there was. Who cannot read it
// now has nothing to tell.
func (d *deal) owes(ctx context.Context) string {
	got, err := d.h.Book.Read(ctx, d.account())
	if err != nil || got[0] >= 0 {
		return ""
	}
	return "; the card now owes " + money.Format(-got[0])
}

// guards are the limits, in the order of the rules.
func (d *deal) guards() []ledger.Guard {
	guards := d.asked[:0]
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
