package emulator

import (
	"context"
	"fmt"

	"possim/host/wire"
)

// bookable reports why an approval cannot be booked as what was asked for: it is
// money of another currency, or a hold without the authorisation code that its
// completion has to name (UnionPay table of transactions, field 38).
func bookable(p Pending, ans *wire.Message) error {
	if ans.Currency != "" && ans.Currency != p.Currency {
		return fmt.Errorf("the answer approves an amount in currency %q, and %s was asked for", string(ans.Currency), p.Currency)
	}
	if p.Kind == wire.PreAuth && ans.AuthCode == "" {
		return fmt.Errorf("the answer approves a pre-authorisation and has no field 38: nothing could complete or cancel it")
	}
	return nil
}

// cannotBook ends an order that the host has approved and the terminal cannot carry
// through: it is reversed with reason 96 (UnionPay: terminal fault after approval).
//
// Where not even the reversal can be saved, err is the order's and nothing is sent.
// The terminal knows the reason as long as it is on, and says it when its store
// takes writes again. After a restart it knows only what was saved before sending:
// a request that may have had no answer, and that reversal says 98.
//
// What is never reversed is repeated until it can be booked, as without an answer.
func (x *txn) cannotBook(ctx context.Context, err error) error {
	if x.state.Open == nil {
		return err
	}
	m := &miss{TerminalFault, "the host approved, and the terminal could not carry it through: " + err.Error()}
	x.Log.Warn().Err(err).Str("stan", x.out.STAN).Msg("an approval is not booked: reversing it")
	open := *x.state.Open // not in place: what was handed to Save is not ours to change
	open.Reason = m.reason()
	x.state.Open = &open
	x.out.Result, x.out.Cause, x.out.Note = Unknown, m.cause, m.note
	x.out.Code, x.out.RRN, x.out.Auth, x.out.Date = "", "", "", ""
	return x.reverseOpen(ctx, m)
}
