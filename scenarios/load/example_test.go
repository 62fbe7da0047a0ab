package load_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
)

// yes is a Link to a host that approves whatever it is sent, at once.
type yes struct{ answers chan []byte }

func (l yes) Send(_ context.Context, frame []byte) error {
	var req wire.Message
	if _, err := wire.UnionPay().Decode(frame, &req); err != nil {
		return err
	}
	ans := req.Answer()
	ans.Code = wire.Approved
	answer, err := wire.UnionPay().Encode(nil, &ans, nil)
	if err == nil {
		l.answers <- answer
	}
	return err
}

func (l yes) Receive(ctx context.Context, _ time.Duration) ([]byte, error) {
	select {
	case answer := <-l.answers:
		return answer, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l yes) Close() error { return nil }

// Four terminals make a hundred sales over two connections.
func Example() {
	cards, err := load.Pool(10)
	if err != nil {
		panic(err)
	}
	l, err := load.New(load.Config{Terminals: 4, Connections: 2, Count: 100, FirstTID: 1, MID: registry.DefaultMID, Cards: cards}, load.World{
		Dial:    func(context.Context) (wire.Link, error) { return yes{make(chan []byte, 8)}, nil },
		Dialect: wire.UnionPay(),
		Now:     time.Now,
		Sleep:   func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() },
		Within:  context.WithTimeout,
		Log:     zerolog.Nop(),
	})
	if err == nil {
		err = l.Run(context.Background())
	}
	r := l.Report()
	fmt.Println(r.Approved, "approved,", r.Errors, "errors,", r.Codes, err)
	// Output:
	// 100 approved, 0 errors, map[00:100] <nil>
}
