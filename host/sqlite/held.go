package sqlite

import (
	"context"
	"iter"
	"slices"

	"possim/host/ledger"
)

// PostingsOf implements ledger.Sifter. The machine knows which postings add to what is held and stand, and
// the snapshot tells the next start; those alone are read. Like Postings it yields what is on disk, and
// what the caller commits while it ranges.
func (s *Store) PostingsOf(ctx context.Context, after uint64, kind ledger.Kind) iter.Seq2[ledger.Posting, error] {
	if kind != ledger.Hold {
		return ledger.Moving(s.Postings(ctx, after), kind)
	}
	return func(yield func(ledger.Posting, error) bool) {
		for after := after; ; {
			held, err := s.held(ctx, after)
			if err != nil {
				yield(ledger.Posting{}, err)
				return
			}
			if len(held) == 0 {
				return
			}
			for len(held) > 0 {
				some, err := s.together(ctx, held)
				if err != nil {
					yield(ledger.Posting{}, err)
					return
				}
				for _, p := range some {
					if after = p.Seq; !yield(p, nil) {
						return
					}
				}
				held = held[len(some):]
			}
		}
	}
}

// together returns the first of the postings wanted, in order, and those that are in one row with it.
func (s *Store) together(ctx context.Context, wanted []uint64) ([]ledger.Posting, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := s.past.row(wanted[0])
	if err != nil {
		return nil, err
	}
	n, _ := slices.BinarySearch(wanted, r.last+1)
	return r.pick(wanted[:n])
}

// held returns which postings behind after add to what is held and stand, and are on disk.
func (s *Store) held(ctx context.Context, after uint64) (held []uint64, err error) {
	err = s.look(ctx, func(m *ledger.Machine) bool {
		held = m.Held(after)
		return true // what is in flight may undo any of them
	})
	return held, err
}
