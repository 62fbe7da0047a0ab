package postgres

import (
	"context"
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
	"possim/host/ledger/gather"
)

// Store is a ledger.Book that other Stores, in other processes, may share. It is safe for concurrent use.
type Store struct {
	Options
	config  *pgx.ConnConfig
	pool    *pgxpool.Pool // of connections that read
	queue   *gather.Queue[look]
	writing sync.WaitGroup
	failing atomic.Bool // the last batch was given up: the next is tried once
	folding chan fold
	busy    atomic.Bool // with folding

	foldEvery uint64 // how many postings are folded at once
	cacheSize int
}

var (
	_ ledger.Book    = (*Store)(nil)
	_ ledger.Sifter  = (*Store)(nil)
	_ ledger.Batcher = (*Store)(nil)
)

// Commit implements ledger.Book: it returns once the posting is committed. When ctx ends first the
// transaction may still be under way: its slices must not be written to after that.
func (s *Store) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	return s.queue.Commit(ctx, tx)
}

// CommitAll implements ledger.Batcher: many of the transactions share round trips.
func (s *Store) CommitAll(ctx context.Context, txs []ledger.Tx) ([]ledger.Result, error) {
	return s.queue.CommitAll(ctx, txs)
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
	l := &look{regs: named}
	if err := s.queue.Ask(ctx, l); err != nil {
		return nil, err
	}
	if len(named) == len(regs) {
		return l.values, nil
	}
	values, next := make([]int64, len(regs)), 0
	for i, reg := range regs {
		if next < len(named) && named[next] == reg {
			values[i] = l.values[next]
			next++
		}
	}
	return values, nil
}

// named reports whether a register's name can be told to the database. One whose name cannot was never moved.
func named(r ledger.Reg) bool { return utf8.ValidString(r.Owner) && !strings.ContainsRune(r.Owner, 0) }

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
