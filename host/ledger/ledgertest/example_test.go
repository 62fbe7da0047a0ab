package ledgertest_test

import (
	"context"
	"fmt"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// The last line expects what a Book must not do.
func ExamplePlay() {
	fmt.Println(ledgertest.Play(context.Background(), ledger.NewMemory(), `
		tx sale  move balance:card -280 balance:shop +280  = posted
		tx void  undoes sale                               = posted undone
		is balance:shop 280
	`))
	// Output:
	// line 4: is balance:shop 280: got 0, want 280
}
