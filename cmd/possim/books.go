package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/sqlite"
)

// keyBytes is the length of the key that makes the tokens of cards.
const keyBytes = 32

// books is where the host keeps its ledger, with the key that names cards in it.
type books struct {
	ledger.Book
	terminals registry.Store // nil forgets terminals' sessions
	key       []byte
	where     string // for people
	close     func() error
}

// openBooks opens the ledger that --db names, or one in memory.
func (s *serve) openBooks(ctx context.Context) (*books, error) {
	if s.db == "" {
		return &books{
			Book: ledger.NewMemory(), key: newKey(), close: func() error { return nil },
			where: "in memory: they end with this process; --db FILE keeps them",
		}, nil
	}
	if shared(s.db) {
		return s.openShared(ctx)
	}
	store, err := sqlite.Open(s.db)
	if err != nil {
		return nil, badWorld(err)
	}
	key, err := tokenKey(ctx, s.db+".key", store)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	if notice := store.Notice(); notice != "" {
		fmt.Fprintf(s.stderr, "%s: %s\n", s.db, notice)
	}
	return &books{Book: store, terminals: store, key: key, close: store.Close, where: "in " + s.db}, nil
}

func newKey() []byte {
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails
	return key
}

// tokenKey reads the key that belongs to a ledger, from a file beside it so that a
// copy of the ledger alone cannot be searched for card numbers. A new ledger gets a
// new one; under another key than its own every card of an old one would be a
// stranger with a full account.
func tokenKey(ctx context.Context, path string, book ledger.Book) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		for _, err := range book.Postings(ctx, 0) {
			if err != nil {
				return nil, badWorld(err)
			}
			return nil, badWorld(fmt.Errorf("%s is missing: it names the cards in these books; put it back, or begin new books", path))
		}
		key := newKey()
		if err := replaceFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
			return nil, badWorld(err)
		}
		return key, nil
	}
	if err != nil {
		return nil, badWorld(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != keyBytes {
		return nil, badFile(fmt.Errorf("%s:1:1: want %d hexadecimal digits: it names the cards in the books beside it", path, 2*keyBytes))
	}
	return key, nil
}
