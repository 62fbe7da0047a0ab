package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// taping are the flags of a command that records.
type taping struct {
	file   string
	redact bool
}

func (r *taping) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.file, "record", "", "write a journal of every frame to this file, redacted (see possim replay)")
	f.BoolVar(&r.redact, "redact", false, "with --record: take real cards too, and write other numbers in their place")
}

// recorder writes a journal of what connections carry.
type recorder struct {
	now  func() time.Time
	mu   sync.Mutex // connections are served side by side
	file *os.File
	book *journal.Writer
	last int   // number of the last connection
	said error // why nothing more is recorded
	// stop is called once when nothing more can be recorded.
	stop func(error)
}

// recorder begins the journal of --record. An existing file is replaced.
func (a *app) recorder(r taping, dialect *wire.Dialect, s *sealing) (*recorder, error) {
	keys, err := s.verifying()
	if err != nil {
		return nil, err
	}
	redact, err := journal.NewRedactor(randomness, r.redact)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(r.file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, badWorld(err)
	}
	out := &recorder{now: a.now, file: file, stop: func(err error) { fmt.Fprintf(a.stderr, "possim: %s: %v\n", r.file, err) }}
	keys.Dialect, keys.Redact, keys.Start = dialect, redact, a.now()
	out.book = journal.NewWriter(file, keys)
	out.book.Header()
	return out, nil
}

// verifying is what a journal's writer needs to verify MACs.
func (s *sealing) verifying() (c journal.Config, err error) {
	c.Tool = tool()
	if c.TMK, err = s.key(); err != nil {
		return c, err
	}
	if c.Method, err = s.method(); err != nil {
		return c, err
	}
	dukpt, err := s.derived()
	if err == nil && dukpt.ksn == nil { // one terminal's initial key verifies nothing here
		c.BDK = dukpt.key
	}
	return c, err
}

// tool is how a journal names this program.
func tool() string { return "possim " + version() }

// hear writes down one frame, at the time it is written: the lines of side by side
// connections are in the order of their times.
func (r *recorder) hear(conn int, fromTerminal bool, frame []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.book.Frame(r.now(), conn, fromTerminal, frame); err != nil && r.said == nil {
		r.said = err
		r.stop(err)
	}
}

// next numbers a connection.
func (r *recorder) next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	return r.last
}

// wrap puts the recorder on one connection of a host: what it receives left the
// terminal.
func (r *recorder) wrap(link wire.Link) wire.Link {
	return &recorded{Link: link, recorder: r, conn: r.next()}
}

// dial puts the recorder on the connections of a terminal.
func (r *recorder) dial(next wire.Dialer) wire.Dialer {
	return func(ctx context.Context) (wire.Link, error) {
		link, err := next(ctx)
		if err != nil {
			return nil, err
		}
		return &recorded{Link: link, recorder: r, conn: r.next(), terminal: true}, nil
	}
}

// recorded is a link with a recorder on it.
type recorded struct {
	wire.Link
	recorder *recorder
	conn     int
	terminal bool // it is the terminal's end
}

// Send implements wire.Link.
func (l *recorded) Send(ctx context.Context, frame []byte) error {
	err := l.Link.Send(ctx, frame)
	if !errors.Is(err, wire.ErrNotSent) {
		l.recorder.hear(l.conn, l.terminal, frame)
	}
	return err
}

// Receive implements wire.Link.
func (l *recorded) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	frame, err := l.Link.Receive(ctx, wait)
	if err == nil {
		l.recorder.hear(l.conn, !l.terminal, frame)
	}
	return frame, err
}

// close ends the journal. A recording that a real card stopped has failed.
func (r *recorder) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := errors.Join(r.file.Sync(), r.file.Close())
	var real *journal.RealCardError
	switch said := r.book.Err(); {
	case errors.As(said, &real):
		return exitError{code: exitFailed} // stop said it
	case said != nil:
		return badWorld(fmt.Errorf("%s: %w", r.file.Name(), said))
	case err != nil:
		return badWorld(err)
	}
	return nil
}
