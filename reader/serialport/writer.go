package serialport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"possim/reader"
	"possim/reader/protocol"
)

// ErrNoAnswer is of a writer that says nothing to a command that it should answer at once.
var ErrNoAnswer = errors.New("the writer does not answer: is it an MSR605, MSR606 or MSR206, at 9600 baud?")

// Writer is an open port with a writer of the MSR206 family.
type Writer struct {
	r      Reader // its port, lock and loop
	turn   sync.Mutex
	writer protocol.Writer
}

// OpenWriter opens the port of a writer, resets it, and makes sure that it answers. The
// error is an *OpenError, a *URLError of another protocol, or ErrNoAnswer.
func OpenWriter(ctx context.Context, c Config) (*Writer, error) {
	if c.Protocol != "msr605" && c.Protocol != "msr206" {
		return nil, &URLError{"protocol", fmt.Sprintf("readers of protocol %s do not write: want msr605 or msr206", c.Protocol)}
	}
	r, err := Open(c, nil)
	if err != nil {
		return nil, err
	}
	w := &Writer{r: Reader{config: c, note: r.note, port: r.port, unlock: r.unlock, parser: r.parser}}
	if _, err := w.Do(ctx, protocol.WriterTest()); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// Do has the writer carry a command out, and waits for its answer: for a card until ctx
// ends, and else for a second. A writer that refuses is an error, as is one that is gone.
func (w *Writer) Do(ctx context.Context, c protocol.WriterCommand) (protocol.WriterAnswer, error) {
	w.turn.Lock()
	defer w.turn.Unlock()
	w.r.say(w.writer.Begin(c))
	for idle := 0; c.Answered(); {
		switch {
		case w.r.closed.Load():
			return protocol.WriterAnswer{}, reader.ErrClosed
		case w.r.gone:
			return protocol.WriterAnswer{}, w.r.errGone()
		case ctx.Err() != nil:
			w.r.say(w.writer.Begin(protocol.WriterReset())) // not to write the next card that comes
			return protocol.WriterAnswer{}, ctx.Err()
		case !c.Card && idle >= idleHalf:
			return protocol.WriterAnswer{}, fmt.Errorf("%s: %s: %w", w.r.config.Path, c.Name, ErrNoAnswer)
		}
		n, err := w.r.port.Read(w.r.buffer[:])
		if n > 0 {
			idle = 0
			if a, answered := w.writer.Feed(w.r.buffer[:n]); answered {
				return a, a.Err
			}
			continue
		}
		idle++
		if err != nil && !errors.Is(err, io.EOF) || !w.r.alive() {
			w.r.hangUp()
		}
	}
	return protocol.WriterAnswer{}, nil
}

// Close resets the writer and closes the port.
func (w *Writer) Close() error {
	if w.r.closed.Swap(true) {
		return nil
	}
	w.turn.Lock()
	defer w.turn.Unlock()
	if w.r.port != nil {
		w.r.say(w.writer.Begin(protocol.WriterReset()))
	}
	return w.r.release()
}
