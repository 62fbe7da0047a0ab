package protocol

import (
	"bytes"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// omron reads from OMRON's 3S4YR-HNFR swipe readers, which send a line for each
// track they are built for, in order: the track's number, D and its data or E for an
// error, CR (data sheet, "Data communications"). The sheet shows no sentinels and no
// blank track; here a D without data is one. A message ends with its third track, or
// when the line is idle.
type omron struct {
	talk
	tracks [3]reader.Track
	next   int // the track after the last one that came, from 1; 0 before a message
}

func newOmron() Parser {
	o := &omron{talk: talker("an OMRON 3S4YR", maxTrack+4, splitOmron)}
	o.take = o.line
	return o
}

func splitOmron(b []byte) (int, bool) {
	switch {
	case b[0] < '1' || b[0] > '3':
		return 1, false
	case len(b) > 1 && b[1] != 'D' && b[1] != 'E':
		return 1, false
	}
	i := bytes.IndexByte(b, cr)
	if i < 0 {
		return 0, false
	}
	return i + 1, i >= 2
}

// Pending implements Parser.
func (o *omron) Pending() Pending {
	if p := o.talk.Pending(); p != PendingNone || o.next == 0 {
		return p
	}
	return PendingWhole
}

// Flush implements Parser.
func (o *omron) Flush() []Event {
	events := o.talk.Flush()
	o.finish()
	return append(events, o.told()...)
}

func (o *omron) line(frame []byte) {
	n, data := int(frame[0]-'0'), frame[2:len(frame)-1]
	if n < o.next {
		o.finish()
	}
	o.next = n + 1
	if frame[1] == 'E' {
		o.tracks[n-1] = reader.Track{Status: magstripe.StatusError}
	} else {
		o.tracks[n-1] = trackOf(n, string(data))
	}
	if n == 3 {
		o.finish()
	}
}

func (o *omron) finish() {
	if o.next > 0 {
		o.events = append(o.events, Event{Swipe: swipeOf(o.tracks)})
	}
	o.next, o.tracks = 0, [3]reader.Track{}
}

// OmronDevice is an OMRON 3S4YR-HNFR1, of three tracks. It takes no commands.
type OmronDevice struct{}

// Wants implements Device.
func (OmronDevice) Wants() Want { return WantAny }

// Receive implements Device.
func (OmronDevice) Receive(time.Duration, []byte) []byte { return nil }

// Swipe implements Device.
func (OmronDevice) Swipe(s *reader.Swipe) []byte {
	if !anyRead(s) && !anyFailed(s) {
		return nil
	}
	var out []byte
	for i, t := range s.Tracks {
		out = append(out, byte('1'+i))
		if failed(t) {
			out = append(out, 'E')
		} else {
			out = append(out, 'D')
			out = append(out, t.Data.Reveal()...)
		}
		out = append(out, cr)
	}
	return out
}
