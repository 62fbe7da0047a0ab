package host

import (
	"context"
	"fmt"
	"strconv"

	"possim/host/ledger"
	"possim/host/money"
	"possim/host/wire"
)

// BatchTotals is what the book holds of a batch. Debit is what cardholders paid:
// sales, completions, code payments. Credit is what they got back: voids, completion
// voids, refunds. A void leaves its sale a debit and is a credit beside it; what a
// reversal undid is in neither.
type BatchTotals struct {
	Debit       int64 // minor units
	DebitCount  int64
	Credit      int64
	CreditCount int64
}

// Batch reads the totals of a terminal's batch.
func (h *Host) Batch(ctx context.Context, mid, tid string, number int) (BatchTotals, error) {
	return h.totals(ctx, batchOwner(mid, tid, batchNumber(number), 0))
}

func (h *Host) totals(ctx context.Context, owner string) (BatchTotals, error) {
	got, err := h.Book.Read(ctx,
		ledger.Reg{Kind: ledger.DebitAmount, Owner: owner}, ledger.Reg{Kind: ledger.DebitCount, Owner: owner},
		ledger.Reg{Kind: ledger.CreditAmount, Owner: owner}, ledger.Reg{Kind: ledger.CreditCount, Owner: owner})
	if err != nil {
		return BatchTotals{}, err
	}
	return BatchTotals{got[0], got[1], got[2], got[3]}, nil
}

// String writes the totals for people.
func (b BatchTotals) String() string {
	return fmt.Sprintf("debit %s (%d), credit %s (%d)", money.Format(b.Debit), b.DebitCount, money.Format(b.Credit), b.CreditCount)
}

// claimed is what a terminal says of its batch. What it calls a foreign card is its
// own business: the sum of both groups is compared.
func claimed(t *wire.Totals) BatchTotals {
	d, f := &t.Domestic, &t.Foreign
	return BatchTotals{
		Debit: d.Debit + f.Debit, DebitCount: int64(d.DebitCount + f.DebitCount),
		Credit: d.Credit + f.Credit, CreditCount: int64(d.CreditCount + f.CreditCount),
	}
}

// settle compares a terminal's totals (0500) with the book's. It closes nothing
// where the end of a batch upload follows that does.
//
// UnionPay's 0510 has no response code; ISO 8583:1987 wants one.
func (d *deal) settle(ctx context.Context) *Decision {
	ours, err := d.h.totals(ctx, d.batchOwner())
	if err != nil {
		return d.silent("the book did not answer: " + err.Error())
	}
	rec := d.record()
	text, verdict, err := d.reconcile(ours)
	rec.Totals = text
	if err != nil {
		d.note = err.Error()
		return d.refuse("format", wire.FormatError)
	}
	tx, note := ledger.Tx{Key: d.key, Print: d.print()}, d.note
	closes := d.Last && verdict != wire.NotReconciled
	if closes && d.unnumbered() {
		tx.Moves = carriedOff(d.batchOwner(), ours)
	}
	res, err := d.commit(ctx, tx, rec)
	if err != nil {
		return d.failed(err)
	}
	dec := d.conclude(res, rec)
	if res.Refused != "" {
		return dec
	}
	if res.Repeat {
		rec, note = new(readRecord(res.Memo)), ""
	}
	dec.Note, dec.Answer.Private48, dec.Answer.RRN = note, rec.Totals, ""
	if d.TPDU != nil {
		dec.Answer.Clear(39)
	}
	if closes {
		if err := d.h.Registry.CloseBatch(ctx, d.mid, d.tid, d.settlesBatch()); err != nil {
			return d.silent(err.Error())
		}
	}
	return dec
}

// reconcile is field 48 of the answer: the terminal's totals with the verdict in
// each group, 1 balanced, 2 not, 3 when field 48 cannot be read.
func (d *deal) reconcile(ours BatchTotals) (f48 string, verdict wire.Agreed, err error) {
	totals, err := wire.ParseTotals(d.Private48)
	verdict = wire.Balanced
	switch {
	case err != nil:
		totals, verdict, d.note = wire.Totals{}, wire.NotReconciled, err.Error()
	case claimed(&totals) != ours:
		verdict, d.note = wire.Unbalanced, fmt.Sprintf("the terminal has %s, the book %s", claimed(&totals), ours)
	default:
		d.note = "balanced: " + ours.String()
	}
	totals.Domestic.Agreed, totals.Foreign.Agreed = verdict, verdict
	if totals.Foreign.Same(wire.Sums{}) && verdict == wire.Unbalanced {
		totals.Foreign.Agreed = wire.Balanced // nothing there: what differs is in the other group
	}
	f48, err = totals.Field48()
	return f48, verdict, err
}

// unnumbered reports whether no number will tell the next batch from this one: the
// terminal never signed on, or its messages carry none.
func (d *deal) unnumbered() bool { return d.terminal.Batch == 0 || d.batch == "" }

// carriedOff takes what was settled out of a batch, and leaves what came since.
func carriedOff(owner string, b BatchTotals) (m []ledger.Move) {
	for _, c := range []struct {
		kind ledger.Kind
		n    int64
	}{
		{ledger.DebitAmount, b.Debit}, {ledger.DebitCount, b.DebitCount},
		{ledger.CreditAmount, b.Credit}, {ledger.CreditCount, b.CreditCount},
	} {
		if c.n != 0 {
			m = append(m, ledger.Move{Reg: ledger.Reg{Kind: c.kind, Owner: owner}, Add: -c.n})
		}
	}
	return m
}

// settlesBatch is the number in 60.2, 0 for none.
func (d *deal) settlesBatch() int {
	n, _ := strconv.Atoi(d.batch)
	return n
}
