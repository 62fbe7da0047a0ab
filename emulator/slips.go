package emulator

import (
	"cmp"
	"fmt"
	"strconv"

	"possim/emulator/kernel"
	"possim/emulator/slip"
	"possim/host/wire"
	"possim/reader/emv"
)

// F22 of a scanned code, and what an Outcome calls that.
const (
	scanned   = wayCode + "2"
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
	if marked, ok := slipEntries[e.EntryMode[:min(2, len(e.EntryMode))]]; ok {
		s.Entry = marked
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

// slipEntries marks a card number by how it was read.
var slipEntries = map[string]slip.Entry{wayCode: slip.Scanned, wayChip: slip.Chipped, wayTap: slip.Tapped}

// chipSlip is what the slip says of the chip; nil where none took part in deciding.
func (x *txn) chipSlip() *slip.Chip {
	r := x.out.Chip
	if r == nil || r.Decision == kernel.Identified {
		return nil
	}
	hex := func(t emv.Tag) string { return fmt.Sprintf("%X", r.Data.Value(t)) }
	c := &slip.Chip{
		Approves: "TC", Cryptogram: hex(emv.TagCryptogram), TVR: r.TVR.String(), TSI: r.TSI.String(), Sequence: r.Sequence,
		AID: fmt.Sprintf("%X", r.Application.AID), ATC: hex(emv.TagATC), Label: r.Application.Label, Name: r.Application.Name,
		Random: hex(emv.TagUnpredictableNumber), AIP: hex(emv.TagAIP), CVM: fmt.Sprintf("%X", r.CVM[:]),
		IssuerData: hex(emv.TagIAD), Terminal: hex(emv.TagTerminalCapabilities),
	}
	if r.Cryptogram == emv.ARQC {
		c.Approves = "ARQC"
	}
	switch tap := x.charge.entry == wayTap; {
	case r.CDCVM:
		c.Waived = slip.WaivedDevice
	case r.NoSignature || tap && !r.Signature && !r.OnlinePIN:
		c.Waived, c.Limit = slip.WaivedAmount, amountOf(x.EMV.Contactless.NoSignature, x.Currency)
	case !tap && r.CVM.Rule().Method == emv.CVMNone && !r.Signature:
		c.Waived = slip.WaivedCard
	}
	return c
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

func sixDigits(n int) string {
	var room [20]byte
	digits := strconv.AppendInt(room[:0], int64(n)+1_000_000, 10) // a STAN or a batch, below a million
	return string(digits[1:])
}
