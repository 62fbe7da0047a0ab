package main

import (
	"context"
	"errors"
	"os"
	"sync"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// recorder writes a journal of what the host's connections carry.
type recorder struct {
	mu   sync.Mutex // connections are served side by side
	file *os.File
	tap  *journal.Tap
	book *journal.Writer
}

// recorder begins the journal of --record.
func (s *serve) recorder(dialect *wire.Dialect) (*recorder, error) {
	file, err := os.OpenFile(s.record, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, badWorld(err)
	}
	r := &recorder{file: file, book: journal.NewWriter(file, s.now())}
	r.tap = &journal.Tap{Now: s.now, Dialect: dialect, On: r.hear}
	r.book.Header(dialect.Name(), 0)
	return r, nil
}

// hear writes down one frame. A journal's directions are the terminal's: what the
// host sends has reached it.
func (r *recorder) hear(e journal.Event) {
	e.Out = !e.Out
	r.mu.Lock()
	defer r.mu.Unlock()
	r.book.Event(e)
}

// wrap puts the recorder on one connection.
func (r *recorder) wrap(link wire.Link) wire.Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	tapped, err := r.tap.Dial(func(context.Context) (wire.Link, error) { return link, nil })(context.Background())
	if err != nil {
		return link
	}
	return tapped
}

func (r *recorder) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.book.Err(), r.file.Close())
}
