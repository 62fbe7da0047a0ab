package sqlite

import (
	"errors"
	"fmt"
	"strings"

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
