package sqlite

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"possim/host/ledger"
)

// Store is a durable ledger.Book. It is safe for concurrent use.
type Store struct {
	queue   chan *request
	stopped chan struct{} // closed once the writer has ended
	disk    disk          // the writer's alone

	gate   sync.RWMutex // held for reading to enter the queue, for writing to close it
	closed bool

	mu     sync.Mutex      // guards what is below; never held over I/O
	book   *ledger.Machine // changed by the writer alone; nil after a failed write, until replayed
	flight *flight         // the batch that is in book and not yet on disk
}

// request is a transaction on its way through the writer, or, with a nil tx, a wish for a whole book
// or a terminal to save.
type request struct {
	tx       *ledger.Tx
	terminal *terminal
	result   ledger.Result
	err      error
	done     chan struct{}
}

// flight is a batch being written; err is set before landed is closed.
type flight struct {
	first  uint64 // seq of its first posting
	landed chan struct{}
	err    error
}

var _ ledger.Book = (*Store)(nil)

// Commit implements ledger.Book: it returns once the posting is on disk. When ctx ends first the
// transaction may still be under way: its slices must not be written to after that.
func (s *Store) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if err := tx.Check(); err != nil {
		return ledger.Result{}, err
	}
	return s.pass(ctx, &tx)
}

// pass sends a request through the writer.
func (s *Store) pass(ctx context.Context, tx *ledger.Tx) (ledger.Result, error) {
	r := &request{tx: tx, done: make(chan struct{})}
	if err := s.enter(ctx, r); err != nil {
		return ledger.Result{}, err
	}
	select {
	case <-r.done:
		return r.result, r.err
	case <-ctx.Done():
		return ledger.Result{}, fmt.Errorf("sqlite: the outcome is unknown, repeat the transaction: %w", ctx.Err())
	}
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
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look lets see look at the book, then waits until what it saw is on disk.
// see reports whether the batch in flight can have touched it.
func (s *Store) look(ctx context.Context, see func(*ledger.Machine) bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	if s.book == nil {
		s.mu.Unlock()
		if _, err := s.pass(ctx, nil); err != nil {
			return err
		}
		s.mu.Lock()
		if s.book == nil { // and failed again in between
			s.mu.Unlock()
			return fmt.Errorf("sqlite: %s: writes fail, ask again", s.disk.path)
		}
	}
	f := s.flight
	wait := see(s.book) && f != nil
	s.mu.Unlock()
	if !wait {
		return nil
	}
	select {
	case <-f.landed:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Find implements ledger.Book.
func (s *Store) Find(ctx context.Context, k ledger.Key) (p ledger.Posting, err error) {
	found := false
	err = s.look(ctx, func(m *ledger.Machine) bool {
		p, found = m.Find(k)
		return found
	})
	if err == nil && !found {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Posting{}, err
	}
	return p, nil
}

// Read implements ledger.Book.
func (s *Store) Read(ctx context.Context, regs ...ledger.Reg) (values []int64, err error) {
	err = s.look(ctx, func(m *ledger.Machine) bool {
		values = m.Read(regs...)
		return true
	})
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Postings implements ledger.Book. It yields what is on disk; the caller may commit while it ranges.
func (s *Store) Postings(ctx context.Context, after uint64) iter.Seq2[ledger.Posting, error] {
	return func(yield func(ledger.Posting, error) bool) {
		for seq := after + 1; seq != 0; seq++ {
			var p ledger.Posting
			found := false
			err := s.look(ctx, func(m *ledger.Machine) bool {
				p, found = m.Posting(seq)
				return s.flight != nil && seq >= s.flight.first
			})
			if err != nil {
				yield(ledger.Posting{}, err)
				return
			}
			if !found || !yield(p, nil) {
				return
			}
		}
	}
}
