package sqlite

import (
	"context"
	"fmt"
	"sync"

	"possim/host/ledger"
)

// request is what somebody wants of the writer.
type request struct {
	kind     int
	tx       ledger.Tx
	terminal terminal
	result   ledger.Result
	err      error
	done     chan struct{} // has room for the one word that it is done
}

// What a request is for.
const (
	wholeBook = iota // to read the file again, when a write has failed
	posting
	saving
)

// requests are used again and again: each sale needs one.
var requests = sync.Pool{New: func() any { return &request{done: make(chan struct{}, 1)} }}

// pass sends a request through the writer and lets go of it.
func (s *Store) pass(ctx context.Context, r *request) (ledger.Result, error) {
	if err := s.enter(ctx, r); err != nil {
		return ledger.Result{}, err
	}
	return s.wait(ctx, r)
}

// wait waits for a request that is in the queue, and lets go of it.
func (s *Store) wait(ctx context.Context, r *request) (ledger.Result, error) {
	if gone := ctx.Done(); gone == nil { // as most often: a receive alone costs a third
		<-r.done
	} else {
		select {
		case <-r.done:
		case <-gone: // the writer still has it
			return ledger.Result{}, fmt.Errorf("sqlite: the outcome is unknown, repeat the request: %w", ctx.Err())
		}
	}
	result, err := r.result, r.err
	*r = request{done: r.done}
	requests.Put(r)
	return result, err
}

// enter puts a request into the queue.
func (s *Store) enter(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return fmt.Errorf("sqlite: %s: %w", s.disk.path, ErrClosed)
	}
	select {
	case s.queue <- r:
		return nil
	default: // it is full
	}
	select {
	case s.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
