package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"possim/host/ledger"
)

// call takes a turn: it looks, decides and writes. It returns without an error only when the database
// has committed. After any error the connection is hung up: what is left of the talk on it is of no use.
func (w *writer) call(ctx context.Context, originals []ledger.Posting) (err error) {
	ctx, cancel := w.store.Limit(ctx)
	defer cancel()
	if w.conn == nil || w.conn.IsClosed() {
		if w.conn, err = connect(ctx, w.store.config); err != nil {
			w.conn = nil
			return err
		}
		w.cache.forget(0)
		w.reached = false
	}
	defer func() {
		if err != nil {
			w.hangUp()
		}
	}()
	look := false
	for {
		got, err := w.try(ctx, originals, look)
		switch {
		case err != nil || got == posted:
			return err
		case got == goneOn:
			w.crowded = true
		case got == keyKnown:
			look = true
		default:
			return fmt.Errorf("%w: %d of a batch", errAnswer, got)
		}
	}
}

// What possim.append says.
const (
	posted   = 0
	goneOn   = 1 // the book: somebody else has posted
	keyKnown = 2
)

// try takes a turn: it finds out what it does not know, decides, and has the database post it. When
// others post too it holds the book meanwhile.
func (w *writer) try(ctx context.Context, originals []ledger.Posting, look bool) (got byte, err error) {
	t := &w.turn
	t.begin(&w.cache, w.batch.Requests, originals, look)
	t.recall()
	p := w.conn.StartPipeline(ctx)
	defer func() { err = errors.Join(err, p.Close()) }()
	var f fetched
	if w.crowded || t.reads || len(t.missing) > 0 || len(t.order) > 0 || !w.reached {
		if f, err = w.fetch(p); err != nil {
			return 0, err
		}
	}
	err = t.open(f)
	if err == nil {
		err = t.decide(w.batch.Requests)
	}
	if err != nil {
		return 0, err
	}
	return w.append(p, look)
}

// fetched is what the database said of the keys of a turn, where it was asked.
type fetched struct {
	keys, tombs []byte
	links       [][][]byte
}

// fetch finds out what the cache does not have, and what there is under the turn's keys. When the cache
// was too old to be of use it finds out the rest too.
func (w *writer) fetch(p *pgconn.Pipeline) (f fetched, err error) {
	t, before := &w.turn, w.cache.at
	if w.crowded {
		send(p, beginTurn)
		send(p, holdBook)
		if err := p.Sync(); err != nil {
			return f, err
		}
		if err := skip(p, 2); err != nil {
			return f, err
		}
		if err := synced(p); err != nil {
			return f, err
		}
	}
	for more := true; more; more = len(t.missing) > 0 {
		send(p, fetch, int8Param(w.cache.at), w.cache.keyParam(), t.labels.bytes(), t.names.bytes())
		if t.undoes {
			send(p, chain, t.names.bytes())
		}
		if err := p.Sync(); err != nil {
			return f, err
		}
		if f, err = w.fetched(p); err != nil {
			return f, err
		}
		t.recall()
	}
	w.alone, w.reached = w.cache.at == before, true
	return f, nil
}

// fetched reads what the database said.
func (w *writer) fetched(p *pgconn.Pipeline) (f fetched, err error) {
	got, err := receive(p)
	if err != nil {
		return f, err
	}
	if len(got.Rows) != 1 || len(got.Rows[0]) != 10 {
		return f, fmt.Errorf("%w: %d rows", errAnswer, len(got.Rows))
	}
	f.keys, f.tombs = got.Rows[0][7], got.Rows[0][8]
	if err := w.turn.learn(got.Rows[0]); err != nil {
		return f, err
	}
	if w.turn.undoes {
		links, err := receive(p)
		if err != nil {
			return f, err
		}
		f.links = links.Rows
	}
	return f, synced(p)
}

// append ends the turn.
func (w *writer) append(p *pgconn.Pipeline, looked bool) (got byte, err error) {
	t := &w.turn
	n := t.out.postings()
	if n > 0 {
		send(p, appendAll, t.out.params(&w.cache, looked, &t.untouched)...)
	}
	if w.crowded {
		send(p, commitTurn)
	} else if n == 0 {
		return posted, nil
	}
	if err := p.Sync(); err != nil {
		return 0, err
	}
	if n > 0 {
		said, err := receive(p)
		if err != nil {
			return 0, err
		}
		if len(said.Rows) != 1 || len(said.Rows[0]) != 1 || len(said.Rows[0][0]) != 4 {
			return 0, fmt.Errorf("%w: to a batch", errAnswer)
		}
		got = said.Rows[0][0][3]
	}
	if w.crowded {
		done, err := receive(p)
		if err != nil {
			return 0, err
		}
		if tag := done.CommandTag.String(); tag != "COMMIT" {
			return 0, fmt.Errorf("%w: %s instead of a commit", errAnswer, tag)
		}
	}
	if err := synced(p); err != nil {
		return 0, err
	}
	if got == posted {
		if n > 0 {
			t.enter()
		}
		w.crowded = w.crowded && !w.alone
		w.fold()
	}
	return got, nil
}

// fold has the table of registers brought up to date from time to time.
func (w *writer) fold() {
	c := &w.cache
	c.clean()
	c.age(w.store.cacheSize)
	if c.at >= c.folded+w.store.foldEvery && w.store.busy.CompareAndSwap(false, true) {
		w.store.folding <- c.foldable()
	}
}

// binaryForm asks for every parameter and result in PostgreSQL's binary form.
var binaryForm = []int16{1}

func send(p *pgconn.Pipeline, s statement, params ...[]byte) {
	p.SendQueryPrepared(s.name, params, binaryForm, binaryForm)
}

// receive reads the answer to one statement.
func receive(p *pgconn.Pipeline) (*pgconn.Result, error) {
	got, err := p.GetResults()
	if err != nil {
		return nil, err
	}
	rows, ok := got.(*pgconn.ResultReader)
	if !ok {
		return nil, fmt.Errorf("%w: %T instead of rows", errAnswer, got)
	}
	result := rows.Read()
	return result, result.Err
}

// skip reads the answers to n statements that say nothing.
func skip(p *pgconn.Pipeline, n int) error {
	for range n {
		if _, err := receive(p); err != nil {
			return err
		}
	}
	return nil
}

// synced reads that all statements up to here were answered.
func synced(p *pgconn.Pipeline) error {
	got, err := p.GetResults()
	if err != nil {
		return err
	}
	if _, ok := got.(*pgconn.PipelineSync); !ok {
		return fmt.Errorf("%w: %T instead of the end of the answers", errAnswer, got)
	}
	return nil
}
