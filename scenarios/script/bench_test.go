package script_test

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
	"possim/scenarios/load/loadtest"
	"possim/scenarios/script"
)

// BenchmarkSale is a sale of one terminal at a host that costs next to nothing: by a mix,
// and by a script that checks it.
func BenchmarkSale(b *testing.B) {
	const text = `import { terminal, cards, check } from 'possim'
		export default () => check(terminal.sale('0.01', cards.any(), { tag: 'coffee' }), { 'is approved': s => s.code === '00' })`
	s, err := script.Parse(b.Context(), "main.js", script.World{Read: func(string) ([]byte, error) { return []byte(text), nil }, Print: func(line string) { b.Error(line) }})
	if err != nil {
		b.Fatal(err)
	}
	for name, player := range map[string]func(context.Context, *load.Seat) (load.Player, error){"mix": nil, "script": s.Player} {
		b.Run(name, func(b *testing.B) {
			cards, err := load.Pool(1000)
			if err != nil {
				b.Fatal(err)
			}
			l, err := load.New(load.Config{Terminals: 1, Count: int64(b.N), FirstTID: 1, MID: registry.DefaultMID, Cards: cards, Player: player}, load.World{
				Dial:    loadtest.Dial,
				Dialect: wire.UnionPay(), Now: time.Now, Sleep: sleep, Within: context.WithTimeout, Log: zerolog.Nop(),
			})
			if err == nil {
				err = l.Run(b.Context())
			}
			if r := l.Report(); err != nil || r.Approved != int64(b.N) {
				b.Fatal(err, r)
			}
		})
	}
}
