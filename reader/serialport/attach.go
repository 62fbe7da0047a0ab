package serialport

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"possim/reader"
)

// AttachOptions is the world of an Attached reader.
type AttachOptions struct {
	// Sleep waits for d or until ctx ends, and then returns ctx's error. Required.
	Sleep func(ctx context.Context, d time.Duration) error
	// Every is the time between two tries to open the port; half a second if zero.
	Every time.Duration
	// Wait makes Attach succeed without the port and wait for it in Next. Otherwise
	// a port that cannot be opened at first is an error.
	Wait bool
	// Event is told when the port comes and goes, and when one that is there cannot
	// be opened.
	Event func(Event)
	// Note is what Open's note is.
	Note func(string)
	// Dev is where the system keeps its devices, for the names that last across a
	// replug; /dev if empty.
	Dev string

	opened func(*Reader) // of tests: told of each port before anything is read of it
}

// Event is a change of an Attached reader's port.
type Event struct {
	Path     string
	Real     string // once attached: the device behind the path
	Attached bool
	Err      error // while not attached: why the port does not open, if it is there
}

// String says it in a line for the person at the reader.
func (e Event) String() string {
	switch {
	case e.Attached && e.Real != "" && e.Real != e.Path:
		return e.Path + " is attached (" + e.Real + ")"
	case e.Attached:
		return e.Path + " is attached"
	case e.Err == nil:
		return e.Path + " is gone: waiting for it to come back"
	case errors.Is(e.Err, ErrNoPort):
		return e.Path + " is not there: waiting for it"
	}
	return e.Err.Error()
}

// Attached is a reader.Reader that opens its port again when it went away: by the name
// that Lasting knew for it while it was there.
type Attached struct {
	config Config
	o      AttachOptions

	turn    sync.Mutex // held by the one Next that runs, for what follows
	trouble string     // why the port did not open the last time
	tries   int        // how often in a row it was that

	mu     sync.Mutex // guards what follows
	port   *Reader
	closed bool
	wake   context.CancelFunc // ends the sleep of the Next that waits for the port
}

// Attach opens the port and keeps it across unplug and replug.
func Attach(c Config, o AttachOptions) (*Attached, error) {
	if o.Every <= 0 {
		o.Every = 500 * time.Millisecond
	}
	if o.Event == nil {
		o.Event = func(Event) {}
	}
	if o.Dev == "" {
		o.Dev = "/dev"
	}
	a := &Attached{config: c, o: o}
	err := a.open()
	switch {
	case err == nil:
	case !o.Wait || !errors.Is(err, ErrOpen):
		return nil, err
	default:
		o.Event(Event{Path: c.Path, Err: err})
		a.trouble, a.tries = err.Error(), 2
	}
	return a, nil
}

// Next implements reader.Reader. It never returns reader.ErrGone: it waits until
// the port is back.
func (a *Attached) Next(ctx context.Context, ask reader.Ask) (reader.Presentation, error) {
	a.turn.Lock()
	defer a.turn.Unlock()
	ctx2, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		port, err := a.current(cancel)
		switch {
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case port == nil:
			a.comeBack(ctx2)
			continue
		}
		p, err := port.Next(ctx, ask)
		if !errors.Is(err, reader.ErrGone) {
			return p, err
		}
		a.drop(port)
	}
}

// current returns the open port, or nil while there is none.
func (a *Attached) current(wake context.CancelFunc) (*Reader, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, reader.ErrClosed
	}
	a.wake = wake
	return a.port, nil
}

// comeBack tries to open the port, and sleeps when it cannot.
func (a *Attached) comeBack(ctx context.Context) {
	if err := a.open(); err != nil {
		a.tell(err)
		_ = a.o.Sleep(ctx, a.o.Every) // its error is ctx's, which Next looks at
	}
}

// open tries once, and tells of success.
func (a *Attached) open() error {
	port, err := Open(a.config, a.o.Note)
	if err != nil {
		return err
	}
	if a.o.opened != nil {
		a.o.opened(port)
	}
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return port.Close()
	}
	a.port = port
	a.mu.Unlock()
	a.config.Path = Lasting(a.o.Dev, a.config.Path)
	a.trouble, a.tries = "", 0
	real, _ := filepath.EvalSymlinks(a.config.Path)
	a.o.Event(Event{Path: a.config.Path, Real: real, Attached: true})
	return nil
}

// tell passes a trouble on once, and only when it was met twice in a row: a port
// that is just being plugged in belongs to root for a moment.
func (a *Attached) tell(err error) {
	if text := err.Error(); text != a.trouble {
		a.trouble, a.tries = text, 0
	}
	if a.tries++; a.tries == 2 && !errors.Is(err, ErrNoPort) {
		a.o.Event(Event{Path: a.config.Path, Err: err})
	}
}

// drop lets a port go that went away.
func (a *Attached) drop(port *Reader) {
	port.Close()
	a.mu.Lock()
	a.port = nil
	closed := a.closed
	a.mu.Unlock()
	if !closed {
		a.o.Event(Event{Path: a.config.Path})
	}
}

// Close implements reader.Reader.
func (a *Attached) Close() error {
	a.mu.Lock()
	port, wake := a.port, a.wake
	a.closed = true
	a.mu.Unlock()
	if wake != nil {
		wake()
	}
	if port == nil {
		return nil
	}
	return port.Close()
}
