package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"possim/host/ledger"
)

var errAnswer = errors.New("the database gave an answer that cannot be read")

// params is the segment as possim.post's parameters.
func (s *segment) params() [][]byte {
	params := make([][]byte, arrays+1)
	for i := range s.arrays {
		params[i] = s.arrays[i].bytes()
	}
	if !s.undoes {
		params[pUndoing] = nil
	}
	var mass [8]byte
	binary.BigEndian.PutUint64(mass[:], uint64(s.mass))
	params[arrays] = mass[:]
	return params
}

// answers gives each request what possim.post says of it. One that it posted nothing for, and did not
// refuse, is known: repeats answers it.
func (s *segment) answers(result *pgconn.Result) error {
	if len(result.Rows) != 1 || len(result.Rows[0]) != 4 {
		return fmt.Errorf("%w: %d rows", errAnswer, len(result.Rows))
	}
	row, n := result.Rows[0], len(s.requests)
	seen := make([]int64, s.arrays[gReg].n)
	asked := make([]bool, len(seen))
	return errors.Join(
		elements(row[0], n, func(i int, e []byte) error {
			r := s.requests[i]
			r.result = ledger.Result{Repeat: e == nil}
			if e == nil {
				return nil
			}
			seq, err := number(e)
			r.result.Seq = uint64(seq)
			r.result.Memo = append([]byte(nil), r.tx.Memo...)
			return err
		}),
		elements(row[1], n, func(i int, e []byte) error {
			r := s.requests[i]
			r.result.Refused = string(e)
			r.result.Repeat = r.result.Repeat && e == nil
			return nil
		}),
		elements(row[2], n, func(i int, e []byte) error {
			s.requests[i].result.Undo = ledger.Undo(e)
			return nil
		}),
		elements(row[3], len(seen), func(i int, e []byte) (err error) {
			if asked[i] = e != nil; asked[i] {
				seen[i], err = number(e)
			}
			return err
		}),
		s.verdicts(seen, asked))
}

// verdicts says of each request what its guards saw, up to the one that refused.
func (s *segment) verdicts(seen []int64, asked []bool) error {
	at := 0
	for _, r := range s.requests {
		n := len(r.tx.Guards)
		if r.result.Seq != 0 && r.result.Refused != ledger.RuleTombstone && r.result.Refused != ledger.RuleStanding && n > 0 {
			r.result.Why = make([]ledger.Verdict, 0, n)
			for i := range n {
				if !asked[at+i] {
					break
				}
				r.result.Why = append(r.result.Why, r.tx.Guards[i].Verdict(seen[at+i]))
			}
		}
		at += n
	}
	return nil
}

// repeats answers the requests whose keys were known, with the first result, or that they are others
// under a known key.
func (w *writer) repeats() error {
	var keys []string
	for _, r := range w.batch {
		if r.result.Repeat {
			keys = append(keys, string(r.tx.Key))
		}
	}
	if keys == nil {
		return nil
	}
	found, err := ask(context.Background(), w.store, firstQuery, []any{keys}, scan)
	if err != nil {
		return err
	}
	first := map[ledger.Key]*ledger.Posting{}
	for i := range found {
		first[found[i].Key] = &found[i]
	}
	for _, r := range w.batch {
		if !r.result.Repeat {
			continue
		}
		p := first[r.tx.Key]
		switch {
		case p == nil:
			return fmt.Errorf("%w: key %s is known and not there", errAnswer, r.tx.Key)
		case p.Print != r.tx.Print:
			r.result = ledger.Result{Refused: ledger.RuleDuplicate}
		default:
			r.result = p.Result()
			r.result.Repeat = true
		}
	}
	return nil
}
