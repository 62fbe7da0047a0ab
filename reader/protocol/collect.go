package protocol

import "possim/reader"

// lines collects the tracks of readers that end each with a CR and the card with
// nothing: a swipe is over when the line is idle, or the next one begins.
type lines struct {
	ascii  ASCII
	tracks [3]reader.Track
	begun  bool
	apart  bool // a second line of track 2 is another card, whatever ISO has there
}

// feed takes text, and hands out swipes that another one ended.
func (l *lines) feed(in []byte) []Event {
	var out []Event
	for _, e := range l.ascii.Feed(in) {
		out = append(out, l.add(e)...)
	}
	return out
}

func (l *lines) add(e Event) []Event {
	if e.Swipe == nil {
		return append(l.end(), e)
	}
	if !l.apart {
		l.third(e.Swipe)
	}
	var out []Event
	if l.begun && l.follows(e.Swipe) {
		out = l.end()
	}
	for i, t := range e.Swipe.Tracks {
		if t != (reader.Track{}) {
			l.tracks[i] = t
		}
	}
	l.begun = true
	if l.tracks[2] != (reader.Track{}) { // nothing comes behind track 3
		out = append(out, l.end()...)
	}
	return out
}

// third takes a second line that starts with ; for track 3: that is how ISO has it,
// and two cards are further apart than two lines.
func (l *lines) third(s *reader.Swipe) {
	none := reader.Track{}
	if l.tracks[1] != none && l.tracks[2] == none && s.Tracks[0] == none && s.Tracks[1] != none && s.Tracks[2] == none {
		s.Tracks[1], s.Tracks[2] = none, s.Tracks[1]
	}
}

// follows reports whether s is of another card: it has a track that is not behind
// those there are.
func (l *lines) follows(s *reader.Swipe) bool {
	last := -1
	for i, t := range l.tracks {
		if t != (reader.Track{}) {
			last = i
		}
	}
	for i, t := range s.Tracks {
		if t != (reader.Track{}) && i <= last {
			return true
		}
	}
	return false
}

// end hands out the swipe that was collected.
func (l *lines) end() []Event {
	if !l.begun {
		return nil
	}
	s := swipeOf(l.tracks)
	l.begun, l.tracks = false, [3]reader.Track{}
	return []Event{{Swipe: s}}
}

// flush ends the message under way.
func (l *lines) flush() []Event {
	var out []Event
	for _, e := range l.ascii.Flush() {
		out = append(out, l.add(e)...)
	}
	return append(out, l.end()...)
}

func (l *lines) pending() Pending {
	if p := l.ascii.Pending(); p != PendingNone || !l.begun {
		return p
	}
	return PendingWhole
}
