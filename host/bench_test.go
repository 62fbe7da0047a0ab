package host

import (
	"context"
	"testing"

	"github.com/rs/zerolog"

	"possim/host/hsm"
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

// BenchmarkSealedSale is the same with the MACs of request and answer.
func BenchmarkSealedSale(b *testing.B) {
	w := newWorld(nil)
	w.h.Log, w.h.MAC = zerolog.Nop(), MACRequire
	w.h.TerminalDay = new(int64(1 << 60))
	_ = w.h.Registry.PutCard(registry.Card{PAN: pan("A"), Balance: new(int64(1e12 - 1))})
	if err := w.step("signon -> 00"); err != nil {
		b.Fatal(err)
	}
	dialect := wire.UnionPay()
	handle := w.h.Handler(dialect)
	seal, err := hsm.MACECB.Sealer(w.keys.TAK)
	if err != nil {
		b.Fatal(err)
	}
	m, _ := w.message("sale", []string{"A", "0.01", "track=2912"})
	var frame []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%1_000_000 == 999_999 {
			w.h.Book = ledger.NewMemory()
		}
		m.STAN = number(i%1_000_000, 6)
		frame, _ = dialect.Encode(frame[:0], &m, seal)
		answer, ok := handle(context.Background(), frame)
		var a wire.Message
		if _, err := dialect.Decode(answer, &a); !ok || err != nil || a.Code != "00" {
			b.Fatal(err, a.Code)
		}
	}
}
