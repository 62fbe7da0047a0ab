package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"possim/host/ledger"

	driver "zombiezen.com/go/sqlite"
)

// fragile opens a ledger whose writes fail when spy says so.
func fragile(t *testing.T, spy func(step string) error) *Store {
	t.Helper()
	s, err := open(filepath.Join(t.TempDir(), "books.db"), disk{spy: spy})
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

// TestFailedWrite fails a write before and after it happened: the Commit is an error, the book then
// holds what the file holds, and the repeated Commit is posted once.
func TestFailedWrite(t *testing.T) {
	for _, step := range []string{"before", "after"} {
		t.Run(step, func(t *testing.T) {
			broken := errors.New("broken")
			var fail error
			s := fragile(t, func(name string) error {
				if name == step {
					return fail
				}
				return nil
			})
			commit(t, s, "a", 5)
			fail = broken
			if r, err := s.Commit(t.Context(), tx("b", 7)); !errors.Is(err, broken) || r.Seq != 0 {
				t.Fatalf("got %+v, %v, want %v", r, err, broken)
			}
			want := int64(5)
			if step == "after" {
				want = 12 // it is in the file, only the writer did not learn of it
			}
			if got, err := s.Read(t.Context(), shop); err != nil || got[0] != want {
				t.Errorf("got %v, %v, want %d", got, err, want)
			}
			fail = nil
			if r := commit(t, s, "b", 7); r.Seq != 2 || r.Repeat != (step == "after") {
				t.Errorf("the repeat: got %+v", r)
			}
			if got, err := s.Read(t.Context(), shop); err != nil || got[0] != 12 {
				t.Errorf("got %v, %v, want 12", got, err)
			}
		})
	}
}

// TestDiskFull makes SQLite itself run out of room.
func TestDiskFull(t *testing.T) {
	s := fragile(t, nil)
	commit(t, s, "a", 5)
	if err := run(s.disk.conn, "PRAGMA max_page_count = 1"); err != nil {
		t.Fatal(err)
	}
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		_, err = s.Commit(t.Context(), tx(fmt.Sprint("k", n), 1))
	}
	if driver.ErrCode(err).ToPrimary() != driver.ResultFull || !strings.Contains(err.Error(), "make room") {
		t.Fatalf("got %v, want SQLITE_FULL and what to do", err)
	}
	posted := int64(5 + n - 1)
	if got, err := s.Read(t.Context(), shop); err != nil || got[0] != posted {
		t.Errorf("got %v, %v, want %d", got, err, posted)
	}
	if r := commit(t, s, fmt.Sprint("k", n-1), 1); r.Repeat { // the new connection has room again
		t.Errorf("the failed transaction was posted: %+v", r)
	}
}

// TestFileLocked lets another program hold the write lock, then let go.
func TestFileLocked(t *testing.T) {
	s := fragile(t, nil)
	commit(t, s, "a", 5)
	other, err := driver.OpenConn(s.disk.path, driver.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := run(other, "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := s.Commit(t.Context(), tx("b", 7)); driver.ErrCode(err).ToPrimary() != driver.ResultBusy {
			t.Fatalf("got %v, want SQLITE_BUSY", err)
		}
	}
	if err := run(other, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if r := commit(t, s, "b", 7); r.Repeat || r.Seq != 2 {
		t.Errorf("got %+v", r)
	}
}

// TestForeignWriter lets another program write a row of its own behind the book's back.
func TestForeignWriter(t *testing.T) {
	s := fragile(t, nil)
	commit(t, s, "a", 5)
	shell(t, s.disk.path, "INSERT INTO batch VALUES (2, 2, 0, '[]')")
	for range 2 {
		if _, err := s.Commit(t.Context(), tx("b", 7)); err == nil {
			t.Fatal("got no error")
		}
	}
	if _, err := s.Read(t.Context(), shop); !errors.Is(err, ErrDamaged) {
		t.Errorf("Read: got %v, want ErrDamaged", err)
	}
	shell(t, s.disk.path, "DELETE FROM batch WHERE first = 2")
	commit(t, s, "b", 7)
}

// waiting is a context that tells when somebody begins to wait on it.
type waiting struct {
	context.Context
	begun chan struct{}
	once  sync.Once
}

func (w *waiting) Done() <-chan struct{} {
	w.once.Do(func() { close(w.begun) })
	return w.Context.Done()
}

// TestNothingLeavesBeforeItIsDurable holds a write up: who asks for what it carries must wait, and
// hears of its failure.
func TestNothingLeavesBeforeItIsDurable(t *testing.T) {
	for _, fail := range []error{nil, errors.New("broken")} {
		writing, goOn := make(chan bool), make(chan bool)
		var once sync.Once
		s := fragile(t, func(step string) (err error) {
			if step == "before" {
				once.Do(func() { writing <- true; <-goOn; err = fail })
			}
			return err
		})
		told := make(chan error, 5)
		go func() { _, err := s.Commit(t.Context(), tx("a", 5)); told <- err }()
		<-writing
		if _, err := s.Find(t.Context(), "other"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("Find of what is not being written: got %v", err)
		}
		for _, ask := range []func(context.Context) error{
			func(ctx context.Context) error { _, err := s.Find(ctx, "a"); return err },
			func(ctx context.Context) error { _, err := s.Read(ctx, shop); return err },
			func(ctx context.Context) (err error) {
				for _, err = range s.Postings(ctx, 0) {
				}
				return err
			},
			func(ctx context.Context) (err error) { // it may undo what is held
				for _, err = range s.PostingsOf(ctx, 0, ledger.Hold) {
				}
				return err
			},
		} {
			w := &waiting{Context: t.Context(), begun: make(chan struct{})}
			go func() { told <- ask(w) }()
			select {
			case <-w.begun:
			case err := <-told:
				t.Errorf("told before it was durable: %v", err)
				told <- fail
			}
		}
		close(goOn)
		for range 5 {
			if err := <-told; !errors.Is(err, fail) {
				t.Errorf("got %v, want %v", err, fail)
			}
		}
	}
}

// TestOneBatch lets a sale, its repeat, its void and the void's repeat become durable together: each
// finds the ones before it, which are in no file yet.
func TestOneBatch(t *testing.T) {
	writing, goOn := make(chan bool), make(chan bool)
	var once sync.Once
	s := fragile(t, func(step string) error {
		if step == "before" {
			once.Do(func() { writing <- true; <-goOn })
		}
		return nil
	})
	first := make(chan error)
	go func() { _, err := s.Commit(t.Context(), tx("first", 5)); first <- err }()
	<-writing
	void := ledger.Tx{Key: "void", Undoes: "sale", UndoesSeq: 2}
	queued := &waiting{Context: t.Context(), begun: make(chan struct{})} // it waits once all are in the queue
	go func() { <-queued.begun; close(goOn) }()
	results, err := s.CommitAll(queued, []ledger.Tx{tx("sale", 5), tx("sale", 5), void, void, {Key: "again", Undoes: "sale", UndoesSeq: 2}})
	if err := errors.Join(err, <-first); err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, r := range results {
		got += fmt.Sprintln(r.Seq, r.Repeat, r.Undo, r.Refused)
	}
	want := "2 false  \n2 true  \n3 false undone \n3 true undone \n4 false already \n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if n, err := number(s.disk.conn, "SELECT count(*) FROM batch"); err != nil || n != 2 {
		t.Errorf("%d batches, %v, want 2", n, err)
	}
	if got, err := s.Read(t.Context(), shop); err != nil || got[0] != 5 {
		t.Errorf("got %v, %v, want 5", got, err)
	}
}

// TestGivenUp leaves a Commit before it is done: its outcome is unknown, and a repeat finds it out.
func TestGivenUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := fragile(t, func(step string) error {
		if step == "before" {
			cancel()
			<-t.Context().Done() // held up until the test is over
		}
		return nil
	})
	_, err := s.Commit(ctx, tx("a", 5))
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "repeat") {
		t.Errorf("got %v", err)
	}
}
