package protocol

import (
	"fmt"
	"strings"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// The characters of the plain ASCII protocol (MagTek port powered swipe reader,
// technical reference manual, section 3).
const (
	stx = 0x02
	etx = 0x03
	esc = 0x1B
	cr  = '\r'
	lf  = '\n'
	es  = '?'
)

// maxTrack bounds what is kept of a track. The stripe holds 79, 40 and 107
// characters, a reader's buffer of 704 bits at most 140 of five bits.
const maxTrack = 140

// ASCII reads the plain ASCII protocol:
//
//	[STX] [ESC] %track 1? ;track 2? +track 3? [sensor] [CR] [LF] [ETX] [LRC]
//
// A track that the reader could not read is E between its sentinels; a blank one
// is left out. Track 3 starts with + (ISO), # (AAMVA), ! (California; both write
// track 1's alphabet there) or, third, with ;. Everything in brackets is an option of the reader. The message ends with
// CR, LF or ETX, with the start of another message, or by Flush. The zero value is
// ready to use.
type ASCII struct {
	tracks [3]asciiTrack
	now    int  // the track under way: 1 to 3, or 0 between tracks
	last   int  // the highest track of this message so far
	start  byte // a start sentinel that may still turn out to be an LRC
	stray  int  // characters outside tracks since the last message
}

// asciiTrack is one track as far as it has come.
type asciiTrack struct {
	data  []byte
	begun bool
	ended bool // the end sentinel came
	bad   bool // a character outside the alphabet, or too many
	wide  bool // the alphabet is ISO/IEC 7811-2's 64 characters, not its 16
}

// Feed implements Parser.
func (a *ASCII) Feed(bytes []byte) []Event {
	var events []Event
	for _, b := range bytes {
		if a.now != 0 {
			events = a.inTrack(b, events)
		} else {
			events = a.between(b, events)
		}
	}
	return events
}

// Flush implements Parser.
func (a *ASCII) Flush() []Event { return a.end(nil) }

// Pending implements Parser.
func (a *ASCII) Pending() Pending {
	if a.now != 0 || a.start != 0 {
		return PendingHalf
	}
	whole := a.stray > 0
	for _, t := range a.tracks {
		if t.begun && !t.ended {
			return PendingHalf
		}
		whole = whole || t.begun
	}
	if whole {
		return PendingWhole
	}
	return PendingNone
}

func (a *ASCII) inTrack(b byte, events []Event) []Event {
	t := &a.tracks[a.now-1]
	switch {
	case b == es:
		t.ended = true
		a.now = 0
		a.splitTrack1()
	case b == cr, b == lf, b == etx, b == stx:
		return a.end(events)
	case b == '%', b == ';' && !t.wide: // in no track's alphabet: another start
		a.now, a.start = 0, b
	case len(t.data) == maxTrack: // no track is that long: look for a start again
		t.bad, a.now = true, 0
	case !t.holds(b):
		t.bad = true
	default:
		t.data = append(t.data, b)
	}
	return events
}

// between handles what stands around tracks. A start sentinel counts only with the
// character after it, since the LRC that some readers add may look like one.
func (a *ASCII) between(b byte, events []Event) []Event {
	switch b {
	case stx, etx, cr, lf:
		return a.end(events)
	case esc, 0:
		return events
	case '%', ';', '+', '!', '#':
		if a.start != 0 {
			a.stray++
		}
		a.start = b
		return events
	}
	if a.start == 0 {
		a.stray++ // sensor digit, LRC, sign-on, noise
		return events
	}
	events = a.begin(events)
	return a.inTrack(b, events)
}

// begin opens the track that the pending start sentinel announces; a track that
// this message has had already opens another message.
func (a *ASCII) begin(events []Event) []Event {
	n, wide := 3, a.start == '%' || a.start == '#' || a.start == '!'
	switch {
	case a.start == '%':
		n = 1
	case a.start == ';' && !(a.last == 2 && a.tracks[1].ended):
		n = 2
	}
	a.start = 0
	if n <= a.last {
		events = a.end(events)
	}
	a.now, a.last = n, n
	a.tracks[n-1].begun, a.tracks[n-1].wide = true, wide
	return events
}

// splitTrack1 mends a track 1 that lost its end and so ran into track 2, whose
// start sentinel is a letter like any other on track 1.
func (a *ASCII) splitTrack1() {
	t1, t2 := &a.tracks[0], &a.tracks[1]
	at := strings.LastIndexByte(string(t1.data), ';')
	if a.last != 1 || at < 0 {
		return
	}
	if _, err := card.ParseTrack1(card.TrackData(t1.data)); err == nil {
		return
	}
	tail := t1.data[at+1:]
	if _, err := card.ParseTrack2(card.TrackData(tail)); err != nil {
		return
	}
	*t2 = asciiTrack{data: append(t2.data[:0], tail...), begun: true, ended: true}
	t1.data, t1.bad = t1.data[:0], at > 0
	a.last = 2
}

// end ends the message and says what it was.
func (a *ASCII) end(events []Event) []Event {
	begun, ended := false, false
	for _, t := range a.tracks {
		begun, ended = begun || t.begun, ended || t.ended
	}
	switch {
	case ended:
		events = append(events, Event{Swipe: a.swipe()})
	case begun:
		events = append(events, Event{Note: "a message broke off inside a track and was dropped: swipe again"})
	case a.stray > 1: // one is an insertion reader's sensor digit, or an LRC
		events = append(events, Event{Note: fmt.Sprintf("%d characters and no track among them: a reader that signs on, or the wrong baud rate or protocol", a.stray)})
	}
	for i := range a.tracks {
		a.tracks[i] = asciiTrack{data: a.tracks[i].data[:0]}
	}
	a.now, a.last, a.start, a.stray = 0, 0, 0, 0
	return events
}

// swipe judges the message. A reader of this kind says nothing of speed or
// amplitude, so a swipe that is not ok is unreadable and no more.
func (a *ASCII) swipe() *reader.Swipe {
	s := new(reader.Swipe)
	read, failed := false, false
	for i, t := range a.tracks {
		s.Tracks[i] = t.result()
		switch s.Tracks[i].Status {
		case magstripe.StatusOK:
			read = true
		case magstripe.StatusError:
			failed = true
		}
	}
	if read && !failed {
		s.Verdict = magstripe.VerdictOK
	}
	return s
}

func (t asciiTrack) result() reader.Track {
	switch {
	case !t.begun, t.ended && len(t.data) == 0 && !t.bad:
		return reader.Track{Status: magstripe.StatusBlank}
	case !t.ended, t.bad, string(t.data) == "E":
		return reader.Track{Status: magstripe.StatusError}
	}
	return reader.Track{Status: magstripe.StatusOK, Data: card.TrackData(t.data)}
}

// holds says whether a character can stand on the track. Lower case, which the
// stripe cannot hold, is let through: MagTek's manual prints such a message.
func (t *asciiTrack) holds(b byte) bool {
	if t.wide {
		return b >= ' ' && b <= '_' || b >= 'a' && b <= 'z'
	}
	return b >= '0' && b <= '>'
}
