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
	columns = "SELECT p.seq, p.key, coalesce(p.undoes, ''), coalesce(p.undo, ''), coalesce(p.refused, ''), p.own, p.seen IS NOT NULL, coalesce(p.seen, '{}'), coalesce(p.back, '[]'), coalesce(p.raised, '[]'), p.regs, p.body, p.memo, "

	findQuery  = columns + "coalesce(b.key, '') FROM possim.posting p LEFT JOIN possim.undone u ON u.seq = p.seq LEFT JOIN possim.posting b ON b.seq = u.undoer WHERE p.key = $1"
	pageQuery  = columns + "'' FROM possim.posting p WHERE p.seq > $1 ORDER BY p.seq LIMIT $2"
	holdQuery  = columns + "'' FROM possim.posting p WHERE p.seq > $1 AND p.holds ORDER BY p.seq LIMIT $2"
	firstQuery = columns + "'' FROM possim.posting p WHERE p.key = ANY($1)"
)

// scan makes a posting of a row.
func scan(row pgx.Rows) (p ledger.Posting, err error) {
	var seq int64
	var key, undoes, undo, refused, text, undoneBy string
	var regs *string
	var first handed
	var memo []byte
	if err := row.Scan(&seq, &key, &undoes, &undo, &refused, &first.own, &first.old, &first.seen, &first.back, &first.raised, &regs, &text, &memo, &undoneBy); err != nil {
		return p, err
	}
	p.Key = ledger.Key(key)
	if regs == nil {
		err = first.read(&p, text)
	} else {
		err = readBody(&p, text, *regs)
	}
	p.Seq, p.Key, p.UndoneBy = uint64(seq), ledger.Key(key), ledger.Key(undoneBy)
	p.Undoes, p.Undo, p.Refused = ledger.Key(undoes), ledger.Undo(undo), refused
	if len(memo) > 0 {
		p.Memo = memo
	}
	if err != nil {
		err = fmt.Errorf("posting %d: %w", seq, err)
	}
	return p, err
}

// handed is what a row of version 1 or 2 says beside its body, which is what the host handed in: what
// became of it.
type handed struct {
	own, old     bool
	seen         []int64
	back, raised string
}

func (h *handed) read(p *ledger.Posting, body string) error {
	if err := p.UnmarshalJSON([]byte(body)); err != nil {
		return err
	}
	first, err1 := ledger.ReadMoves([]byte(h.back))
	last, err2 := ledger.ReadMoves([]byte(h.raised))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if !h.own {
		p.Moves = nil
	}
	p.Moves = append(append(first, p.Moves...), last...)
	if h.old {
		return saw(p, h.seen)
	}
	return nil
}

// saw gives the guards what they saw. Those behind the one that refused were not asked.
func saw(p *ledger.Posting, seen []int64) error {
	if len(seen) > len(p.Why) {
		return fmt.Errorf("%d guards saw something, of %d", len(seen), len(p.Why))
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
	if err := s.queue.Closed(); err != nil {
		return nil, err
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
