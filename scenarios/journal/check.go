package journal

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"possim/host/wire"
)

// furthestBack is how far a recorder's clock may go back between two lines: threads
// that write side by side change places by less.
const furthestBack = 1.0

// Check reads a journal to its end before anything is played of it. It returns what
// is wrong with its lines, each with its number, at most most of them.
func Check(in io.Reader, d *wire.Dialect, most int) (all []*LineError, err error) {
	r, err := NewReader(in)
	var wrong *LineError
	if errors.As(err, &wrong) {
		return []*LineError{wrong}, nil
	}
	if err != nil {
		return nil, err
	}
	note := func(line int, err error) { all = append(all, &LineError{line, 1, err}) }
	if r.Header.Version < Version {
		note(1, fmt.Errorf("a journal of version %d holds no whole messages of cards: there is nothing to play; record it again", r.Header.Version))
		return all, nil
	}
	if !known(r.Header.Dialect, d) {
		note(1, fmt.Errorf("it was recorded in the dialect %s, and this is %s: say --dialect", r.Header.Dialect, d))
		return all, nil
	}
	last, sent := 0.0, map[int]bool{}
	for len(all) < most {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return all, nil
		case errors.As(err, &wrong):
			all = append(all, wrong)
			continue
		case err != nil:
			return all, err
		case e.World != nil:
			last, sent = 0, map[int]bool{}
		}
		if e.Frame == nil {
			continue
		}
		l := e.Frame
		if l.T < last-furthestBack {
			note(e.Number, fmt.Errorf("the clock goes back by %.3f s: of what waits for time to pass nothing can be played", last-l.T))
		}
		last = l.T
		sent[l.Conn] = sent[l.Conn] || l.FromTerminal()
		if err := playable(l, d); err != nil {
			note(e.Number, err)
		} else if !sent[l.Conn] {
			note(e.Number, fmt.Errorf("an answer on connection %d, on which nothing was sent", l.Conn))
		}
	}
	return all, nil
}

// playable says why a frame cannot be played in a dialect.
func playable(l *Line, d *wire.Dialect) error {
	if l.Hex == nil {
		return nil // it could not be read then, and says so
	}
	var m wire.Message
	frame := l.Frame()
	if _, err := d.Decode(frame, &m); err != nil {
		return fmt.Errorf("the frame is not of the dialect %s: %w; %s", d, err, looksLike(frame, d))
	}
	if string(m.MTI) != l.MTI && l.MTI != "" {
		return fmt.Errorf("the frame is a %s and the line says %q", m.MTI, l.MTI)
	}
	return nil
}

// known reports whether d can be the dialect of a journal: one that ships goes by its
// own name alone.
func known(recorded string, d *wire.Dialect) bool {
	return recorded == d.Name() || !slices.Contains(wire.Names(), recorded) && !slices.Contains(wire.Names(), d.Name())
}
