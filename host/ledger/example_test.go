package ledger_test

import (
	"context"
	"fmt"
	"time"

	"possim/host/ledger"
)

// A sale of 280.00 against a daily limit of 500.00, its repeat, a second sale that the limit
// refuses, and the reversal of the first.
func Example() {
	ctx := context.Background()
	book := ledger.NewMemory()
	day := ledger.DayOf(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC))
	used := ledger.Reg{Kind: ledger.DayAmount, Owner: "card", Day: day}
	sale := func(key ledger.Key, fen int64) ledger.Tx {
		return ledger.Tx{
			Key: key, Day: day,
			Guards: []ledger.Guard{{Rule: "day-amount", Reg: used, Add: fen, Max: ledger.At(500_00)}},
			Moves: []ledger.Move{
				{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "card"}, Add: -fen},
				{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "merchant"}, Add: fen},
				{Reg: used, Add: fen},
			},
		}
	}
	for _, tx := range []ledger.Tx{
		sale("000001", 280_00), sale("000001", 280_00), sale("000002", 280_00),
		{Key: "R000001", Undoes: "000001", UndoesSeq: 1},
	} {
		r, err := book.Commit(ctx, tx)
		fmt.Println(r.Seq, r.Refused, r.Undo, r.Repeat, err)
		for _, v := range r.Why {
			fmt.Println(" ", v)
		}
	}
	fmt.Println(book.Read(ctx, used))
	// Output:
	// 1   false <nil>
	//   day-amount: day-amount:card@20260601 is 0, +28000 makes 28000, at most 50000: passes
	// 1   true <nil>
	//   day-amount: day-amount:card@20260601 is 0, +28000 makes 28000, at most 50000: passes
	// 2 day-amount  false <nil>
	//   day-amount: day-amount:card@20260601 is 28000, +28000 makes 56000, at most 50000: refused
	// 3  undone false <nil>
	// [0] <nil>
}
