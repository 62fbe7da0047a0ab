package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"

	driver "zombiezen.com/go/sqlite"
)

// disk is the file: opened and written to by one goroutine at a time.
type disk struct {
	path    string
	busy    time.Duration
	segment int                     // postings a segment of the snapshot stands for, at least
	spy     func(step string) error // tests fail a step here

	lock  *driver.Conn
	conn  *driver.Conn
	files map[string]os.FileInfo // that conn writes to, by name
	text  string                 // what the function events gives the row that is being written
	tail  uint32                 // the checksum of the last batch
	last  uint64                 // the last posting that was acknowledged
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
	if err := errors.Join(migrate(conn), seldomCheckpoint(conn), d.giveEvents(conn)); err != nil {
		return errors.Join(err, conn.Close())
	}
	d.files = map[string]os.FileInfo{}
	for _, name := range []string{d.path, d.path + "-wal"} {
		if d.files[name], err = os.Stat(name); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	d.conn = conn
	return nil
}

// inPlace reports a file that no longer has its name: what is written to it would be lost with the process.
func (d *disk) inPlace() error {
	for name, was := range d.files {
		if is, err := os.Stat(name); err != nil || !os.SameFile(is, was) {
			return fmt.Errorf("%s %w while it was open: put it back", name, errMoved)
		}
	}
	return nil
}

var errMoved = errors.New("was moved, replaced or deleted")

// seldomCheckpoint lets 16 MB gather before they are copied from the -wal into the file: a batch in a
// few hundred then waits for that, and not one in fifty. SQLite counts in pages.
func seldomCheckpoint(conn *driver.Conn) error {
	size, err := number(conn, "PRAGMA page_size")
	if err != nil {
		return err
	}
	return run(conn, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", 16<<20/size))
}

// giveEvents makes the SQL function events, through which append hands over a row's text: the driver
// copies a function's result at once, and a parameter byte by byte.
func (d *disk) giveEvents(conn *driver.Conn) error {
	return conn.CreateFunction("events", &driver.FunctionImpl{
		Scalar: func(driver.Context, []driver.Value) (driver.Value, error) { return driver.TextValue(d.text), nil },
	})
}

// append makes one batch durable: one row in a transaction of its own.
func (d *disk) append(r row) error {
	if err := errors.Join(d.step("before"), d.inPlace()); err != nil {
		return err
	}
	stmt, err := d.conn.Prepare("INSERT INTO batch (first, last, crc, events) VALUES (?, ?, ?, events())")
	if err != nil {
		return explain(err)
	}
	sum := r.sum()
	stmt.BindInt64(1, int64(r.first))
	stmt.BindInt64(2, int64(r.last))
	stmt.BindInt64(3, int64(sum))
	d.text = string(r.text)
	_, err = stmt.Step()
	d.text = ""
	if err = errors.Join(err, stmt.Reset()); err != nil {
		return explain(err)
	}
	if err := d.step("after"); err != nil {
		return err
	}
	d.tail, d.last = sum, r.last
	return nil
}

// step lets a test fail a write before or after it happened.
func (d *disk) step(name string) error {
	if d.spy == nil {
		return nil
	}
	return d.spy(name)
}

// closeWriter closes the connection that appends.
func (d *disk) closeWriter() error {
	if d.conn == nil {
		return nil
	}
	err := d.conn.Close()
	d.conn = nil
	return err
}

func (d *disk) close() error {
	err := d.closeWriter()
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	d.lock = nil
	return err
}
