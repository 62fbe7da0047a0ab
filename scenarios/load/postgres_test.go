//go:build unix

package load_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"possim/host/postgres"
	"possim/host/postgres/pgtest"
)

// BenchmarkWholePathPostgres is BenchmarkWholePath over a PostgreSQL on the same machine, that flushes:
// over a thousand cards, and over one that all terminals press on.
func BenchmarkWholePathPostgres(b *testing.B) {
	server, err := pgtest.Start("fsync = on")
	if errors.Is(err, pgtest.ErrAbsent) {
		b.Skip(err)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { server.Stop() })
	for name, of := range map[string]int{"cold/64": 1000, "hot/64": 1} {
		b.Run(name, func(b *testing.B) {
			p := newPathOver(b, 64, openPostgres(b, server, "path"+name[:3]))
			for _, l := range p.tills {
				l.cards = l.cards[:of]
			}
			p.bench(b, (*path).light)
		})
	}
}

func openPostgres(b *testing.B, server *pgtest.Server, database string) *postgres.Store {
	url := server.URL(database)
	if err := server.SQL("postgres", "DROP DATABASE IF EXISTS "+database); err != nil {
		b.Fatal(err)
	}
	if _, err := server.Create(database); err != nil {
		b.Fatal(err)
	}
	store, err := postgres.Open(context.Background(), url, postgres.Options{Sleep: func(_ context.Context, d time.Duration) error {
		time.Sleep(d)
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	return store
}
