package host

import (
	"strconv"

	"possim/host/ledger"
)

// moves is what an approval posts, beside the inverse of what it undoes.
//
//	                        card    hold   merchant   day's use    rest of it   batch
//	sale, qr payment        -A             +A         +A +1        +A           debit +A
//	offline sale            -A             +A         +A +1        +A           debit +A
//	pre-authorisation       -A      +A                +A +1        +A
//	completion of a hold    -A             +A         +A +1 *      +A           debit +A
//	void, completion void   (the inverse of what it voids)                      credit +A
//	refund                  +A             -A                      -A **        credit +A
//
// * on the hold's day, for the hold's terminal. ** of what it refunds.
func (d *deal) moves() []ledger.Move {
	m := d.moved[:0]
	switch d.kind {
	case sale, offline:
		return d.paid(d.used(m, d.tid, d.day))
	case qr:
		// Set, not added: a reversal gives the money back and not the code.
		return append(d.paid(d.used(m, d.tid, d.day)), ledger.Move{Reg: d.codeUsed(), Add: 1, Set: true})
	case preAuth:
		return append(d.used(m, d.tid, d.day),
			ledger.Move{Reg: d.account(), Add: -d.Amount},
			ledger.Move{Reg: held(d.token), Add: d.Amount},
			ledger.Move{Reg: rest(d.key), Add: d.Amount})
	case completion:
		return d.paid(d.used(m, d.first.TID, d.first.Day))
	case void, completionVoid:
		// Undoing the sale takes it out of its batch; there it was, and stays, a debit.
		was := batchOwner(d.first.MID, d.first.TID, d.first.Batch, d.first.Day)
		return d.credited(counted(m, was, ledger.DebitAmount, ledger.DebitCount, d.Amount))
	case refund:
		return append(d.credited(m),
			ledger.Move{Reg: d.owed(), Add: -d.Amount},
			ledger.Move{Reg: d.account(), Add: d.Amount},
			ledger.Move{Reg: rest(d.of.Key), Add: -d.Amount})
	case cancel:
		// Nothing of its own. That it moves something, if by nothing, makes it a
		// replacement: the book refuses it when the hold stands no more.
		return append(m, ledger.Move{Reg: rest(d.of.Key)})
	}
	return m
}

// used counts an amount for every limit, set or not: one that is set later today
// counts the whole day.
func (d *deal) used(m []ledger.Move, tid string, day ledger.Day) []ledger.Move {
	return append(m,
		ledger.Move{Reg: d.cardDay(ledger.DayAmount, day), Add: d.Amount},
		ledger.Move{Reg: d.cardDay(ledger.DayCount, day), Add: 1},
		ledger.Move{Reg: d.terminalDay(tid, day), Add: d.Amount},
		ledger.Move{Reg: d.merchantDay(day), Add: d.Amount})
}

// paid takes the amount from the card and gives it to the merchant.
func (d *deal) paid(m []ledger.Move) []ledger.Move {
	return append(counted(m, d.batchOwner(), ledger.DebitAmount, ledger.DebitCount, d.Amount),
		ledger.Move{Reg: d.account(), Add: -d.Amount},
		ledger.Move{Reg: d.owed(), Add: d.Amount},
		ledger.Move{Reg: rest(d.key), Add: d.Amount})
}

// credited counts what goes back to the cardholder.
func (d *deal) credited(m []ledger.Move) []ledger.Move {
	return counted(m, d.batchOwner(), ledger.CreditAmount, ledger.CreditCount, d.Amount)
}

// counted adds to a batch's totals.
func counted(m []ledger.Move, owner string, amount, count ledger.Kind, add int64) []ledger.Move {
	return append(m,
		ledger.Move{Reg: ledger.Reg{Kind: amount, Owner: owner}, Add: add},
		ledger.Move{Reg: ledger.Reg{Kind: count, Owner: owner}, Add: 1})
}

func (d *deal) account() ledger.Reg {
	return ledger.Reg{Kind: ledger.Balance, Owner: d.token}
}

func (d *deal) cardDay(k ledger.Kind, day ledger.Day) ledger.Reg {
	return ledger.Reg{Kind: k, Owner: d.token, Day: day}
}

func (d *deal) terminalDay(tid string, day ledger.Day) ledger.Reg {
	if tid != d.tid {
		return ledger.Reg{Kind: ledger.DayAmount, Owner: "terminal:" + d.mid + "/" + tid, Day: day}
	}
	if d.terminalName == "" {
		d.terminalName = "terminal:" + d.mid + "/" + tid
	}
	return ledger.Reg{Kind: ledger.DayAmount, Owner: d.terminalName, Day: day}
}

func (d *deal) merchantDay(day ledger.Day) ledger.Reg {
	return ledger.Reg{Kind: ledger.DayAmount, Owner: d.merchantOwner(), Day: day}
}

func (d *deal) merchantOwner() string {
	if d.merchantName == "" {
		d.merchantName = merchantOwner(d.mid)
	}
	return d.merchantName
}

// owed is what the acquirer owes the merchant.
func (d *deal) owed() ledger.Reg { return ledger.Reg{Kind: ledger.Balance, Owner: d.merchantOwner()} }

func merchantOwner(mid string) string { return "merchant:" + mid }

// held is what pre-authorisations set aside of a card's money.
func held(token string) ledger.Reg { return ledger.Reg{Kind: ledger.Hold, Owner: token} }

// rest is what is left of a sale to refund, or of a hold to complete.
func rest(k ledger.Key) ledger.Reg { return ledger.Reg{Kind: ledger.Rest, Owner: string(k)} }

// codeUsed is 1 once a payment code has paid.
func (d *deal) codeUsed() ledger.Reg {
	return ledger.Reg{Kind: ledger.Uses, Owner: d.h.codeToken(d.scanned)}
}

// batchOwner names a batch's totals: its number, or the business day where messages
// carry none.
func batchOwner(mid, tid, batch string, day ledger.Day) string {
	if batch == "" {
		batch = strconv.Itoa(int(day))
	}
	return "batch:" + mid + "/" + tid + "/" + batch
}

func (d *deal) batchOwner() string { return batchOwner(d.mid, d.tid, d.batch, d.day) }
