package scenarios

import (
	"strings"
	"testing"
)

// BenchmarkChipSale is a full contact sale by DDA in process: hand, card, kernel, terminal,
// messages with MACs, host, its books, and the slip. A world is made for every thousand,
// with the keys of card and issuer. The figure to keep is 5 ms.
func BenchmarkChipSale(b *testing.B) {
	const sales = 1000
	text := "possim: 1\nscenarios:\n  - name: sales\n    terminal: {chip_reader: true}\n    steps:\n" +
		strings.Repeat("      - sale: 1.00\n      - insert: chip-dda\n        expect: {rc: 00, cryptogram: TC, tsi: F800}\n", sales)
	files, err := Load([]Source{{Path: "bench.yaml", Data: []byte(text)}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		sum, err := Run(b.Context(), files, Options{Jobs: 1})
		if err != nil || len(sum.Results[0].Failures) > 0 {
			b.Fatal(err, sum)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(sales*b.N), "ms/sale")
}
