package ledger_test

import (
	"testing"

	"possim/host/ledger"
)

// BenchmarkLine writes and reads a posting's line, as each commit and each start does, and says how long it is.
func BenchmarkLine(b *testing.B) {
	p := sale()
	text := p.AppendLine(nil)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			text = p.AppendLine(text[:0])
		}
		b.ReportMetric(float64(len(text)), "bytes")
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ledger.ReadLine(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read-on", func(b *testing.B) { // one of many
		var reader ledger.LineReader
		b.ReportAllocs()
		for b.Loop() {
			if _, err := reader.Read(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// sale is what the host posts for a purchase.
func sale() ledger.Posting {
	at := func(k ledger.Kind, owner string, day ledger.Day) ledger.Reg {
		return ledger.Reg{Kind: k, Owner: owner, Day: day}
	}
	const day = 20260601
	const card, merchant, terminal = "card:9ebdb41a32a263fd1c16119691b0f765", "merchant:898100054110001", "terminal:898100054110001/00000001"
	const key, batch = "898100054110001/00000001/000001/0200/000123", "batch:898100054110001/00000001/000001"
	return ledger.Posting{
		Seq: 2, Key: key, Print: [16]byte{1, 2, 3}, At: full().At, Day: day,
		Why: []ledger.Verdict{
			{Guard: ledger.Guard{Rule: "terminal-day", Reg: at(ledger.DayAmount, terminal, day), Add: 1, Max: ledger.At(50_000_000)}, OK: true},
			{Guard: ledger.Guard{Rule: "balance", Reg: at(ledger.Balance, card, 0), Add: -1, Min: ledger.At(0)}, Value: 100_000_000, OK: true},
		},
		Moves: []ledger.Move{
			{Reg: at(ledger.DayAmount, card, day), Add: 1}, {Reg: at(ledger.DayCount, card, day), Add: 1},
			{Reg: at(ledger.DayAmount, terminal, day), Add: 1}, {Reg: at(ledger.DayAmount, merchant, day), Add: 1},
			{Reg: at(ledger.DebitAmount, batch, 0), Add: 1}, {Reg: at(ledger.DebitCount, batch, 0), Add: 1},
			{Reg: at(ledger.Balance, card, 0), Add: -1}, {Reg: at(ledger.Balance, merchant, 0), Add: 1}, {Reg: at(ledger.Rest, key, 0), Add: 1},
		},
		Memo: []byte(`{"kind":"sale","mti":"0200","f3":"000000","amount":1,"currency":"156","stan":"000123","tid":"00000001","mid":"898100054110001","batch":"000001","entry":"012","card":"` + card + `","pan":"622202******0010","time":"090000","date":"0601","day":20260601}`),
	}
}
