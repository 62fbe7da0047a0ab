package sqlite

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"possim/host/ledger"
	"possim/host/ledger/gather"
)

// Store is a durable ledger.Book. It is safe for concurrent use.
type Store struct {
	queue   *gather.Queue[errand]
	stopped chan struct{} // closed once the writer has ended
	disk    disk          // the writer's alone
	draft   draft         // likewise
	past    past
	cutter  cutter // the writer's
	notice  string

	mu     sync.Mutex      // guards what is below; never held over I/O
	book   *ledger.Machine // changed by the writer alone; nil after a failed write, until read again
	flight *flight         // the batch that is in book and not yet on disk
}

// flight is a batch being written; err is set before landed is closed.
type flight struct {
	first  uint64 // seq of its first posting
	landed chan struct{}
	err    error
}

var (
	_ ledger.Book    = (*Store)(nil)
	_ ledger.Sifter  = (*Store)(nil)
	_ ledger.Batcher = (*Store)(nil)
)

// Notice is what a person should know of the opening, "" for nothing: that a snapshot could not be used,
// why, what was done instead, and whether it comes again. One or two sentences without the last full stop.
func (s *Store) Notice() string { return s.notice }

// Commit implements ledger.Book: it returns once the posting is on disk. When ctx ends first the
// transaction may still be under way: its slices must not be written to after that.
func (s *Store) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	return s.queue.Commit(ctx, tx)
}

// CommitAll implements ledger.Batcher: many of the transactions share a flush.
func (s *Store) CommitAll(ctx context.Context, txs []ledger.Tx) ([]ledger.Result, error) {
	return s.queue.CommitAll(ctx, txs)
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
		if err := s.queue.Ask(ctx, &errand{}); err != nil {
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
	var places []ledger.Place
	err = s.look(ctx, func(m *ledger.Machine) bool {
		places = m.Places(k)
		return len(places) > 0
	})
	if err != nil {
		return ledger.Posting{}, err
	}
	return ledger.FindIn(&s.past, k, places)
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
		for seq := after + 1; seq != 0; {
			batch, err := s.batch(ctx, seq)
			if err != nil {
				yield(ledger.Posting{}, err)
				return
			}
			for _, p := range batch {
				if err := ctx.Err(); err != nil {
					yield(ledger.Posting{}, err)
					return
				}
				if !yield(p, nil) {
					return
				}
				seq++
			}
			if len(batch) == 0 {
				return
			}
		}
	}
}

// batch returns the postings from seq on that became durable together with it, none behind the last.
func (s *Store) batch(ctx context.Context, seq uint64) ([]ledger.Posting, error) {
	found := false
	err := s.look(ctx, func(m *ledger.Machine) bool {
		found = seq <= m.Last()
		return s.flight != nil && seq >= s.flight.first
	})
	if err != nil || !found {
		return nil, err
	}
	r, err := s.past.row(seq)
	if err != nil {
		return nil, err
	}
	return r.postings(seq)
}
