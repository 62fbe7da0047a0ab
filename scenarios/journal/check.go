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

// Survey is what is known of a journal that was read to its end.
type Survey struct {
	// Problems is what is wrong with its lines, each with its number.
	Problems []*LineError
	// Last is the line of the last frame of each connection, outside of scenarios.
	Last map[int32]uint32
}

// Check reads a journal to its end before anything is played of it, line by line. It
// notes at most so many problems, and ends at the last of them.
func Check(in io.Reader, d *wire.Dialect, most int) (Survey, error) {
	c := checker{dialect: d, sent: map[int]bool{}, begun: map[string]bool{}}
	r, err := NewReader(in)
	var wrong *LineError
	if errors.As(err, &wrong) {
		return Survey{Problems: []*LineError{wrong}}, nil
	}
	if err != nil {
		return Survey{}, err
	}
	if r.Header.Version < Version {
		c.note(1, fmt.Errorf("a journal of version %d holds no whole messages of cards: there is nothing to play; record it again", r.Header.Version))
		return c.Survey, nil
	}
	if !known(r.Header.Dialect, d) {
		c.note(1, fmt.Errorf("it was recorded in the dialect %s, and this is %s: say --dialect", r.Header.Dialect, d))
		return c.Survey, nil
	}
	c.Last = map[int32]uint32{}
	for len(c.Problems) < most {
		e, err := r.Next()
		switch {
		case err == io.EOF:
			return c.Survey, nil
		case errors.As(err, &wrong):
			c.Problems = append(c.Problems, wrong)
			continue
		case err != nil:
			return c.Survey, err
		}
		c.entry(e)
	}
	return c.Survey, nil
}

// checker is one reading of a journal.
type checker struct {
	Survey
	dialect *wire.Dialect
	t       float64         // of the last frame
	sent    map[int]bool    // connections on which a terminal has sent
	begun   map[string]bool // terminals that have
	worlds  int
	message wire.Message
}

func (c *checker) note(line int, err error) {
	c.Problems = append(c.Problems, &LineError{line, 1, err})
}

// entry looks at one line.
func (c *checker) entry(e Entry) {
	if e.World != nil {
		c.t, c.sent, c.begun = 0, map[int]bool{}, map[string]bool{}
		c.worlds++
	}
	l := e.Frame
	if l == nil {
		return
	}
	if l.T < c.t-furthestBack {
		c.note(e.Number, fmt.Errorf("the clock goes back by %.3f s: of what waits for time to pass nothing can be played", c.t-l.T))
	}
	c.t = l.T
	if c.worlds == 0 {
		c.Last[int32(l.Conn)] = uint32(e.Number)
	}
	c.message = wire.Message{}
	err := c.playable(l)
	of := c.message.MID + c.message.TID
	switch {
	case l.FromTerminal() && (!c.sent[l.Conn] || !c.begun[of]):
		c.sent[l.Conn], c.begun[of] = true, true
	case err == nil && l.Hex != nil && !c.sent[l.Conn] && (c.begun[of] || c.worlds > 0):
		err = fmt.Errorf("an answer on connection %d, on which nothing was sent", l.Conn)
	}
	if err != nil {
		c.note(e.Number, err)
	}
}

// playable says why a frame cannot be played in a dialect.
func (c *checker) playable(l *Line) error {
	if l.Hex == nil {
		return nil // it could not be read then, and says so
	}
	frame := l.Frame()
	if _, err := c.dialect.Decode(frame, &c.message); err != nil {
		return fmt.Errorf("the frame is not of the dialect %s: %w; %s", c.dialect, err, looksLike(frame, c.dialect))
	}
	if mti := string(c.message.MTI); mti != l.MTI && l.MTI != "" {
		return fmt.Errorf("the frame is a %s and the line says %q", mti, l.MTI)
	}
	return nil
}

// known reports whether d can be the dialect of a journal: one that ships goes by its
// own name alone.
func known(recorded string, d *wire.Dialect) bool {
	return recorded == d.Name() || !slices.Contains(wire.Names(), recorded) && !slices.Contains(wire.Names(), d.Name())
}
