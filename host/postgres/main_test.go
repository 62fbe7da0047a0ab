//go:build unix

package postgres

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
	"possim/host/postgres/pgtest"
)

// server is the one that all tests of this package share; each has a database of its own.
var server struct {
	once sync.Once
	*pgtest.Server
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if server.Server != nil {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// needServer starts the server, or skips the test by name. Where CI says so, a skip is a failure.
func needServer(t testing.TB) *pgtest.Server {
	t.Helper()
	server.once.Do(func() { server.Server, server.err = pgtest.Start() })
	if server.err != nil {
		absent(t, server.err)
	}
	return server.Server
}

func absent(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%v, and CI may not skip %s", err, t.Name())
	}
	t.Skip(err)
}

var databases atomic.Int64

// newDatabase makes an empty database and returns its name.
func newDatabase(t testing.TB) (name, url string) {
	t.Helper()
	s := needServer(t)
	name = fmt.Sprint("t", databases.Add(1))
	url, err := s.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	return name, url
}

// world is what a Store in these tests waits in: no longer than it must.
var world = Options{
	Sleep: func(ctx context.Context, d time.Duration) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	},
	Limit: func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, 30*time.Second)
	},
}

func mustOpen(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, world)
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

func newStore(t *testing.T) ledger.Book {
	_, url := newDatabase(t)
	return mustOpen(t, url)
}

func TestConformance(t *testing.T) { ledgertest.Run(t, newStore) }

// TestRandom adds seeds to the suite: what a function in the database and a reference in Go must agree on.
func TestRandom(t *testing.T) {
	for seed := uint64(100); seed < 103; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { ledgertest.Random(t, newStore(t), seed, 300) })
	}
}

// TestPlaceHidesPassword: what is said of a Store goes into logs.
func TestPlaceHidesPassword(t *testing.T) {
	for _, url := range []string{"postgres://me:hunter2@nowhere.invalid/books", "postgres://me:hunter2@nowhere.invalid:70000/books", "postgres://me:hunter2@%zz/books"} {
		_, err := Open(t.Context(), url, Options{})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v", err)
		}
	}
}
