package host

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
)

// BenchmarkSale is one purchase from frame to frame, in memory.
func BenchmarkSale(b *testing.B) {
	for _, dialect := range dialects(b) {
		b.Run(dialect.Name(), func(b *testing.B) {
			w := newWorld(nil)
			w.h.Log = zerolog.Nop()
			w.h.TerminalDay = new(int64(1 << 60))
			_ = w.h.Registry.PutCard(registry.Card{PAN: pan("A"), Balance: new(int64(1e12 - 1))})
			handle := w.h.Handler(dialect)
			m, _ := w.message("sale", []string{"A", "0.01", "track=2912"})
			var frame []byte
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%1_000_000 == 999_999 {
					w.h.Book = ledger.NewMemory()
				}
				m.STAN = number(i%1_000_000, 6)
				frame, _ = dialect.Encode(frame[:0], &m, nil)
				answer, ok := handle(context.Background(), frame)
				if !ok {
					b.Fatal("silent")
				}
				var a wire.Message
				if _, err := dialect.Decode(answer, &a); err != nil || a.Code != "00" {
					b.Fatal(err, a.Code)
				}
			}
		})
	}
}
