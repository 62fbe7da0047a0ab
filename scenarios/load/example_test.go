package load_test

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
	"possim/scenarios/load/loadtest"
)

// Four terminals make a hundred sales over two connections.
func Example() {
	cards, err := load.Pool(10)
	if err != nil {
		panic(err)
	}
	l, err := load.New(load.Config{Terminals: 4, Connections: 2, Count: 100, FirstTID: 1, MID: registry.DefaultMID, Cards: cards}, load.World{
		Dial:    loadtest.Dial,
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
