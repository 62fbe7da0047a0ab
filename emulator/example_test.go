package emulator_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
)

// oneSwipe is a Reader with a single card in front of it.
type oneSwipe struct{ *reader.Swipe }

func (r oneSwipe) Next(context.Context, reader.Ask) (reader.Presentation, error) { return r.Swipe, nil }
func (r oneSwipe) Close() error                                                  { return nil }

// agree is a Face that nobody looks at and that agrees with everything.
type agree struct{}

func (agree) Show(context.Context, emulator.Screen) error { return nil }
func (agree) Ask(context.Context, emulator.Question) (emulator.Answer, error) {
	return emulator.Answer{}, nil
}

// overLimit is a Link to a host that declines whatever it is sent.
type overLimit struct{ answer []byte }

func (l *overLimit) Send(_ context.Context, frame []byte) error {
	var req wire.Message
	if _, err := wire.UnionPay().Decode(frame, &req); err != nil {
		return err
	}
	ans := req.Answer()
	ans.Code = wire.OverLimit
	answer, err := wire.UnionPay().Encode(nil, &ans, nil)
	l.answer = answer
	return err
}

func (l *overLimit) Receive(context.Context, time.Duration) ([]byte, error) { return l.answer, nil }
func (l *overLimit) Close() error                                           { return nil }

// A sale that the host declines is an Outcome, not an error.
func Example() {
	var disk emulator.State // a real terminal keeps it in a synced file
	terminal := emulator.New(emulator.Config{TID: "00000001", MID: "898100054110001", MerchantName: "测试商户"}, emulator.World{
		Reader:  oneSwipe{good("6222020000000015=29121010000000000")},
		Face:    agree{},
		Dial:    func(context.Context) (wire.Link, error) { return &overLimit{}, nil },
		Dialect: wire.UnionPay(),
		Now:     func() time.Time { return time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC) },
		Save:    func(s emulator.State) error { disk = s; return nil },
		Print:   func(context.Context, string) error { return nil },
		Log:     zerolog.Nop(),
	}, disk)

	out, err := terminal.Do(context.Background(), emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(123456)})
	fmt.Println(out.Result, out.Code, out.PAN, out.Amount, err)
	fmt.Println("open:", disk.Open)
	// Output:
	// declined 61 622202******0015 1234.56 <nil>
	// open: <nil>
}
