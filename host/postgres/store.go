package postgres

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

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
	folding chan fold
	busy    atomic.Bool // with folding

	foldEvery uint64 // how many postings are folded at once
	cacheSize int

	gate   sync.RWMutex // held for reading to enter the queue, for writing to close it
	closed bool
}

var (
	_ ledger.Book    = (*Store)(nil)
	_ ledger.Sifter  = (*Store)(nil)
	_ ledger.Batcher = (*Store)(nil)
)

// Commit implements ledger.Book: it returns once the posting is committed. When ctx ends first the
// transaction may still be under way: its slices must not be written to after that.
func (s *Store) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if err := tx.Check(); err != nil {
		return ledger.Result{}, err
	}
	r, err := s.send(ctx, &tx)
	if err == nil {
		err = r.wait(ctx)
	}
	if err != nil {
		return ledger.Result{}, err
	}
	return r.result, nil
}

// CommitAll implements ledger.Batcher: the transactions stand in the queue behind one another, and share
// round trips.
func (s *Store) CommitAll(ctx context.Context, txs []ledger.Tx) ([]ledger.Result, error) {
	for i := range txs {
		if err := txs[i].Check(); err != nil {
			return nil, err
		}
	}
	sent := make([]*request, 0, len(txs))
	var err error
	for i := range txs {
		var r *request
		if r, err = s.send(ctx, &txs[i]); err != nil {
			break
		}
		sent = append(sent, r)
	}
	results := make([]ledger.Result, len(txs))
	for i, r := range sent {
		if failed := r.wait(ctx); failed != nil {
			err = cmp.Or(err, failed)
			continue
		}
		results[i] = r.result
	}
	return results, err
}

// send puts a transaction into the queue.
func (s *Store) send(ctx context.Context, tx *ledger.Tx) (*request, error) {
	r := &request{tx: tx, done: make(chan struct{})}
	if tx.UndoesSeq > math.MaxInt64 { // no posting has such a number
		r.result.Refused = ledger.RuleStale
		close(r.done)
		return r, nil
	}
	return r, s.enter(ctx, r)
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

// Read implements ledger.Book. The writer knows the registers.
func (s *Store) Read(ctx context.Context, regs ...ledger.Reg) ([]int64, error) {
	named := slices.DeleteFunc(slices.Clone(regs), func(r ledger.Reg) bool { return !named(r) })
	r := &request{regs: named, done: make(chan struct{})}
	if err := s.pass(ctx, r); err != nil {
		return nil, err
	}
	if len(named) == len(regs) {
		return r.values, nil
	}
	values, next := make([]int64, len(regs)), 0
	for i, reg := range regs {
		if next < len(named) && named[next] == reg {
			values[i] = r.values[next]
			next++
		}
	}
	return values, nil
}

// named reports whether a register's name can be told to the database. One whose name cannot was never moved.
func named(r ledger.Reg) bool { return utf8.ValidString(r.Owner) && !strings.ContainsRune(r.Owner, 0) }

// pass hands a request to the writer and waits for it.
func (s *Store) pass(ctx context.Context, r *request) error {
	if err := s.enter(ctx, r); err != nil {
		return err
	}
	return r.wait(ctx)
}

// wait waits for what becomes of a request in the queue.
func (r *request) wait(ctx context.Context) error {
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return fmt.Errorf("postgres: the outcome is unknown, repeat the transaction: %w", ctx.Err())
	}
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
	return ledger.Moving(s.pages(ctx, query, after), kind)
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
