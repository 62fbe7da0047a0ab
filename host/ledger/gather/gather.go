// Package gather is a group commit: callers queue, one writer gathers what waits, makes all of it durable
// at once, and then each caller gets its own result. It is what the durable Books have in common.
//
//	Commit --> queue --> Batch: Begin, Next ... --> the store makes it durable --> Release --> Commit returns
//
// A store makes a [Queue], passes its Commit and CommitAll on to it, and has one goroutine of its own go
// round; this package starts none:
//
//	batch := queue.Batch()
//	for batch.Begin() {
//		for batch.Next() {
//		}
//		if err := post(batch.Requests); err != nil {
//			batch.Fail(err) // none of its answers may leave
//		}
//		batch.Release()
//	}
//
// The writer waits for the first request of a batch and never for company: a lone transaction costs one
// flush, sixty-four that arrive together share one. What else a store has its writer do (T) goes through
// the same queue with [Queue.Ask], so that it happens between two transactions.
package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"

	"possim/host/ledger"
)

// ErrClosed is what a request gets that comes after Close.
var ErrClosed = errors.New("the ledger is closed")

// Request is what a caller wants of the writer, and what became of it.
type Request[T any] struct {
	Tx     ledger.Tx
	Want   *T // what is wanted instead of posting Tx; nil for a transaction
	Result ledger.Result
	Err    error

	done chan struct{} // has room for the one word that it is done
}

// Queue is where requests wait for the writer. It is safe for concurrent use.
type Queue[T any] struct {
	name    string
	waiting chan *Request[T]
	free    sync.Pool // of requests: each sale needs one

	gate   sync.RWMutex // held for reading to enter the queue, for writing to close it
	closed bool
}

// New returns the queue of a store, which errors call by its name. A batch has at most most requests: that
// bounds how long its first one waits for the others.
func New[T any](name string, most int) *Queue[T] {
	return &Queue[T]{
		name:    name,
		waiting: make(chan *Request[T], most),
		free:    sync.Pool{New: func() any { return &Request[T]{done: make(chan struct{}, 1)} }},
	}
}

// Commit is that of a ledger.Book: it returns once the writer has released the batch that tx is in. When
// ctx ends first tx may still be under way: its slices must not be written to after that.
func (q *Queue[T]) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if err := tx.Check(); err != nil {
		return ledger.Result{}, err
	}
	r := q.free.Get().(*Request[T])
	r.Tx = tx
	if err := q.enter(ctx, r); err != nil {
		return ledger.Result{}, err
	}
	return q.wait(ctx, r)
}

// CommitAll is that of a ledger.Batcher: the transactions stand in the queue behind one another, so that
// many share a batch.
func (q *Queue[T]) CommitAll(ctx context.Context, txs []ledger.Tx) ([]ledger.Result, error) {
	for i := range txs {
		if err := txs[i].Check(); err != nil {
			return nil, err
		}
	}
	entered := make([]*Request[T], 0, len(txs))
	results, err := make([]ledger.Result, len(txs)), error(nil)
	for i := range txs {
		r := q.free.Get().(*Request[T])
		r.Tx = txs[i]
		if err = q.enter(ctx, r); err != nil {
			break
		}
		entered = append(entered, r)
	}
	for i, r := range entered {
		var failed error
		results[i], failed = q.wait(ctx, r)
		err = cmp.Or(err, failed)
	}
	return results, err
}

// Ask has the writer do what is wanted. When ctx ends first the writer still has want.
func (q *Queue[T]) Ask(ctx context.Context, want *T) error {
	r := q.free.Get().(*Request[T])
	r.Want = want
	if err := q.enter(ctx, r); err != nil {
		return err
	}
	_, err := q.wait(ctx, r)
	return err
}

// enter puts a request into the queue.
func (q *Queue[T]) enter(ctx context.Context, r *Request[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.gate.RLock()
	defer q.gate.RUnlock()
	if q.closed {
		return fmt.Errorf("%s: %w", q.name, ErrClosed)
	}
	select {
	case q.waiting <- r:
		return nil
	default: // it is full
	}
	select {
	case q.waiting <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait waits for a request that is in the queue, and lets go of it.
func (q *Queue[T]) wait(ctx context.Context, r *Request[T]) (ledger.Result, error) {
	if gone := ctx.Done(); gone == nil { // as most often: a receive alone costs a third
		<-r.done
	} else {
		select {
		case <-r.done:
		case <-gone: // the writer still has it
			return ledger.Result{}, fmt.Errorf("%s: the outcome is unknown, repeat the request: %w", q.name, ctx.Err())
		}
	}
	result, err := r.Result, r.Err
	*r = Request[T]{done: r.done}
	q.free.Put(r)
	return result, err
}

// Close lets nothing more in. What waits is still gathered, and then Begin ends. It reports whether the
// queue was open.
func (q *Queue[T]) Close() bool {
	q.gate.Lock()
	defer q.gate.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	close(q.waiting)
	return true
}

// Closed returns what a request gets now that the queue is closed, nil while it is open.
func (q *Queue[T]) Closed() error {
	q.gate.RLock()
	defer q.gate.RUnlock()
	if q.closed {
		return fmt.Errorf("%s: %w", q.name, ErrClosed)
	}
	return nil
}
