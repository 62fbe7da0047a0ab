package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"possim/host/ledger"
)

// maxBatch bounds a batch, and so how long its first transaction waits for the others.
const maxBatch = 512

// request is a transaction on its way through a writer.
type request struct {
	tx     *ledger.Tx
	result ledger.Result
	err    error
	done   chan struct{}
}

// writer takes what waits and has the database post it, over a connection of its own.
type writer struct {
	store    *Store
	conn     *pgconn.PgConn
	batch    []*request
	segments []*segment // used ones are kept
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
	segments := w.split()
	err := w.store.persist(context.Background(), w.store.failing.Load(), func(ctx context.Context) error { return w.call(ctx, segments) })
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

// split cuts the batch into calls. All of them are one transaction of the database.
func (w *writer) split() []*segment {
	n := 0
	for _, r := range w.batch {
		if n == 0 || !w.segments[n-1].takes(r.tx) {
			if n == len(w.segments) {
				w.segments = append(w.segments, new(segment))
			}
			w.segments[n].reset()
			n++
		}
		w.segments[n-1].add(r)
	}
	return w.segments[:n]
}

// call makes the calls in one round trip. It returns without an error only when the database has
// committed. After any error the connection is hung up: what is left of the talk on it is of no use.
func (w *writer) call(ctx context.Context, segments []*segment) (err error) {
	ctx, cancel := w.store.Limit(ctx)
	defer cancel()
	if w.conn == nil || w.conn.IsClosed() {
		if w.conn, err = connect(ctx, w.store.config); err != nil {
			w.conn = nil
			return err
		}
	}
	defer func() {
		if err != nil {
			w.hangUp()
		}
	}()
	p := w.conn.StartPipeline(ctx)
	for _, s := range segments {
		p.SendQueryPrepared(postStatement, s.params(), binaryForm, binaryForm)
	}
	if err := p.Sync(); err != nil { // what has been sent since the last Sync is one transaction
		return errors.Join(err, p.Close())
	}
	err = w.receive(p, segments)
	return errors.Join(err, p.Close())
}

// receive reads the answers of the calls, and then that they are committed.
func (w *writer) receive(p *pgconn.Pipeline, segments []*segment) error {
	for _, s := range segments {
		got, err := p.GetResults()
		if err != nil {
			return err
		}
		rows, ok := got.(*pgconn.ResultReader)
		if !ok {
			return fmt.Errorf("%w: %T instead of rows", errAnswer, got)
		}
		result := rows.Read()
		if result.Err != nil {
			return result.Err
		}
		if err := s.answers(result); err != nil {
			return err
		}
	}
	got, err := p.GetResults()
	if err != nil {
		return err
	}
	if _, ok := got.(*pgconn.PipelineSync); !ok {
		return fmt.Errorf("%w: %T instead of a commit", errAnswer, got)
	}
	return nil
}

func (w *writer) hangUp() {
	if w.conn == nil {
		return
	}
	ctx, cancel := w.store.Limit(context.Background())
	defer cancel()
	_ = w.conn.Close(ctx) // it is given up either way
	w.conn = nil
}
