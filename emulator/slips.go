package emulator

import (
	"cmp"
	"fmt"
	"strconv"

	"possim/emulator/slip"
	"possim/host/wire"
)

// F22 of a scanned code, and what an Outcome calls that.
const (
	scanned   = "032"
	entryCode = "code"
)

// slip is the sales slip of a booked entry.
func (t *Terminal) slip(p Pending, e Entry) slip.Slip {
	f := formOf(e.Kind)
	s := slip.Slip{
		MerchantName: t.MerchantName, MID: t.MID, TID: t.TID, Operator: t.slipOperator(), Card: e.PAN, Entry: slip.Swiped,
		Kind: f.slip, Batch: e.Batch, Voucher: e.STAN, Auth: e.Auth, RRN: e.RRN,
		At: t.at(e), Amount: amountOf(e.Amount, e.Currency),
	}
	if e.EntryMode == scanned {
		s.Entry = slip.Scanned
	}
	switch f.by {
	case byVoucher, byDated:
		s.OldVoucher = p.Voids
	case byRRN:
		s.OldRRN, s.OldDate = p.RRN, originalDate(p.Original)
	case byAuth:
		s.OldAuth = p.Auth
	}
	return s
}

// originalDate is 61.3.
func originalDate(field string) string {
	o, err := wire.ParseOriginal61(field)
	if err != nil {
		return ""
	}
	return o.Date
}

// slipOperator is the operator's number where one is known.
func (t *Terminal) slipOperator() string { return cmp.Or(t.state.Operator, t.Config.Operator) }

// batch is the number of the open batch.
func (t *Terminal) batch() string { return cmp.Or(t.state.Batch, firstBatch) }

// nextBatch counts on, 1 to 999999.
func nextBatch(batch string) string {
	n, err := strconv.Atoi(batch)
	if err != nil {
		return firstBatch
	}
	return sixDigits(n%999_999 + 1)
}

func sixDigits(n int) string { return fmt.Sprintf("%06d", n) }
