package host

import (
	"errors"

	"possim/host/ledger"
	"possim/host/money"
	"possim/host/wire"
)

// answer decides what the answer to a request is. It echoes what the terminal matches it
// by and adds the host's clock, the settlement day, and for what was recorded the
// RRN; card data and PIN never go back.
//
// It depends on the request's echoed fields, the record and the configuration only,
// so that a repeat gets the same bytes.
func (d *deal) answer(code wire.Code, rec *record, seq uint64) *Decision {
	d.out = Decision{Seq: seq}
	a := &d.out.Answer
	d.Message.AnswerIn(a)
	a.Clear(2)
	a.Time, a.Date, a.Code = rec.Time, rec.Date, code
	if seq != 0 {
		a.SettlementDate = monthAndDay(rec.Day)
		a.RRN, a.Acquirer = rrn(rec.Day, seq), d.acquirer()
		d.institutions(a, rec)
	}
	if seq != 0 && code == wire.Approved && d.kind&(pays|completion|offline) != 0 {
		a.AuthCode = authCode(seq)
	}
	if rec.Balance != nil && code == wire.Approved {
		a.Balance = d.balanceField(*rec.Balance)
	}
	if rec.Chip != nil {
		a.Chip = rec.Chip.field55(code)
	}
	d.out.Note = d.note
	return &d.out
}

// conclude turns what the book did into an answer. rec is what was handed in; a
// repeat is answered from the first one's record.
func (d *deal) conclude(res ledger.Result, rec *record) *Decision {
	if res.Refused == ledger.RuleDuplicate {
		d.note = "this STAN was used in this batch with another card, processing code or amount"
		return d.refuse(ledger.RuleDuplicate, wire.Duplicate)
	}
	if res.Repeat {
		rec = new(readRecord(res.Memo))
		if res.Refused != d.refused { // what was found now is not what was decided then
			d.note = ""
		}
	}
	code := wire.Approved
	switch {
	case res.Refused != "" && res.Refused == rec.Rule:
		code = rec.Code
	case res.Refused != "":
		code = codeOf(res.Refused)
	case res.Undo == ledger.Unknown:
		code = wire.NotFound
	}
	out := d.answer(code, rec, res.Seq)
	out.Rule, out.Why, out.Repeat = res.Refused, res.Why, res.Repeat
	return out
}

// failed answers where the book gave an error: 96 where it will never take the
// Tx, silence where nobody knows whether it did.
func (d *deal) failed(err error) *Decision {
	if errors.Is(err, ledger.ErrInvalid) || errors.Is(err, ledger.ErrUnbalanced) {
		d.note = err.Error()
		return d.refuse("book", wire.SystemFault)
	}
	return d.silent("the outcome of the commit is unknown: " + err.Error())
}

// balanceField is F54: what the card can spend, of the type of account that F3 asks
// for with its third and fourth digit.
func (d *deal) balanceField(minor int64) string {
	b := wire.BalanceField{Type: wire.AvailableBalance, Amount: money.Amount{Minor: minor, Currency: d.h.currency()}}
	if len(d.ProcessingCode) == 6 {
		b.Account = d.ProcessingCode[2:4]
	}
	text, err := b.Field54()
	if err != nil {
		d.note = err.Error() // more than twelve digits
	}
	return text
}
