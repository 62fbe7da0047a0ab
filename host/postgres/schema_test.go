//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"possim/host/ledger"
)

// TestSchemaRefused opens what is not ours, and looks that it stays as it is.
func TestSchemaRefused(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want error
	}{
		"newer":   {"CREATE SCHEMA possim; CREATE TABLE possim.version AS SELECT 99 AS version", ErrNewer},
		"foreign": {"CREATE SCHEMA possim; CREATE TABLE possim.posting (x int)", ErrForeign},
	} {
		t.Run(name, func(t *testing.T) {
			database, url := newDatabase(t)
			if err := server.SQL(database, c.sql); err != nil {
				t.Fatal(err)
			}
			const tables = "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'possim'"
			before, err := server.Ask(database, tables)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), url, world); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if after, err := server.Ask(database, tables); err != nil || after != before {
				t.Errorf("it has %s tables now and had %s, %v", after, before, err)
			}
		})
	}
	t.Run("encoding", func(t *testing.T) {
		needServer(t)
		latin := fmt.Sprint("latin", databases.Add(1))
		if err := server.SQL("postgres", "CREATE DATABASE "+latin+" ENCODING 'LATIN1' TEMPLATE template0"); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), server.URL(latin), world); !errors.Is(err, ErrForeign) {
			t.Errorf("got %v, want %v", err, ErrForeign)
		}
	})
}

// TestManyOpen has several hosts begin with one new database at once.
func TestManyOpen(t *testing.T) {
	_, url := newDatabase(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s, err := Open(t.Context(), url, world)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if r, err := s.Commit(t.Context(), ledger.Tx{Key: "same"}); err != nil || r.Seq != 1 {
				t.Errorf("%d: got %+v, %v", i, r, err)
			}
		}()
	}
	wg.Wait()
}

// TestClosed looks that a Store that is closed says so.
func TestClosed(t *testing.T) {
	_, url := newDatabase(t)
	s := mustOpen(t, url)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	_, err1 := s.Commit(t.Context(), ledger.Tx{Key: "k"})
	_, err2 := s.Find(t.Context(), "k")
	if !errors.Is(err1, ErrClosed) || !errors.Is(err2, ErrClosed) {
		t.Errorf("got %v, %v", err1, err2)
	}
}

// TestOwner opens books as somebody who owns the database and no more, and who set it up to forget.
func TestOwner(t *testing.T) {
	needServer(t)
	n := databases.Add(1)
	owned, clerk := fmt.Sprint("owned", n), fmt.Sprint("clerk", n)
	for _, q := range []string{
		"CREATE ROLE " + clerk + " LOGIN", "CREATE DATABASE " + owned + " OWNER " + clerk,
		"ALTER DATABASE " + owned + " SET synchronous_commit = off", "ALTER DATABASE " + owned + " SET default_transaction_isolation = 'serializable'",
	} {
		if err := server.SQL("postgres", q); err != nil {
			t.Fatal(err)
		}
	}
	url := strings.Replace(server.URL(owned), "user=postgres", "user="+clerk, 1)
	s := mustOpen(t, url)
	p := startPress(t, 8, s, mustOpen(t, url))
	p.await(t, 300)
	p.end(t, s)
	conn, err := connect(t.Context(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	got := conn.ExecParams(t.Context(), "SELECT current_setting('synchronous_commit') || ' ' || current_setting('transaction_isolation')", nil, nil, nil, nil).Read()
	if got.Err != nil || string(got.Rows[0][0]) != "on read committed" {
		t.Errorf("got %q, %v", got.Rows, got.Err)
	}
}
