package postgres

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"possim/host/ledger"
)

// Store is a ledger.Book that other Stores, in other processes, may share. It is safe for concurrent use.
type Store struct {
	Options
	config  *pgx.ConnConfig
	pool    *pgxpool.Pool // of connections that read
	queue   chan *request
	writing sync.WaitGroup
	failing atomic.Bool // the last batch was given up: the next is tried once

	gate   sync.RWMutex // held for reading to enter the queue, for writing to close it
	closed bool
}

var (
	_ ledger.Book   = (*Store)(nil)
	_ ledger.Sifter = (*Store)(nil)
)

// Commit implements ledger.Book: it returns once the posting is committed. When ctx ends first the
// transaction may still be under way: its slices must not be written to after that.
func (s *Store) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if err := tx.Check(); err != nil {
		return ledger.Result{}, err
	}
	if tx.UndoesSeq > math.MaxInt64 {
		return ledger.Result{Refused: ledger.RuleStale}, nil // no posting has such a number
	}
	r := &request{tx: &tx, done: make(chan struct{})}
	if err := s.enter(ctx, r); err != nil {
		return ledger.Result{}, err
	}
	select {
	case <-r.done:
		return r.result, r.err
	case <-ctx.Done():
		return ledger.Result{}, fmt.Errorf("postgres: the outcome is unknown, repeat the transaction: %w", ctx.Err())
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
		return fmt.Errorf("postgres: %s: %w", s, ErrClosed)
	}
	select {
	case s.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Find implements ledger.Book.
func (s *Store) Find(ctx context.Context, k ledger.Key) (ledger.Posting, error) {
	found, err := rows(ctx, s, findQuery, []any{string(k)}, scan)
	if err == nil && len(found) == 0 {
		err = ledger.ErrNotFound
	}
	if err != nil {
		return ledger.Posting{}, err
	}
	return found[0], nil
}

// Read implements ledger.Book.
func (s *Store) Read(ctx context.Context, regs ...ledger.Reg) ([]int64, error) {
	names := make([]string, len(regs))
	for i, r := range regs {
		names[i] = registerName(r)
	}
	type register struct {
		name  string
		value int64
	}
	found, err := rows(ctx, s, "SELECT name, value FROM possim.register WHERE name = ANY($1)", []any{names}, func(row pgx.Rows) (r register, err error) {
		return r, row.Scan(&r.name, &r.value)
	})
	if err != nil {
		return nil, err
	}
	values := make(map[string]int64, len(found))
	for _, r := range found {
		values[r.name] = r.value
	}
	got := make([]int64, len(regs))
	for i, name := range names {
		got[i] = values[name]
	}
	return got, nil
}

// page is how many postings are read at a time.
const page = 512

// Postings implements ledger.Book. The caller may commit while it ranges; what it, or another host,
// adds is yielded too.
func (s *Store) Postings(ctx context.Context, after uint64) iter.Seq2[ledger.Posting, error] {
	return s.pages(ctx, pageQuery, after)
}

// PostingsOf implements ledger.Sifter: those that move what is held are found by an index.
func (s *Store) PostingsOf(ctx context.Context, after uint64, kind ledger.Kind) iter.Seq2[ledger.Posting, error] {
	query := pageQuery
	if kind == ledger.Hold {
		query = holdQuery
	}
	return func(yield func(ledger.Posting, error) bool) {
		for p, err := range s.pages(ctx, query, after) {
			moves := slices.ContainsFunc(p.Moves, func(mv ledger.Move) bool { return mv.Reg.Kind == kind })
			if (moves || err != nil) && !yield(p, err) {
				return
			}
		}
	}
}

func (s *Store) pages(ctx context.Context, query string, after uint64) iter.Seq2[ledger.Posting, error] {
	return func(yield func(ledger.Posting, error) bool) {
		for after <= math.MaxInt64 {
			found, err := rows(ctx, s, query, []any{int64(after), page}, scan)
			if err != nil {
				yield(ledger.Posting{}, err)
				return
			}
			for _, p := range found {
				if after = p.Seq; !yield(p, nil) {
					return
				}
			}
			if len(found) == 0 { // a page that is not full may have grown while it was looked at
				return
			}
		}
	}
}

// closing reports whether Close was called.
func (s *Store) closing() bool {
	s.gate.RLock()
	defer s.gate.RUnlock()
	return s.closed
}
