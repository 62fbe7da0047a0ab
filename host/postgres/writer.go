package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"possim/host/ledger"
)

// maxBatch bounds a batch, and so how long its first transaction waits for the others.
const maxBatch = 512

// request is a transaction on its way through a writer, or registers to read.
type request struct {
	tx     *ledger.Tx // nil to read
	result ledger.Result
	regs   []ledger.Reg
	values []int64
	err    error
	done   chan struct{}
}

// writer takes what waits and has the database post it, over a connection of its own.
type writer struct {
	store *Store
	conn  *pgconn.PgConn
	batch []*request
	turn  turn

	cache   cache // as of the connection: another server's may not be what this one said
	reached bool  // the cache is of where the book was on this connection
	crowded bool  // others post too
	alone   bool  // nobody had when the book was last looked at
}

func (w *writer) run() {
	defer w.store.writing.Done()
	for r := range w.store.queue {
		w.drain(r)
		w.commit()
		for i, r := range w.batch {
			close(r.done)
			w.batch[i] = nil
		}
	}
	close(w.store.folding)
	w.hangUp()
}

// drain takes what waits, and waits for nothing.
func (w *writer) drain(first *request) {
	w.batch = append(w.batch[:0], first)
	for len(w.batch) < maxBatch {
		select {
		case r, ok := <-w.store.queue:
			if !ok {
				return
			}
			w.batch = append(w.batch, r)
		default:
			return
		}
	}
}

// commit makes a batch durable, or gives all of it the same error: none of its answers may leave.
func (w *writer) commit() {
	originals, err := w.originals()
	if err == nil {
		err = w.store.persist(context.Background(), w.store.failing.Load(), func(ctx context.Context) error { return w.call(ctx, originals) })
	}
	w.store.failing.Store(err != nil)
	if err == nil {
		err = w.repeats()
	}
	if err == nil {
		return
	}
	err = fmt.Errorf("postgres: %s: the outcome is unknown, repeat the transaction: %w", w.store, err)
	for _, r := range w.batch {
		r.result, r.err = ledger.Result{}, err
	}
}

// originals reads what the batch undoes before its turn: a posting never changes.
func (w *writer) originals() ([]ledger.Posting, error) {
	var keys []string
	for _, r := range w.batch {
		if r.tx != nil && r.tx.Undoes != "" {
			keys = append(keys, string(r.tx.Undoes))
		}
	}
	return w.read(keys)
}

// read reads the postings under keys.
func (w *writer) read(keys []string) ([]ledger.Posting, error) {
	if keys == nil {
		return nil, nil
	}
	return ask(context.Background(), w.store, firstQuery, []any{keys}, scan)
}

// repeats answers the requests whose keys the database had, with the first result, or that they are
// others under a known key.
func (w *writer) repeats() error {
	var keys []string
	for _, r := range w.batch {
		if unanswered(r) {
			keys = append(keys, string(r.tx.Key))
		}
	}
	found, err := w.read(keys)
	if err != nil {
		return err
	}
	first := map[ledger.Key]*ledger.Posting{}
	for i := range found {
		first[found[i].Key] = &found[i]
	}
	for _, r := range w.batch {
		if !unanswered(r) {
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

// unanswered reports whether the turn left a request to repeats.
func unanswered(r *request) bool { return r.result.Repeat && r.result.Seq == 0 }

func (w *writer) hangUp() {
	if w.conn == nil {
		return
	}
	ctx, cancel := w.store.Limit(context.Background())
	defer cancel()
	_ = w.conn.Close(ctx) // it is given up either way
	w.conn = nil
}
