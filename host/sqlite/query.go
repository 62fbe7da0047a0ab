package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// run runs statements and throws their rows away.
func run(conn *driver.Conn, script string) error {
	for rest := strings.TrimSpace(script); rest != ""; {
		stmt, trailing, err := conn.PrepareTransient(rest)
		if err != nil {
			return explain(err)
		}
		for row := stmt != nil; row; {
			if row, err = stmt.Step(); err != nil {
				return errors.Join(explain(err), stmt.Finalize())
			}
		}
		if err := stmt.Finalize(); err != nil {
			return explain(err)
		}
		rest = strings.TrimSpace(rest[len(rest)-trailing:])
	}
	return nil
}

// number returns the one number a statement yields.
func number(conn *driver.Conn, query string) (n int64, err error) {
	stmt, _, err := conn.PrepareTransient(query)
	if err != nil {
		return 0, explain(err)
	}
	if _, err = stmt.Step(); err == nil {
		n = stmt.ColumnInt64(0)
	}
	return n, explain(errors.Join(err, stmt.Finalize()))
}

// readAll replays every batch into m.
func readAll(conn *driver.Conn, m *ledger.Machine) error {
	stmt, _, err := conn.PrepareTransient("SELECT first, last, crc, events FROM batch ORDER BY first")
	if err != nil {
		return explain(err)
	}
	var buf []byte
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return explain(errors.Join(err, stmt.Finalize()))
		}
		first, last := uint64(stmt.ColumnInt64(0)), uint64(stmt.ColumnInt64(1))
		if n := stmt.ColumnLen(3); cap(buf) < n {
			buf = make([]byte, 2*n)
		}
		buf = buf[:cap(buf)]
		buf = buf[:stmt.ColumnBytes(3, buf)]
		if err := readBatch(m, first, last, uint32(stmt.ColumnInt64(2)), buf); err != nil {
			err = fmt.Errorf("%w: the batch of postings %d to %d: %w; restore a copy, or move it away; it was not changed", ErrDamaged, first, last, err)
			return errors.Join(err, stmt.Finalize())
		}
	}
}

// readBatch replays one row.
func readBatch(m *ledger.Machine, first, last uint64, crc uint32, events []byte) error {
	if crc32.Checksum(events, castagnoli) != crc {
		return errors.New("its checksum is wrong")
	}
	if first != m.Last()+1 {
		return fmt.Errorf("it follows posting %d", m.Last())
	}
	postings, err := ledger.ReadJSON(events)
	if err != nil {
		return err
	}
	for _, p := range postings {
		if err := m.Replay(p); err != nil {
			return err
		}
	}
	if m.Last() != last {
		return fmt.Errorf("it ends with posting %d", m.Last())
	}
	return nil
}

// explain says in our words what SQLite's code means for the one who runs the program.
func explain(err error) error {
	switch driver.ErrCode(err).ToPrimary() {
	case driver.ResultCorrupt:
		return fmt.Errorf("%w: restore a copy, or move it away: %w", ErrDamaged, err)
	case driver.ResultFull:
		return fmt.Errorf("the disk is full, make room: %w", err)
	case driver.ResultReadOnly, driver.ResultCantOpen:
		return fmt.Errorf("it and its folder must be writable, check their permissions: %w", err)
	case driver.ResultBusy:
		return fmt.Errorf("another program holds a lock on the file, close it: %w", err)
	}
	return err
}
