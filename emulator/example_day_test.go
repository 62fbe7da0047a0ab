package emulator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
)

// inProcess is a Link to a host in the same process.
type inProcess struct {
	handle func(context.Context, []byte) ([]byte, bool)
	answer []byte
}

func (l *inProcess) Send(ctx context.Context, frame []byte) error {
	l.answer, _ = l.handle(ctx, frame)
	return nil
}

func (l *inProcess) Receive(context.Context, time.Duration) ([]byte, error) { return l.answer, nil }
func (l *inProcess) Close() error                                           { return nil }

// A short day: the terminal signs on by itself before the first sale, voids it by
// its voucher, and settles.
func ExampleTerminal_Do() {
	now := func() time.Time { return time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) }
	acquirer := &host.Host{
		Now: now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: make([]byte, 32), WalkIn: true,
		MAC: host.MACRequire, Random: rand.NewChaCha8([32]byte{}), Log: zerolog.Nop(),
	}
	line := &inProcess{handle: acquirer.Handler(wire.UnionPay())}
	terminal := emulator.New(emulator.Config{TID: "00000001", MID: registry.DefaultMID, MAC: hsm.MACECB}, emulator.World{
		Reader:  oneSwipe{good("6222020000000015=29121010000000000")},
		Face:    agree{},
		Dial:    func(context.Context) (wire.Link, error) { return line, nil },
		Dialect: wire.UnionPay(),
		Now:     now,
		Save:    func(emulator.State) error { return nil }, // a real terminal syncs a file
		Print:   func(context.Context, string) error { return nil },
		Log:     zerolog.Nop(),
		TMK:     registry.TestTMK,
	}, emulator.State{})

	ctx := context.Background()
	sold, _ := terminal.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(8800)})
	fmt.Println("sale", sold.Result, sold.STAN)
	void, _ := terminal.Do(ctx, emulator.Order{Kind: emulator.Void, Original: emulator.Original{Voucher: sold.STAN}})
	fmt.Println("void", void.Result, void.Amount)
	again, _ := terminal.Do(ctx, emulator.Order{Kind: emulator.Void, Original: emulator.Original{Voucher: sold.STAN}})
	fmt.Println("void", again.Result, again.Cause)
	day, err := terminal.Do(ctx, emulator.Order{Kind: emulator.Settle})
	sums := day.Settlement.Totals.Domestic
	fmt.Println("settled", day.Settlement.Balanced(), money.Format(sums.Debit), money.Format(sums.Credit), err)
	// Output:
	// sale approved 000002
	// void approved 88.00
	// void refused already-void
	// settled true 88.00 88.00 <nil>
}
