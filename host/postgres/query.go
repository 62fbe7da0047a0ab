package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"possim/host/ledger"
)

// What scan reads of a posting.
const (
	columns = "SELECT p.seq, p.key, coalesce(p.undoes, ''), coalesce(p.undo, ''), coalesce(p.refused, ''), p.own, p.seen IS NOT NULL, coalesce(p.seen, '{}'), coalesce(p.back, '[]'), coalesce(p.raised, '[]'), p.body, p.memo, "

	findQuery  = columns + "coalesce(b.key, '') FROM possim.posting p LEFT JOIN possim.undone u ON u.seq = p.seq LEFT JOIN possim.posting b ON b.seq = u.undoer WHERE p.key = $1"
	pageQuery  = columns + "'' FROM possim.posting p WHERE p.seq > $1 ORDER BY p.seq LIMIT $2"
	holdQuery  = columns + "'' FROM possim.posting p WHERE p.seq > $1 AND p.holds ORDER BY p.seq LIMIT $2"
	firstQuery = columns + "'' FROM possim.posting p WHERE p.key = ANY($1)"
)

// scan makes a posting of a row: of what was handed in, and what became of it.
func scan(row pgx.Rows) (p ledger.Posting, err error) {
	var seq int64
	var key, undoes, undo, refused, back, raised, body, undoneBy string
	var own, old bool
	var seen []int64
	var memo []byte
	if err := row.Scan(&seq, &key, &undoes, &undo, &refused, &own, &old, &seen, &back, &raised, &body, &memo, &undoneBy); err != nil {
		return p, err
	}
	if err := p.UnmarshalJSON([]byte(body)); err != nil {
		return p, fmt.Errorf("posting %d: %w", seq, err)
	}
	p.Seq, p.Key, p.UndoneBy = uint64(seq), ledger.Key(key), ledger.Key(undoneBy)
	p.Undoes, p.Undo, p.Refused = ledger.Key(undoes), ledger.Undo(undo), refused
	if len(memo) > 0 {
		p.Memo = memo
	}
	first, err1 := ledger.ReadMoves([]byte(back))
	last, err2 := ledger.ReadMoves([]byte(raised))
	if err := errors.Join(err1, err2); err != nil {
		return p, fmt.Errorf("posting %d: %w", seq, err)
	}
	if !own {
		p.Moves = nil
	}
	p.Moves = append(append(first, p.Moves...), last...)
	if old { // written by a version whose body does not say
		err = saw(&p, seen)
	}
	return p, err
}

// saw gives the guards what they saw. Those behind the one that refused were not asked.
func saw(p *ledger.Posting, seen []int64) error {
	if len(seen) > len(p.Why) {
		return fmt.Errorf("posting %d: %d guards saw something, of %d", p.Seq, len(seen), len(p.Why))
	}
	guards := p.Why[:len(seen)]
	p.Why = nil
	for i, v := range guards {
		p.Why = append(p.Why, v.Guard.Verdict(seen[i]))
	}
	return nil
}

// rows reads all rows of a query, for a caller of the Store.
func rows[T any](ctx context.Context, s *Store, query string, args []any, scan func(pgx.Rows) (T, error)) ([]T, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.closing() {
		return nil, fmt.Errorf("postgres: %s: %w", s, ErrClosed)
	}
	return ask(ctx, s, query, args, scan)
}

// ask reads all rows of a query, again from the first where the connection was lost.
func ask[T any](ctx context.Context, s *Store, query string, args []any, scan func(pgx.Rows) (T, error)) (all []T, err error) {
	err = s.persist(ctx, false, func(ctx context.Context) error {
		ctx, cancel := s.Limit(ctx)
		defer cancel()
		found, err := s.pool.Query(ctx, query, args...)
		if err == nil {
			all, err = pgx.AppendRows(all[:0], found, func(row pgx.CollectableRow) (T, error) { return scan(found) })
		}
		if err != nil && again(err) {
			s.pool.Reset() // what broke one connection broke the others, or they are to the wrong server
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("postgres: %s: %w", s, err)
	}
	return all, err
}
