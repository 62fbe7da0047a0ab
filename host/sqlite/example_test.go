package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"possim/host/ledger"
	"possim/host/sqlite"
)

// A sale outlives the process that took it.
func Example() {
	dir, err := os.MkdirTemp("", "books")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	shop := ledger.Reg{Kind: ledger.Balance, Owner: "shop"}
	for range 2 {
		book, err := sqlite.Open(filepath.Join(dir, "books.db"))
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := book.Commit(context.Background(), ledger.Tx{Key: "000001", Moves: []ledger.Move{
			{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "card"}, Add: -280_00},
			{Reg: shop, Add: 280_00},
		}})
		fmt.Println(r.Seq, r.Repeat, err)
		fmt.Println(book.Read(context.Background(), shop))
		if err := book.Close(); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// 1 false <nil>
	// [28000] <nil>
	// 1 true <nil>
	// [28000] <nil>
}
