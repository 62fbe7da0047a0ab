package gather_test

import (
	"context"
	"fmt"

	"possim/host/ledger"
	"possim/host/ledger/gather"
)

// A store whose writer has three transactions become durable together.
func Example() {
	queue := gather.New[struct{}]("memory", 16)
	arrived := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-arrived // as while the batch before is being flushed
		var book ledger.Machine
		for batch := queue.Batch(); batch.Begin(); batch.Release() {
			for batch.Next() {
			}
			for _, r := range batch.Requests {
				r.Result, r.Err = book.Apply(r.Tx)
			}
			fmt.Println(len(batch.Requests), "together")
		}
	}()
	results, err := queue.CommitAll(signals{context.Background(), arrived}, []ledger.Tx{{Key: "000001"}, {Key: "000002"}, {Key: "000001"}})
	for _, r := range results {
		fmt.Println(r.Seq, r.Repeat)
	}
	fmt.Println(err)
	queue.Close()
	<-ended
	// Output:
	// 3 together
	// 1 false
	// 2 false
	// 1 true
	// <nil>
}
