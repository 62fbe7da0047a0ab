package host

import (
	"context"
	"fmt"
	"testing"

	"github.com/rs/zerolog"

	"possim/host/wire"
)

// BenchmarkChipSale is one purchase with a chip from frame to frame, in memory: the
// ARQC verified, the answer proved.
func BenchmarkChipSale(b *testing.B) {
	const sales = 1000 // then a new world: a counter is good once
	dialect := wire.UnionPay()
	fresh := func() func(context.Context, []byte) ([]byte, bool) {
		w := newWorld(nil)
		w.h.Log = zerolog.Nop()
		if err := w.card([]string{"A", "keys=yes"}); err != nil {
			b.Fatal(err)
		}
		return w.h.Handler(dialect)
	}
	w := newWorld(nil)
	_ = w.card([]string{"A", "keys=yes"})
	var frames [][]byte
	for i := range sales {
		m, err := w.message("sale", []string{"A", "0.01", fmt.Sprint("atc=", i+1)})
		if err != nil {
			b.Fatal(err)
		}
		frame, err := dialect.Encode(nil, &m, nil)
		if err != nil {
			b.Fatal(err)
		}
		frames = append(frames, frame)
	}
	handle := fresh()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%sales == 0 && i > 0 {
			b.StopTimer()
			handle = fresh()
			b.StartTimer()
		}
		answer, ok := handle(context.Background(), frames[i%sales])
		if !ok {
			b.Fatal("silent")
		}
		var a wire.Message
		if _, err := dialect.Decode(answer, &a); err != nil || a.Code != "00" || len(a.Chip) == 0 {
			b.Fatal(err, a.Code)
		}
	}
}
