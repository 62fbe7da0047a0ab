package emulator

import (
	"fmt"

	"possim/host/money"
	"possim/host/wire"
)

// Words is an Outcome as other programs and scripts read it: what possim sale --json
// prints (a contract), and other orders with what they bring beside it. Amounts are as
// money prints them, the card number is masked.
type Words struct {
	Outcome  Result        `json:"outcome"`
	Code     wire.Code     `json:"code"`
	STAN     string        `json:"stan"`
	RRN      string        `json:"rrn"`
	Auth     string        `json:"auth"`
	Amount   string        `json:"amount"`
	Currency string        `json:"currency"`
	PAN      string        `json:"pan"`
	Entry    string        `json:"entry"`
	Reversal ReversalState `json:"reversal"`
	Cause    Cause         `json:"cause"`
	Slip     string        `json:"slip"`
	Note     string        `json:"note,omitempty"`

	Date       string      `json:"date,omitempty"`       // MMDD, as the host dates it
	Balance    string      `json:"balance,omitempty"`    // of a balance inquiry
	Batch      string      `json:"batch,omitempty"`      // after a sign-on or a settlement
	Settlement *BatchWords `json:"settlement,omitempty"` // the batch, added up
	Chip       *ChipWords  `json:"chip,omitempty"`       // of a chip or a tap
}

// ChipWords is what a chip and the terminal came to in the end. Bits are hexadecimal.
type ChipWords struct {
	AID         string `json:"aid"`
	Application string `json:"application"`
	Cryptogram  string `json:"cryptogram"` // TC, ARQC or AAC
	TVR         string `json:"tvr"`
	TSI         string `json:"tsi"`
	CVM         string `json:"cvm"` // in words
}

// BatchWords is a batch that was settled.
type BatchWords struct {
	Balanced bool      `json:"balanced"`
	Debit    SideWords `json:"debit"`
	Credit   SideWords `json:"credit"`
}

// SideWords is a column of a settlement: what cardholders paid, or got back.
type SideWords struct {
	Amount string `json:"amount"`
	Count  int    `json:"count"`
}

// Words returns the outcome in words.
func (out Outcome) Words() Words {
	r := Words{
		Outcome: out.Result, Code: out.Code, STAN: out.STAN, RRN: out.RRN, Auth: out.Auth,
		Amount: out.Amount.String(), Currency: out.Amount.Currency.Code(), PAN: out.PAN.String(), Entry: out.Entry,
		Reversal: out.Reversal, Cause: out.Cause, Slip: out.Slip, Note: out.Note, Date: out.Date, Batch: out.Batch,
	}
	if out.Balance != nil {
		r.Balance = out.Balance.String()
	}
	if c := out.Chip; c != nil {
		r.Chip = &ChipWords{fmt.Sprintf("%X", c.Application.AID), c.Application.Title(), c.Cryptogram.String(), c.TVR.String(), c.TSI.String(), c.CVM.String()}
	}
	if s := out.Settlement; s != nil {
		t := s.Totals.Domestic
		r.Settlement = &BatchWords{s.Balanced(), SideWords{money.Format(t.Debit), t.DebitCount}, SideWords{money.Format(t.Credit), t.CreditCount}}
	}
	return r
}
