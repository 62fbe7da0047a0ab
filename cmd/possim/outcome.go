package main

import (
	"fmt"
	"strings"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
)

// saleResult is what `possim sale --json` prints (a contract), and other orders
// with what they bring beside it.
type saleResult struct {
	Outcome  emulator.Result        `json:"outcome"`
	Code     wire.Code              `json:"code"`
	STAN     string                 `json:"stan"`
	RRN      string                 `json:"rrn"`
	Auth     string                 `json:"auth"`
	Amount   string                 `json:"amount"`
	Currency string                 `json:"currency"`
	PAN      string                 `json:"pan"`
	Entry    string                 `json:"entry"`
	Reversal emulator.ReversalState `json:"reversal"`
	Cause    emulator.Cause         `json:"cause"`
	Slip     string                 `json:"slip"`
	Note     string                 `json:"note,omitempty"`

	Date       string      `json:"date,omitempty"`       // MMDD, as the host dates it
	Balance    string      `json:"balance,omitempty"`    // of a balance inquiry
	Batch      string      `json:"batch,omitempty"`      // after a sign-on or a settlement
	Settlement *settlement `json:"settlement,omitempty"` // the batch, added up
	Chip       *chipResult `json:"chip,omitempty"`       // of a chip or a tap
}

// chipResult is what a chip and the terminal came to in the end. Bits are hexadecimal.
type chipResult struct {
	AID         string `json:"aid"`
	Application string `json:"application"`
	Cryptogram  string `json:"cryptogram"` // TC, ARQC or AAC
	TVR         string `json:"tvr"`
	TSI         string `json:"tsi"`
	CVM         string `json:"cvm"` // in words
}

// settlement is a batch that was settled.
type settlement struct {
	Balanced bool `json:"balanced"`
	Debit    side `json:"debit"`
	Credit   side `json:"credit"`
}

// side is a column of a settlement: what cardholders paid, or got back.
type side struct {
	Amount string `json:"amount"`
	Count  int    `json:"count"`
}

func result(out emulator.Outcome) saleResult {
	r := saleResult{
		Outcome: out.Result, Code: out.Code, STAN: out.STAN, RRN: out.RRN, Auth: out.Auth,
		Amount: out.Amount.String(), Currency: out.Amount.Currency.Code(), PAN: out.PAN.String(), Entry: out.Entry,
		Reversal: out.Reversal, Cause: out.Cause, Slip: out.Slip, Note: out.Note, Date: out.Date, Batch: out.Batch,
	}
	if out.Balance != nil {
		r.Balance = out.Balance.String()
	}
	if c := out.Chip; c != nil {
		r.Chip = &chipResult{fmt.Sprintf("%X", c.Application.AID), c.Application.Title(), c.Cryptogram.String(), c.TVR.String(), c.TSI.String(), c.CVM.String()}
	}
	if s := out.Settlement; s != nil {
		t := s.Totals.Domestic
		r.Settlement = &settlement{s.Balanced(), side{money.Format(t.Debit), t.DebitCount}, side{money.Format(t.Credit), t.CreditCount}}
	}
	return r
}

// summary is the outcome in one line.
func summary(out emulator.Outcome) string {
	line := string(out.Result)
	if out.Amount.Minor != 0 {
		line += fmt.Sprintf(" %s %s", out.Amount, out.Amount.Currency.Code())
	}
	r := result(out)
	for _, part := range []struct{ name, value string }{
		{"code", string(out.Code)}, {"cause", string(out.Cause)}, {"stan", out.STAN}, {"rrn", out.RRN}, {"auth", out.Auth},
		{"date", out.Date}, {"balance", r.Balance}, {"batch", r.Batch}, {"", out.Note},
	} {
		if part.value != "" {
			line += "  " + strings.TrimLeft(part.name+" "+part.value, " ")
		}
	}
	if s := r.Settlement; s != nil {
		line += fmt.Sprintf("  debit %s (%d)  credit %s (%d)  balanced %t", s.Debit.Amount, s.Debit.Count, s.Credit.Amount, s.Credit.Count, s.Balanced)
	}
	if out.Reversal != emulator.ReversalNone {
		line += "  reversal " + string(out.Reversal)
	}
	return line
}
