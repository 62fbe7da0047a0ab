package sqlite

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	driver "zombiezen.com/go/sqlite"
)

// The header of a ledger: "posl" in ASCII, and the version of schema.sql.
const (
	applicationID = 0x706f736c
	version       = 3 // version 1 had postings as objects, and no snapshot; version 2 had longer lines
)

//go:embed schema.sql
var schema string

// inspect reports whether there is no ledger at path yet, or why there never will be.
// It reads the header alone and takes no lock, so that a foreign file is left as it was: no -wal or
// -shm beside it, no checkpoint.
func inspect(path string) (fresh bool, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return false, fmt.Errorf("%s: its folder cannot be used, create it first: %w", path, err)
		}
		return true, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s: %w: it is not a regular file; name another", path, ErrForeign)
	case info.Size() == 0:
		return true, nil
	}
	id, v, err := header(path)
	switch {
	case driver.ErrCode(err).ToPrimary() == driver.ResultNotADB:
		return false, fmt.Errorf("%s: %w: name another file, or move this one away; it was not changed (%w)", path, ErrForeign, err)
	case err != nil:
		return false, fmt.Errorf("%s: %w", path, err)
	case id != applicationID:
		return false, fmt.Errorf("%s: %w but another SQLite database (application id %#x): name another file; it was not changed", path, ErrForeign, uint32(id))
	case v > version:
		return false, fmt.Errorf("%s: %w (%d, this program knows %d): use the newer possim; it was not changed", path, ErrNewer, v, version)
	case v < 1:
		return false, fmt.Errorf("%s: %w: schema version %d never was; restore a copy; it was not changed", path, ErrDamaged, v)
	}
	return false, nil
}

// header reads the application id and the version (SQLite file format, 1.3).
func header(path string) (id, v int64, err error) {
	conn, err := connect(immutable(path), driver.OpenReadOnly|driver.OpenURI, 0)
	if err != nil {
		return 0, 0, err
	}
	id, err = number(conn, "PRAGMA application_id")
	if err == nil {
		v, err = number(conn, "PRAGMA user_version")
	}
	return id, v, errors.Join(err, conn.Close())
}

// immutable returns the URI that makes SQLite read the file without locks or side files.
// SQLite must do the reading: were the process to open and close the file by itself, it would drop
// the locks its own connections hold (POSIX advisory locks; SQLite's How To Corrupt, 2.2).
func immutable(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // file:///C:/...
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: "immutable=1"}).String()
}

// lock takes the lock of a ledger. SQLite's own locking is used because it works everywhere and ends
// with the process; a file of its own because the shell may read the ledger meanwhile.
func lock(path string) (*driver.Conn, error) {
	conn, err := connect(path, driver.OpenReadWrite|driver.OpenCreate, 0)
	if err != nil {
		return nil, err
	}
	if err := run(conn, "BEGIN EXCLUSIVE"); err != nil {
		conn.Close()
		if code := driver.ErrCode(err).ToPrimary(); code == driver.ResultBusy || code == driver.ResultLocked {
			return nil, fmt.Errorf("%w (a running possim host?): stop it, or name another file", ErrLocked)
		}
		return nil, err
	}
	return conn, nil
}

// create makes an empty ledger under another name and moves it into place, so that a ledger is
// whole from the moment it exists.
func create(path string) error {
	tmp := path + "-new"
	for _, left := range []string{tmp, tmp + "-journal"} { // by one that died here
		if err := os.Remove(left); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", tmp, err), os.Remove(tmp))
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // not every system can
		dir.Close()
	}
	return nil
}

// pageSize is that of a new file: a row of a few dozen postings then takes two writes a page and a page
// or two, where SQLite's usual 4,096 bytes make it a chain of them.
const pageSize = 16 << 10

// fill writes the schema and the header in one transaction.
func fill(path string) error {
	conn, err := connect(path, driver.OpenReadWrite, 0)
	if err != nil {
		return err
	}
	err = run(conn, fmt.Sprintf("PRAGMA page_size = %d; PRAGMA synchronous = FULL; BEGIN;", pageSize)+schema+
		fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", applicationID, version))
	return errors.Join(err, conn.Close())
}

// migrate brings a file of an older version to this one. Its batches stay as they are.
func migrate(conn *driver.Conn) error {
	v, err := number(conn, "PRAGMA user_version")
	if err != nil || v == version {
		return err
	}
	err = run(conn, "BEGIN IMMEDIATE;"+schema+fmt.Sprintf("PRAGMA user_version = %d; COMMIT", version))
	if err != nil {
		_ = run(conn, "ROLLBACK") // an error when SQLite has done so by itself, or never began
		return err
	}
	// The version is read from the file itself (inspect).
	return run(conn, "PRAGMA wal_checkpoint(TRUNCATE)")
}

func connect(path string, flags driver.OpenFlags, busy time.Duration) (*driver.Conn, error) {
	conn, err := driver.OpenConn(path, flags)
	if err != nil {
		return nil, explain(err)
	}
	conn.SetBusyTimeout(busy)
	return conn, nil
}
