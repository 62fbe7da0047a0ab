package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	driver "zombiezen.com/go/sqlite"
)

// terminals is made when the first terminal is saved, so that a ledger that never
// sees one stays as it was. What is in state is the registry's: keys in it are
// wrapped before they get here.
const terminals = `CREATE TABLE IF NOT EXISTS terminal (
  mid   TEXT NOT NULL,
  tid   TEXT NOT NULL,
  state TEXT NOT NULL, -- JSON: open batch, working keys under the master key
  PRIMARY KEY (mid, tid)
) STRICT, WITHOUT ROWID`

// terminal is a row of that table.
type terminal struct{ mid, tid, state string }

// SaveTerminal implements registry.Store: it returns once the row is on disk. The
// writer does it between two batches of postings, all that wait in one transaction.
func (s *Store) SaveTerminal(ctx context.Context, mid, tid, state string) error {
	return s.queue.Ask(ctx, &errand{&terminal{mid, tid, state}})
}

// saveTerminals writes the rows among a batch.
func (s *Store) saveTerminals(batch []*request) {
	var rows []*request
	for _, r := range batch {
		if r.Err == nil && r.Want != nil && r.Want.terminal != nil {
			rows = append(rows, r)
		}
	}
	if len(rows) == 0 {
		return
	}
	if err := s.disk.saveTerminals(rows); err != nil {
		err = fmt.Errorf("sqlite: %s: the terminal was not saved: %w", s.disk.path, err)
		for _, r := range rows {
			r.Err = err
		}
	}
}

func (d *disk) saveTerminals(rows []*request) (err error) {
	if err := errors.Join(d.step("terminal"), d.inPlace()); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = run(d.conn, "ROLLBACK") // an error when SQLite has done so by itself, or never began
		}
	}()
	if err := run(d.conn, "BEGIN IMMEDIATE; "+terminals); err != nil {
		return err
	}
	for _, r := range rows {
		if err := d.saveTerminal(r.Want.terminal); err != nil {
			return err
		}
	}
	return run(d.conn, "COMMIT")
}

func (d *disk) saveTerminal(t *terminal) error {
	stmt, err := d.conn.Prepare("INSERT INTO terminal (mid, tid, state) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state")
	if err != nil {
		return explain(err)
	}
	stmt.BindText(1, t.mid)
	stmt.BindText(2, t.tid)
	stmt.BindText(3, t.state)
	_, err = stmt.Step()
	return explain(errors.Join(err, stmt.Reset()))
}

// LoadTerminals implements registry.Store. It reads through a connection of its own.
func (s *Store) LoadTerminals(ctx context.Context, each func(mid, tid, state string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	rows, err := readTerminals(s.disk.path, s.disk.busy)
	if err != nil {
		return fmt.Errorf("sqlite: %s: %w", s.disk.path, err)
	}
	for _, t := range rows {
		if err := each(t.mid, t.tid, t.state); err != nil {
			return err
		}
	}
	return nil
}

func readTerminals(path string, busy time.Duration) (rows []terminal, err error) {
	conn, err := connect(path, driver.OpenReadOnly, busy)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	there, err := number(conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'terminal'")
	if err != nil || there == 0 {
		return nil, err
	}
	stmt, _, err := conn.PrepareTransient("SELECT mid, tid, state FROM terminal ORDER BY mid, tid")
	if err != nil {
		return nil, explain(err)
	}
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return rows, explain(errors.Join(err, stmt.Finalize()))
		}
		rows = append(rows, terminal{stmt.ColumnText(0), stmt.ColumnText(1), stmt.ColumnText(2)})
	}
}
