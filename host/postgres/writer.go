package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"possim/host/ledger"
	"possim/host/ledger/gather"
)

// maxBatch bounds a batch, and so how long its first transaction waits for the others.
const maxBatch = 512

// request is what somebody wants of the writer: a posting or a look.
type request = gather.Request[look]

// look is registers to read.
type look struct {
	regs   []ledger.Reg
	values []int64
}

// writer takes what waits and has the database post it, over a connection of its own.
type writer struct {
	store *Store
	conn  *pgconn.PgConn
	batch *gather.Batch[look]
	turn  turn

	cache   cache // as of the connection: another server's may not be what this one said
	reached bool  // the cache is of where the book was on this connection
	crowded bool  // others post too
	alone   bool  // nobody had when the book was last looked at
}

func (w *writer) run() {
	defer w.store.writing.Done()
	for w.batch.Begin() {
		for w.batch.Next() {
		}
		w.commit()
		w.batch.Release()
	}
	close(w.store.folding)
	w.hangUp()
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
	w.batch.Fail(fmt.Errorf("postgres: %s: the outcome is unknown, repeat the transaction: %w", w.store, err))
}

// originals reads what the batch undoes before its turn: a posting never changes.
func (w *writer) originals() ([]ledger.Posting, error) {
	var keys []string
	for _, r := range w.batch.Requests {
		if r.Tx.Undoes != "" {
			keys = append(keys, string(r.Tx.Undoes))
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
	for _, r := range w.batch.Requests {
		if unanswered(r) {
			keys = append(keys, string(r.Tx.Key))
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
	for _, r := range w.batch.Requests {
		if !unanswered(r) {
			continue
		}
		p := first[r.Tx.Key]
		switch {
		case p == nil:
			return fmt.Errorf("%w: key %s is known and not there", errAnswer, r.Tx.Key)
		case p.Print != r.Tx.Print:
			r.Result = ledger.Result{Refused: ledger.RuleDuplicate}
		default:
			r.Result = p.Result()
			r.Result.Repeat = true
		}
	}
	return nil
}

// unanswered reports whether the turn left a request to repeats.
func unanswered(r *request) bool { return r.Result.Repeat && r.Result.Seq == 0 }

func (w *writer) hangUp() {
	if w.conn == nil {
		return
	}
	ctx, cancel := w.store.Limit(context.Background())
	defer cancel()
	_ = w.conn.Close(ctx) // it is given up either way
	w.conn = nil
}
