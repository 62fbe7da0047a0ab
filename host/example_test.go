package host_test

import (
	"context"
	"fmt"
	"time"

	"possim/host"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
)

// A card with a daily limit of 300.00 buys for 280.00 twice.
func Example() {
	ctx := context.Background()
	cards := registry.New()
	_ = cards.PutCard(registry.Card{PAN: "6222020000000015", Limits: registry.Limits{DayAmount: new(int64(300_00))}})
	h := &host.Host{
		Now:      func() time.Time { return time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC) },
		Registry: cards, Book: ledger.NewMemory(), TokenKey: []byte("a key of 16 bytes"),
	}
	if err := h.Due(ctx); err != nil {
		fmt.Println(err)
	}
	for _, stan := range []string{"000001", "000002", "000001"} {
		d := h.Decide(ctx, host.Request{Message: wire.Message{
			MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", Amount: 280_00, STAN: stan,
			PAN: "6222020000000015", TID: "00000001", MID: registry.DefaultMID, Currency: money.CNY,
		}})
		fmt.Println(stan, d.Answer.Code, d.Answer.RRN, d.Rule, d.Repeat)
	}
	account, _ := h.Account(ctx, "6222020000000015")
	fmt.Println(money.Format(account.Balance), money.Format(account.DayAmount))
	// Output:
	// 000001 00 615200000002  false
	// 000002 61 615200000003 day-amount false
	// 000001 00 615200000002  true
	// 999720.00 280.00
}
