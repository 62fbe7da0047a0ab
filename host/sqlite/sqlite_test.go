package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"

	driver "zombiezen.com/go/sqlite"
)

func mustOpen(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Book {
		return mustOpen(t, filepath.Join(t.TempDir(), "books.db"))
	})
}

// reopening is a Book that is closed and opened again before every few commits.
type reopening struct {
	*Store
	t    testing.TB
	n    int
	open func(path string) *Store
}

func (r *reopening) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if r.n++; r.n%16 == 0 {
		path := r.disk.path
		if err := r.Close(); err != nil {
			r.t.Fatal(err)
		}
		r.Store = r.open(path)
	}
	return r.Store.Commit(ctx, tx)
}

func TestRandomReopening(t *testing.T) {
	b := &reopening{t: t, open: func(path string) *Store { return mustOpen(t, path) }}
	b.Store = b.open(filepath.Join(t.TempDir(), "books.db"))
	ledgertest.Random(t, b, 7, 400)
}

// tx moves n from card to shop and counts it.
func tx(key string, n int64) ledger.Tx {
	return ledger.Tx{
		Key: ledger.Key(key), Day: 20260601, Memo: []byte(`{"rrn":"` + key + `"}`),
		Guards: []ledger.Guard{{Rule: "day-amount", Reg: used, Add: n, Max: ledger.At(1_000_000_000)}},
		Moves: []ledger.Move{
			{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "card"}, Add: -n}, {Reg: shop, Add: n},
			{Reg: used, Add: n}, {Reg: ledger.Reg{Kind: ledger.DayCount, Owner: "card", Day: 20260601}, Add: 1},
		},
	}
}

var (
	shop = ledger.Reg{Kind: ledger.Balance, Owner: "shop"}
	used = ledger.Reg{Kind: ledger.DayAmount, Owner: "card", Day: 20260601}
)

func commit(t testing.TB, b ledger.Book, key string, n int64) ledger.Result {
	t.Helper()
	r, err := b.Commit(t.Context(), tx(key, n))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	s := mustOpen(t, path)
	first := commit(t, s, "a", 5)
	if _, err := s.Commit(t.Context(), ledger.Tx{Key: "early", Undoes: "late"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), tx("b", 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	s = mustOpen(t, path)
	first.Repeat = true
	if again := commit(t, s, "a", 5); !reflect.DeepEqual(again, first) {
		t.Errorf("a repeat after reopening: got %+v, want %+v", again, first)
	}
	if r := commit(t, s, "late", 5); r.Refused != ledger.RuleTombstone {
		t.Errorf("the tombstone is gone: %+v", r)
	}
}

func TestLocked(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "books.db")
	s := mustOpen(t, path)
	link := filepath.Join(dir, "other.db")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	for _, name := range []string{path, link} {
		if _, err := Open(name); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v, want ErrLocked", name, err)
		}
	}
	commit(t, s, "a", 5) // the one that has it goes on
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := mustOpen(t, link).Read(t.Context(), shop); err != nil || got[0] != 5 {
		t.Errorf("after Close: got %v, %v", got, err)
	}
}

// TestRefused opens what is not ours, or no longer whole: an error, and the folder is as before.
func TestRefused(t *testing.T) {
	good := filepath.Join(t.TempDir(), "books.db")
	s := mustOpen(t, good)
	for i := range 50 {
		commit(t, s, fmt.Sprint("key", i), 5)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	alter := func(f func(b []byte) []byte) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, f(append([]byte(nil), image...)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	sql := func(script string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			alter(func(b []byte) []byte { return b })(t, path)
			shell(t, path, script)
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want error
	}{
		"text":            {alter(func([]byte) []byte { return []byte("cards:\n  good: {}\n") }), ErrForeign},
		"long text":       {alter(func([]byte) []byte { return []byte(strings.Repeat("cards:\n", 1000)) }), ErrForeign},
		"folder":          {func(t *testing.T, path string) { mkdir(t, path) }, ErrForeign},
		"foreign":         {func(t *testing.T, path string) { shell(t, path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)") }, ErrForeign},
		"foreign in WAL":  {func(t *testing.T, path string) { shell(t, path, "PRAGMA journal_mode = WAL; CREATE TABLE t (x)") }, ErrForeign},
		"newer":           {sql("PRAGMA user_version = 4"), ErrNewer},
		"older":           {sql("PRAGMA user_version = 0"), ErrDamaged},
		"a digit":         {sql(`UPDATE batch SET events = replace(events, ',20260601,', ',20260602,') WHERE first = 20`), ErrDamaged},
		"cut short":       {alter(func(b []byte) []byte { return b[:len(b)-pageSize] }), ErrDamaged},
		"cut in a page":   {alter(func(b []byte) []byte { return b[:len(b)-2*pageSize+1000] }), ErrDamaged},
		"a page of zeros": {alter(func(b []byte) []byte { clear(b[len(b)-2*pageSize : len(b)-pageSize]); return b }), ErrDamaged},
		"first row gone":  {sql("DELETE FROM batch WHERE first = 1"), ErrDamaged},
		"middle row gone": {sql("DELETE FROM batch WHERE first = 20"), ErrDamaged},
		"row renumbered":  {sql("UPDATE batch SET last = last + 1 WHERE first = 50"), ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "books.db")
			c.make(t, path)
			before := contents(t, dir)
			s, err := Open(path)
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %v naming the path", err, c.want)
			}
			after := contents(t, dir)
			if c.want == ErrDamaged { // it had to be locked and read: that leaves empty files beside it
				for _, side := range []string{"-lock", "-wal"} {
					if after["books.db"+side] == "" {
						delete(after, "books.db"+side)
					}
				}
				delete(after, "books.db-shm") // an index SQLite makes anew
			}
			if !reflect.DeepEqual(after, before) {
				t.Errorf("the folder has changed: %d files, before %d", len(after), len(before))
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// contents reads a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, _ := os.ReadFile(filepath.Join(dir, e.Name()))
		files[e.Name()] = string(b)
	}
	return files
}

// script runs SQL on a file as any program could.
func script(path, sql string) error {
	conn, err := driver.OpenConn(path, driver.OpenReadWrite|driver.OpenCreate)
	if err != nil {
		return err
	}
	return errors.Join(run(conn, sql), conn.Close())
}

func shell(t *testing.T, path, sql string) {
	t.Helper()
	if err := script(path, sql); err != nil {
		t.Fatal(err)
	}
}

func TestNoFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "books.db")
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an error naming the path", err)
	}
}

// TestOddPaths opens names that mean something in a URI, an empty file, and what a dead process left.
func TestOddPaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a b.db", "a?mode=memory", "a#b%20c.db", "file:x", "世.db"} {
		path := filepath.Join(dir, name)
		for n := range int64(2) { // made, then found again
			s, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			commit(t, s, fmt.Sprint(n), 5)
			if got, err := s.Read(t.Context(), shop); err != nil || got[0] != 5*(n+1) {
				t.Errorf("%s: got %v, %v", name, got, err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(dir, "empty.db")
	for _, left := range []string{"", "-new", "-new-journal"} {
		if err := os.WriteFile(path+left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, mustOpen(t, path), "a", 5)
}
