package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// small opens a ledger that cuts a segment every ten postings.
func small(t testing.TB, path string, spy func(string) error) *Store {
	t.Helper()
	s, err := open(path, disk{segment: 10, spy: spy})
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

// history commits n sales; every third is voided, every fifth void reversed, and some leave tombstones.
func history(t testing.TB, s *Store, from, n int) {
	t.Helper()
	for i := from; i < from+n; i++ {
		r := commit(t, s, fmt.Sprint("sale", i), int64(i%7))
		list := []ledger.Tx{{Key: ledger.Key(fmt.Sprint("void", i)), Undoes: ledger.Key(fmt.Sprint("sale", i)), UndoesSeq: r.Seq}}
		switch {
		case i%15 == 0:
			list = append(list, ledger.Tx{Key: ledger.Key(fmt.Sprint("back", i)), Undoes: list[0].Key, UndoesSeq: r.Seq + 1})
		case i%3 > 0:
			list = nil
		}
		if i%11 == 0 {
			list = append(list, ledger.Tx{Key: ledger.Key(fmt.Sprint("lost", i)), Undoes: ledger.Key(fmt.Sprint("late", i))})
		}
		for _, tx := range list {
			if _, err := s.Commit(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func closed(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSnapshot looks that a start reads the snapshot, and only what is behind it of the batches.
func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	s := small(t, path, nil)
	history(t, s, 0, 200)
	last := s.book.Last()
	closed(t, s)
	s = small(t, path, nil)
	rows, err := number(s.disk.conn, "SELECT count(*) FROM snapshot")
	if err != nil || rows < 3 || s.Notice() != "" || s.book.Last() != last || s.book.Behind() > 0 {
		t.Errorf("%d segments for %d postings, %d behind them, %q, %v", rows, s.book.Last(), s.book.Behind(), s.Notice(), err)
	}
	history(t, s, 200, 2)
	closed(t, s)
	sameWithoutSnapshot(t, path)
}

// TestRandomSnapshots holds a Book that lives off its snapshots, opened again all the time, to the
// reference.
func TestRandomSnapshots(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := &reopening{t: t, open: func(path string) *Store { return small(t, path, nil) }}
			b.Store = b.open(filepath.Join(t.TempDir(), "books.db"))
			ledgertest.Random(t, b, 300+seed, 300)
		})
	}
}

// TestSpoiltSnapshot spoils the snapshot in every way there is: the book is what the batches say, a
// person is told, and the next start has a whole snapshot again.
func TestSpoiltSnapshot(t *testing.T) {
	good := filepath.Join(t.TempDir(), "good.db")
	s := small(t, good, nil)
	history(t, s, 0, 200)
	want := state(t, s)
	closed(t, s)
	middle := "(SELECT first FROM snapshot ORDER BY first LIMIT 1 OFFSET 2)"
	for name, sql := range map[string]string{
		"gone":             "DELETE FROM snapshot",
		"a bit":            "UPDATE snapshot SET state = CAST(substr(state, 1, 40) || x'ff' || substr(state, 42) AS BLOB) WHERE first = " + middle,
		"empty":            "UPDATE snapshot SET state = x'', crc = 0 WHERE first = " + middle,
		"newer":            "UPDATE snapshot SET state = x'7f', crc = 0x7df63b78 WHERE first = " + middle,
		"first one gone":   "DELETE FROM snapshot WHERE first = 1",
		"middle one gone":  "DELETE FROM snapshot WHERE first = " + middle,
		"of other batches": "UPDATE snapshot SET tail = tail + 1 WHERE first = " + middle,
		"ends elsewhere":   "UPDATE snapshot SET last = last + 1 WHERE first = " + middle,
		"swapped":          "UPDATE snapshot SET state = (SELECT state FROM snapshot WHERE first = 1), crc = (SELECT crc FROM snapshot WHERE first = 1) WHERE first = " + middle,
		"ahead of all":     "INSERT INTO snapshot SELECT first + 10000, last + 10000, crc, tail, state FROM snapshot WHERE first = 1",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "books.db")
			shell(t, good, "VACUUM INTO '"+path+"'")
			shell(t, path, sql)
			s := small(t, path, nil)
			if n := s.Notice(); !strings.Contains(n, "snapshot") || !strings.Contains(n, "Nothing is lost, and it comes once") || strings.Contains(n, "another version") != (name == "newer") {
				t.Errorf("nobody is told, or otherwise: %q", n)
			}
			if got := state(t, s); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			closed(t, s)
			s = small(t, path, nil)
			if s.Notice() != "" || s.book.Behind() > 10 {
				t.Errorf("opened again: %d behind the snapshot, %q", s.book.Behind(), s.Notice())
			}
			if got := state(t, s); got != want {
				t.Errorf("opened again: got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestSnapshotNotWritten fails the writing of segments: no sale notices, and nothing is lost.
func TestSnapshotNotWritten(t *testing.T) {
	for _, step := range []string{"before snapshot", "after snapshot"} {
		for at := range 4 {
			path, n := filepath.Join(t.TempDir(), "books.db"), 0
			s := small(t, path, func(name string) error {
				if name == step {
					if n++; n > at {
						return errors.New("broken")
					}
				}
				return nil
			})
			history(t, s, 0, 100)
			want := state(t, s)
			closed(t, s)
			if n != at+1 {
				t.Errorf("%s: tried %d times, want %d and no more", step, n, at+1)
			}
			s = small(t, path, nil)
			if got := state(t, s); got != want {
				t.Errorf("%s %d: got\n%s\nwant\n%s", step, at, got, want)
			}
			closed(t, s)
			sameWithoutSnapshot(t, path)
			shell(t, path, "DELETE FROM snapshot")
			s = small(t, path, func(name string) error {
				if name == step {
					return errors.New("broken")
				}
				return nil
			})
			if !strings.HasSuffix(s.Notice(), "Nothing is lost, but no new snapshot could be written: the next start reads them again") {
				t.Errorf("%s: nobody is told that it will come again: %q", step, s.Notice())
			}
			closed(t, s)
		}
	}
}

// TestDamageBehindSnapshot damages a batch that the snapshot covers: whoever wants a posting of it hears so.
func TestDamageBehindSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	s := small(t, path, nil)
	history(t, s, 1, 100)
	closed(t, s)
	shell(t, path, "UPDATE batch SET events = replace(events, 'sale2', 'sale3') WHERE first <= 2 AND last >= 2; DELETE FROM batch WHERE first = 3")
	s = small(t, path, nil)
	for _, k := range []ledger.Key{"sale2", "sale3"} {
		if p, err := s.Find(t.Context(), k); !errors.Is(err, ErrDamaged) {
			t.Errorf("Find %s: got %+v, %v", k, p, err)
		}
		if r, err := s.Commit(t.Context(), tx(string(k), 2)); !errors.Is(err, ErrDamaged) {
			t.Errorf("Commit %s: got %+v, %v", k, r, err)
		}
	}
	if r := commit(t, s, "sale50", 1); !r.Repeat { // 50 % 7
		t.Errorf("a whole one: got %+v", r)
	}
	commit(t, s, "new", 1)
}

// TestSnapshotNoRoom lets SQLite run out of room for a segment.
func TestSnapshotNoRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	var s *Store
	s = small(t, path, func(step string) error {
		switch step {
		case "before snapshot":
			return run(s.disk.conn, "PRAGMA max_page_count = 1")
		case "before":
			return run(s.disk.conn, "PRAGMA max_page_count = 1000000")
		}
		return nil
	})
	for i := range 1500 { // owners of their own, so that segments are large
		tx := ledger.Tx{Key: ledger.Key(fmt.Sprint(i)), Moves: []ledger.Move{{Reg: ledger.Reg{Kind: ledger.ATC, Owner: fmt.Sprint(i)}, Add: 1}}}
		if _, err := s.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	if !s.cutter.off {
		t.Error("there was room for all segments")
	}
	closed(t, s)
	sameWithoutSnapshot(t, path)
}

// TestMoved takes the file away from under an open ledger: nothing is acknowledged until it is back.
func TestMoved(t *testing.T) {
	t.Run("the file", func(t *testing.T) {
		s := fragile(t, nil)
		commit(t, s, "a", 5)
		away := filepath.Join(t.TempDir(), "away")
		move(t, s.disk.path, away)
		if err := s.SaveTerminal(t.Context(), "mid", "tid", "{}"); !errors.Is(err, errMoved) {
			t.Errorf("a terminal: got %v", err)
		}
		for range 2 {
			if r, err := s.Commit(t.Context(), tx("b", 7)); !errors.Is(err, errMoved) {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		move(t, away, s.disk.path)
		if r := commit(t, s, "b", 7); r.Seq != 2 {
			t.Errorf("back again: got %+v", r)
		}
	})
	t.Run("its WAL", func(t *testing.T) { // which SQLite still has, and brings into the file when it lets go
		s := fragile(t, nil)
		commit(t, s, "a", 5)
		move(t, s.disk.path+"-wal", filepath.Join(t.TempDir(), "away"))
		if r, err := s.Commit(t.Context(), tx("b", 7)); !errors.Is(err, errMoved) {
			t.Fatalf("got %+v, %v", r, err)
		}
		if r := commit(t, s, "b", 7); r.Seq != 2 {
			t.Errorf("again: got %+v", r)
		}
		sameWithoutSnapshot(t, closedCopy(t, s))
	})
	t.Run("an older one", func(t *testing.T) {
		s := fragile(t, nil)
		commit(t, s, "a", 5)
		older := closedCopy(t, s)
		commit(t, s, "b", 5)
		away := filepath.Join(t.TempDir(), "away")
		for _, side := range []string{"", "-wal", "-shm"} {
			move(t, s.disk.path+side, away+side)
		}
		move(t, older, s.disk.path)
		for range 2 {
			if r, err := s.Commit(t.Context(), tx("c", 7)); !errors.Is(err, errMoved) {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
	})
}

// closedCopy copies an open ledger as .backup would.
func closedCopy(t *testing.T, s *Store) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	shell(t, s.disk.path, "VACUUM INTO '"+path+"'")
	return path
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}
