package keyboard

import (
	"fmt"
	"time"

	"possim/reader/protocol"
)

// Typed is one character, and when its key was pressed.
type Typed struct {
	Char rune
	At   time.Time
}

const (
	// maxLine bounds a line: three tracks of 140 characters, which is all that a
	// reader's buffer of 704 bits a track holds, and what may stand around them.
	maxLine = 512
	// leastLine is the shortest line that is looked at: ;E? is what a reader says of a
	// track it could not read.
	leastLine = 3
	// leastNoise is the shortest line without a track that is spoken of.
	leastNoise = 8
	// mostNoise is how many of them are spoken of between two swipes.
	mostNoise = 5
	// leastSettle and mostSettle bound how long a further line of tracks is waited for.
	leastSettle = 10 * time.Millisecond
	mostSettle  = 150 * time.Millisecond
)

// typist sorts what is typed into swipes, a person's typing, and noise.
type typist struct {
	o     Options
	know  *recogniser
	wedge *protocol.Wedge

	line        []rune
	count       int // characters of the line, those that were too many included
	first, last time.Time
	pace        time.Duration // between two characters of the last line that was a reader's

	hand    int      // characters typed by hand since the last note or swipe
	noise   int      // lines without a track since the last swipe
	told    bool     // of a person's typing
	mapping *mapping // told of last
}

func newTypist(o Options) *typist {
	return &typist{o: o, know: newRecogniser(o.Layout, o.Likely, o.Keys), wedge: protocol.NewWedge()}
}

// take adds a character.
func (t *typist) take(c Typed) []protocol.Event {
	var out []protocol.Event
	if t.count > 0 && c.At.Sub(t.last) > t.o.Pause {
		out = t.pause()
	}
	switch c.Char {
	case '\r', '\n', '\t':
		out = append(out, t.end(true)...)
	default:
		if t.count == 0 {
			t.first = c.At
		}
		if t.count++; len(t.line) < maxLine {
			t.line = append(t.line, c.Char)
		}
	}
	t.last = c.At
	return out
}

// wait is for how long nothing may be typed before idle has something to do; 0: for ever.
func (t *typist) wait() time.Duration {
	switch {
	case t.count > 0:
		return t.o.Pause
	case t.wedge.Pending() != protocol.PendingNone:
		return max(leastSettle, min(3*t.pace, mostSettle))
	}
	return 0
}

// idle is called when nothing was typed for wait.
func (t *typist) idle() []protocol.Event {
	if t.count > 0 {
		return t.pause()
	}
	return t.settle(nil)
}

// pause ends a line that no Enter ended. Bytes of a stream that no hand types may stop
// in the middle of a track, and go on.
func (t *typist) pause() []protocol.Event {
	if !t.o.Hands && !t.whole() {
		return nil
	}
	return t.settle(t.end(false))
}

// whole reports whether the line ends with a track, under the layout it is in.
func (t *typist) whole() bool {
	text, by := t.know.read(t.line)
	return by != nil && len(text) > 0 && text[len(text)-1] == '?'
}

// settle gives up what the wedge still holds.
func (t *typist) settle(out []protocol.Event) []protocol.Event {
	return append(out, t.wedge.Flush()...)
}

// end ends the line, and says what it was.
func (t *typist) end(enter bool) []protocol.Event {
	line, count := t.line, t.count
	t.line, t.count = t.line[:0], 0
	pace := time.Duration(0)
	if count > 1 {
		pace = t.last.Sub(t.first) / time.Duration(count-1)
	}
	switch {
	case t.o.Hands && (count < leastLine || pace > t.o.Typing):
		return t.byHand(count, enter)
	case count > maxLine:
		return note("%d characters without an end were dropped: no swipe is that long", count)
	}
	text, by := t.know.read(line)
	if by == nil {
		if t.noise++; count < leastNoise || t.noise > mostNoise {
			return nil
		}
		return note("a line of %d characters, and no track among them", count)
	}
	t.pace, t.hand, t.noise, t.told = pace, 0, 0, false
	var out []protocol.Event
	if said := by.said(t.o.Keys); said != "" && by != t.mapping {
		out = note("%s", said)
	}
	t.mapping = by
	if !t.o.Keys && by.lost(text) {
		out = append(out, note("a dead key of the %s layout swallowed a separator of track 2: have the reader type Alt codes, use evdev:, or set the layout to US", by.layout.About)...)
		text = []byte(";E?")
	}
	return append(out, t.wedge.Feed(append(text, '\r'))...)
}

// byHand counts what a person typed, and says once that it is no card.
func (t *typist) byHand(count int, enter bool) []protocol.Event {
	t.hand += count
	if t.told || t.hand < leastNoise || !enter && t.hand < 4*leastNoise {
		if enter {
			t.hand = 0
		}
		return nil
	}
	t.told, t.hand = true, 0
	return note("somebody types by hand, which is no card: swipe one (a reader slower than %v a character needs typing=)", t.o.Typing)
}

func note(format string, args ...any) []protocol.Event {
	return []protocol.Event{{Note: fmt.Sprintf(format, args...)}}
}
