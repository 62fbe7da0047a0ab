package kernel

import (
	"errors"
	"fmt"
	"time"

	"possim/host/money"
	"possim/reader/emv"
)

// The transaction types (9C) that EMV's rules tell apart: the first two digits of the
// processing code of ISO 8583.
const (
	Purchase byte = 0x00
	Cash     byte = 0x01
	Cashback byte = 0x09
	Refund   byte = 0x20
)

// Transaction is what the terminal wants of the card.
type Transaction struct {
	Amount      money.Amount // 9F02, with the cash back in it; 5F2A
	Other       int64        // 9F03: the cash back, minor units
	Type        byte         // 9C
	At          time.Time    // 9A and 9F21, in the terminal's zone
	Sequence    uint32       // 9F41
	ForceOnline bool         // the merchant wants it to go online
	Data        emv.List     // what else a DOL may ask for, of this transaction: 9F7A
}

// HostAnswer is what the issuer said. Codes 00, 08, 10, 11, 16 and UnionPay's A2 and A4
// to A6 approve; 01 and 02 are referrals (Kernel.Refer); anything else declines.
type HostAnswer struct {
	Code string   // F39; "" when no answer came
	Auth string   // F38
	F55  emv.List // 91, 71, 72
}

func (tx Transaction) check() error {
	switch {
	case tx.Amount.Minor < 0 || tx.Amount.Minor > money.MaxMinor:
		return fmt.Errorf("kernel: an amount of %d minor units; want 0 to %d", tx.Amount.Minor, int64(money.MaxMinor))
	case tx.Other < 0 || tx.Other > tx.Amount.Minor:
		return fmt.Errorf("kernel: cash back of %d minor units in an amount of %d", tx.Other, tx.Amount.Minor)
	case tx.At.IsZero():
		return errors.New("kernel: the transaction has no time")
	}
	return nil
}

// approved are the response codes that approve (ISO 8583: 08 honour with identification,
// 10 partial, 11 VIP, 16 update track 3; UnionPay: A2, A4, A5, A6 approve with a reserve).
var approved = map[string]bool{"00": true, "08": true, "10": true, "11": true, "16": true,
	"A2": true, "A4": true, "A5": true, "A6": true}

// Approves reports whether a response code is an approval to a card.
func Approves(code string) bool { return approved[code] }

// referral are the codes by which an issuer wants to be called (EMV Book 4, 6.3.8).
func (a HostAnswer) referral() bool { return a.Code == "01" || a.Code == "02" }
