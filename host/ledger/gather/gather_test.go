package gather_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/gather"
)

// signals is a context that says when somebody begins to wait on it: once all he brought is in the queue,
// or because the queue is full.
type signals struct {
	context.Context
	waits chan struct{}
}

func (s signals) Done() <-chan struct{} {
	select {
	case <-s.waits:
	default:
		close(s.waits)
	}
	return s.Context.Done()
}

// errand is what the writer of these tests does beside posting: it doubles n.
type errand struct{ n int }

// serve is a writer over a machine. It returns what the queue released, batch by batch.
func serve(q *gather.Queue[errand], fail error) (sizes []int) {
	var book ledger.Machine
	for b := q.Batch(); b.Begin(); b.Release() {
		for b.Next() {
		}
		for _, r := range b.Requests {
			if r.Want != nil {
				r.Want.n *= 2
				continue
			}
			r.Result, r.Err = book.Apply(r.Tx)
		}
		if fail != nil {
			b.Fail(fail)
		}
		sizes = append(sizes, len(b.Requests))
	}
	return sizes
}

func tx(i int) ledger.Tx { return ledger.Tx{Key: ledger.Key(fmt.Sprint("k", i))} }

// TestMany has callers of all kinds at the same time: each gets what became of its own request.
func TestMany(t *testing.T) {
	q := gather.New[errand]("book", 8)
	ended := make(chan []int)
	go func() { ended <- serve(q, nil) }()
	const callers, each = 16, 50
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				k := c*each + i
				if r, err := q.Commit(t.Context(), tx(k)); err != nil || r.Seq == 0 || r.Repeat {
					t.Errorf("%d: got %+v, %v", k, r, err)
				}
				if r, err := q.CommitAll(t.Context(), []ledger.Tx{tx(k), tx(-k - 1)}); err != nil || !r[0].Repeat || r[1].Repeat {
					t.Errorf("%d and another: got %+v, %v", k, r, err)
				}
				if e := (errand{n: k}); q.Ask(t.Context(), &e) != nil || e.n != 2*k {
					t.Errorf("asked to double %d: got %d", k, e.n)
				}
			}
		})
	}
	wg.Wait()
	q.Close()
	all := 0
	for _, n := range <-ended {
		if all += n; n > 8 {
			t.Errorf("a batch of %d, more than 8", n)
		}
	}
	if want := 4 * callers * each; all != want {
		t.Errorf("the writer saw %d requests, want %d", all, want)
	}
}

// TestFail gives all of a batch the error and none of the results.
func TestFail(t *testing.T) {
	q, broken := gather.New[errand]("book", 8), errors.New("broken")
	go serve(q, broken)
	defer q.Close()
	got, err := q.CommitAll(t.Context(), []ledger.Tx{tx(1), tx(2)})
	if !errors.Is(err, broken) || got[0].Seq != 0 || got[1].Seq != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := q.Ask(t.Context(), &errand{}); !errors.Is(err, broken) {
		t.Errorf("Ask: got %v", err)
	}
}

// TestGivenUp leaves a request that the writer has: the next one gets nothing of it.
func TestGivenUp(t *testing.T) {
	q := gather.New[errand]("book", 8)
	ctx, cancel := context.WithCancel(t.Context())
	left := signals{ctx, make(chan struct{})}
	go func() { <-left.waits; cancel() }()
	if r, err := q.Commit(left, tx(1)); !errors.Is(err, context.Canceled) || r.Seq != 0 ||
		err.Error() != "book: the outcome is unknown, repeat the request: context canceled" {
		t.Errorf("got %+v, %v", r, err)
	}
	go serve(q, nil)
	defer q.Close()
	if r, err := q.Commit(t.Context(), tx(2)); err != nil || r.Seq != 2 || r.Repeat {
		t.Errorf("the next: got %+v, %v", r, err)
	}
	if r, err := q.Commit(t.Context(), tx(1)); err != nil || r.Seq != 1 || !r.Repeat {
		t.Errorf("the repeat: got %+v, %v", r, err)
	}
}

// TestFull leaves a queue that has no room: what did not get in is not posted.
func TestFull(t *testing.T) {
	q := gather.New[errand]("book", 2)
	ctx, cancel := context.WithCancel(t.Context())
	left := signals{ctx, make(chan struct{})}
	go func() { <-left.waits; cancel() }()
	if _, err := q.CommitAll(left, []ledger.Tx{tx(1), tx(2), tx(3)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	q.Close()
	if sizes := serve(q, nil); len(sizes) != 1 || sizes[0] != 2 {
		t.Errorf("batches of %v, want one of 2", sizes)
	}
}

// TestClose lets nothing in, and what is in through.
func TestClose(t *testing.T) {
	q := gather.New[errand]("book", 8)
	in := signals{t.Context(), make(chan struct{})}
	told := make(chan error)
	go func() { _, err := q.Commit(in, tx(1)); told <- err }()
	<-in.waits
	if err := q.Closed(); err != nil {
		t.Errorf("before: %v", err)
	}
	if !q.Close() || q.Close() {
		t.Error("the first Close closes it, and no other")
	}
	_, err := q.Commit(t.Context(), tx(2))
	for _, err := range []error{err, q.Ask(t.Context(), &errand{}), q.Closed()} {
		if !errors.Is(err, gather.ErrClosed) || err.Error() != "book: the ledger is closed" {
			t.Errorf("got %v", err)
		}
	}
	go serve(q, nil)
	if err := <-told; err != nil {
		t.Errorf("what was in: %v", err)
	}
}
