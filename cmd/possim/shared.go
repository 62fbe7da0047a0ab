package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"possim/host/hsm"
	"possim/host/postgres"
)

// answerIn is how long the database has for one call: a terminal waits no longer for all of an answer.
const answerIn = 10 * time.Second

// shared reports whether --db names a database that other hosts may use too.
func shared(db string) bool {
	return strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "postgresql://")
}

// openShared opens the books in PostgreSQL.
func (s *serve) openShared(ctx context.Context) (*books, error) {
	master, err := s.master(s.keyFile)
	if err != nil {
		return nil, err
	}
	if master.Zero() {
		return nil, usage("--db %s...: what hosts share is under a key: give each host the same master key, --key-file or $%s", "postgres://", masterVariable)
	}
	limit := func(ctx context.Context) (context.Context, context.CancelFunc) {
		return context.WithTimeout(ctx, answerIn)
	}
	store, err := postgres.Open(ctx, s.db, postgres.Options{Sleep: s.sleep, Limit: limit})
	if errors.Is(err, postgres.ErrURL) {
		return nil, usage("--db: %w", err)
	}
	if err != nil {
		return nil, badWorld(err)
	}
	key, err := sharedKey(ctx, store, master)
	if err != nil {
		return nil, badWorld(errors.Join(err, store.Close()))
	}
	return &books{Book: store, terminals: store, key: key, close: store.Close, where: "in " + store.String()}, nil
}

// sharedKey is the key that names cards in shared books. The first host makes it; it is kept with the
// books, wrapped, so that a copy of them alone cannot be searched for card numbers.
func sharedKey(ctx context.Context, store *postgres.Store, master hsm.Key) ([]byte, error) {
	const name = "token-key"
	fresh, err := hsm.MakeKey(hsm.AES, keyBytes, randomness)
	if err != nil {
		return nil, err
	}
	wrapped, err := hsm.Wrap(master, fresh, "books", name)
	if err != nil {
		return nil, err
	}
	kept, err := store.Settle(ctx, name, wrapped)
	if err != nil {
		return nil, err
	}
	key, err := hsm.Unwrap(master, kept, "books", name)
	if err != nil {
		return nil, fmt.Errorf("%s: its books were begun under another master key: give the one that the other hosts have: %w", store, err)
	}
	return key.Reveal(), nil
}
