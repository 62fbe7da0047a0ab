package kernel_test

import (
	"context"
	"fmt"
	"time"

	"possim/emulator/kernel"
	"possim/host/money"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// A card is tapped for 280.00. The terminal wants the cardholder verified from 100.00 on,
// and needs no PIN up to 1000.00.
func ExampleKernel_Tap() {
	keys, err := emv.NewIssuerKeys(emv.IssuerProfile{Seed: "example", RID: emv.RIDUnionPay, Issuer: "621094"})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := icc.Shipped("unionpay-debit", icc.Person{Seed: "example", Issuer: keys,
		Holder: icc.Holder{PAN: "6210947000000021", Sequence: "01", Expiry: card.Expiry{Year: 2029, Month: 12}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Contactless = true
	tapped, err := icc.New(p, icc.State{})
	if err != nil {
		fmt.Println(err)
		return
	}
	k := &kernel.Kernel{
		Type:         0x22,
		Capabilities: emv.Capabilities{0xE0, 0xF8, 0xC8},
		Country:      "156",
		Applications: []kernel.Application{{AID: emv.RIDUnionPay[:], Partial: true}},
		Random:       emv.Seeded("example", "terminal"),
		PIN: func(context.Context, kernel.PINRequest) (kernel.PINEntry, error) {
			return kernel.PINEntry{Bypassed: true}, nil // and nobody is asked
		},
		Contactless: kernel.Contactless{CVM: 10000, NoPIN: 100000, NoSignature: 100000},
	}
	r, err := k.Tap(context.Background(), tapped, kernel.Transaction{Amount: money.Yuan(28000),
		At: time.Date(2026, 6, 1, 9, 30, 0, 0, time.UTC)})
	fmt.Println(r.Decision, r.Cryptogram, r.PAN, err)
	fmt.Println("PIN", r.OnlinePIN, "small:", r.NoPIN, r.NoSignature)
	// Output:
	// online ARQC 621094******0021 <nil>
	// PIN false small: true true
}
