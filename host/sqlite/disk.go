package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"time"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// disk is the file: opened, replayed and appended to by one goroutine at a time.
type disk struct {
	path string
	busy time.Duration
	spy  func(step string) error // tests fail a step here

	lock *driver.Conn
	conn *driver.Conn
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// open checks the file, locks it, and creates it when it is not there. It does not change one that is.
func (d *disk) open(path string) error {
	d.path = path
	if real, err := filepath.EvalSymlinks(path); err == nil {
		d.path = real // two names of one file share its lock
	}
	fresh, err := inspect(d.path)
	if err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	if d.lock, err = lock(d.path + "-lock"); err != nil {
		return fmt.Errorf("sqlite: %s: %w", d.path, err)
	}
	if fresh {
		if fresh, err = inspect(d.path); err == nil && fresh { // unless another made it meanwhile
			err = create(d.path)
		}
	}
	if err != nil {
		return errors.Join(fmt.Errorf("sqlite: %w", err), d.close())
	}
	return nil
}

// replay reads the file into an empty machine, then opens it for writing. The reading is read-only,
// so that a damaged file stays as it is.
func (d *disk) replay(m *ledger.Machine) error {
	ro, err := connect(d.path, driver.OpenReadOnly, d.busy)
	if err != nil {
		return fmt.Errorf("sqlite: %s: %w", d.path, err)
	}
	err = readAll(ro, m)
	if err == nil {
		err = d.openWriter()
	}
	if err = errors.Join(err, ro.Close()); err != nil {
		return fmt.Errorf("sqlite: %s: %w", d.path, err)
	}
	return nil
}

// openWriter opens the connection that appends.
func (d *disk) openWriter() error {
	conn, err := connect(d.path, driver.OpenReadWrite, d.busy)
	if err != nil {
		return err
	}
	// One flush a commit, and the shell may read meanwhile: WAL. fullfsync matters on macOS alone.
	for _, q := range []string{
		"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
		"PRAGMA fullfsync = 1", "PRAGMA checkpoint_fullfsync = 1",
		"BEGIN IMMEDIATE; ROLLBACK", // a file that cannot be written says so here
	} {
		if err := run(conn, q); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	d.conn = conn
	return nil
}

// reopen replays the file after a failed write.
func (d *disk) reopen(m *ledger.Machine) error {
	if d.conn != nil {
		// Its last word on the failed write does not matter: what is in the file does.
		_ = d.conn.Close()
		d.conn = nil
	}
	return d.replay(m)
}

// append makes one batch durable: one row in a transaction of its own.
func (d *disk) append(first, last uint64, events []byte) error {
	if err := d.step("before"); err != nil {
		return err
	}
	stmt, err := d.conn.Prepare("INSERT INTO batch (first, last, crc, events) VALUES (?, ?, ?, CAST(? AS TEXT))")
	if err != nil {
		return explain(err)
	}
	stmt.BindInt64(1, int64(first))
	stmt.BindInt64(2, int64(last))
	stmt.BindInt64(3, int64(crc32.Checksum(events, castagnoli)))
	stmt.BindBytes(4, events)
	_, err = stmt.Step()
	if err = errors.Join(err, stmt.Reset()); err != nil {
		return explain(err)
	}
	return d.step("after")
}

// step lets a test fail a write before or after it happened.
func (d *disk) step(name string) error {
	if d.spy == nil {
		return nil
	}
	return d.spy(name)
}

func (d *disk) close() error {
	var err error
	if d.conn != nil {
		err = d.conn.Close()
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	d.conn, d.lock = nil, nil
	return err
}
