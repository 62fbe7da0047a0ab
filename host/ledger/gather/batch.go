package gather

import (
	"runtime"

	"possim/host/ledger"
)

// Batch is what the writer has gathered. It is the writer's alone, and used again for the next.
type Batch[T any] struct {
	Requests []*Request[T]
	queue    *Queue[T]
}

// Batch returns an empty batch for the writer.
func (q *Queue[T]) Batch() *Batch[T] {
	return &Batch[T]{Requests: make([]*Request[T], 0, cap(q.waiting)), queue: q}
}

// Begin waits for the first request of the next batch. It is false once the queue is closed and empty.
func (b *Batch[T]) Begin() bool {
	r, ok := <-b.queue.waiting
	if ok {
		b.Requests = append(b.Requests[:0], r)
	}
	return ok
}

// Next takes one more request into the batch. When none is there it lets those run who are about to ask,
// such as the callers that the last batch has just released, and looks again. It waits for nobody.
func (b *Batch[T]) Next() bool {
	for range 2 {
		if len(b.Requests) == cap(b.queue.waiting) {
			return false
		}
		select {
		case r, open := <-b.queue.waiting:
			if open {
				b.Requests = append(b.Requests, r)
			}
			return open
		default:
			runtime.Gosched()
		}
	}
	return false
}

// Fail gives every request of the batch the same error: none of its answers may leave.
func (b *Batch[T]) Fail(err error) {
	for _, r := range b.Requests {
		r.Result, r.Err = ledger.Result{}, err
	}
}

// Release lets the callers go with what became of their requests.
func (b *Batch[T]) Release() {
	for i, r := range b.Requests {
		r.done <- struct{}{}
		b.Requests[i] = nil
	}
}
