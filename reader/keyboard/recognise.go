package keyboard

import (
	"bytes"
	"fmt"
	"slices"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/reader/protocol"
)

// recogniser finds out under which layout a line is made of tracks.
type recogniser struct {
	mappings []*mapping // in the order of preference, without Caps Lock first
	keys     bool       // characters are US keys as they came: they spell another layout
}

// newRecogniser tries layout alone, or all: the US layout first, likely second.
func newRecogniser(layout, likely *Layout, keys bool) *recogniser {
	make := undo
	if keys {
		make = spell
	}
	r := &recogniser{keys: keys}
	try := []*Layout{layout}
	if layout == nil {
		try = []*Layout{&layouts[0]}
		if likely != nil {
			try = append(try, likely)
		}
		for i := range layouts {
			try = append(try, &layouts[i])
		}
	}
	for _, caps := range []bool{false, true} {
		seen := map[*Layout]bool{}
		for _, l := range try {
			if !seen[l] {
				r.mappings = append(r.mappings, make(l, caps))
			}
			seen[l] = true
		}
	}
	return r
}

// The worth of what a mapping makes of a line. A track that holds the fields of ISO/IEC
// 7813 outweighs one that is merely legal; what is no track takes away.
const (
	worthFields = 8
	worthLegal  = 3
	worthError  = 2 // E between sentinels, as readers say it
	worthBroken = -3
	worthStray  = -1
	worthLower  = -1 // a format code in lower case: no stripe holds that, Caps Lock was on
)

// read returns what was meant by a line, or nil where no mapping finds a track in it.
func (r *recogniser) read(line []rune) ([]byte, *mapping) {
	var best []byte
	var by *mapping
	most := 0
	for _, m := range r.mappings {
		text := m.read(line)
		worth, perfect := weigh(text)
		if worth > most {
			most, best, by = worth, text, m
		}
		if perfect {
			break
		}
	}
	if by != nil {
		r.prefer(by)
	}
	return best, by
}

// prefer has the mapping that held tried first the next time.
func (r *recogniser) prefer(m *mapping) {
	for i, other := range r.mappings {
		if other == m {
			copy(r.mappings[1:i+1], r.mappings[:i])
			r.mappings[0] = m
			return
		}
	}
}

// weigh says how much of a line is tracks, and whether all of it is, with their fields.
func weigh(text []byte) (worth int, perfect bool) {
	var a protocol.ASCII
	events := append(a.Feed(text), a.Flush()...)
	framed := 0
	perfect = len(events) > 0
	for _, e := range events {
		if e.Swipe == nil {
			worth, perfect = worth+worthBroken, false
			continue
		}
		for i, t := range e.Swipe.Tracks {
			w := weighTrack(i+1, t)
			if t.Status == magstripe.StatusError && saysError(i, text) {
				w, framed = worthError, framed+len("%E?")
			}
			worth, perfect = worth+w, perfect && (w == 0 || w == worthFields)
			if t.Status == magstripe.StatusOK {
				framed += len(t.Data.Reveal()) + 2
			}
		}
	}
	if len(events) == 0 {
		return worthBroken, false
	}
	if stray := len(text) - framed; stray > 3 { // an LRC behind each track is none
		worth, perfect = worth+worthStray, false
	}
	return worth, perfect
}

// saysError tells a track that the reader could not read from one that is none.
func saysError(track int, text []byte) bool {
	return slices.ContainsFunc([]byte([...]string{"%", ";", "+;#!"}[track]), func(start byte) bool {
		return bytes.Contains(text, []byte{start, 'E', '?'})
	})
}

func weighTrack(n int, t reader.Track) int {
	switch {
	case t.Status == magstripe.StatusBlank:
		return 0
	case t.Status != magstripe.StatusOK:
		return worthBroken
	}
	var err error
	switch n {
	case 1:
		_, err = card.ParseTrack1(t.Data)
		if c := t.Data.Reveal()[0]; c >= 'a' && c <= 'z' {
			return worthLegal + worthLower
		}
	case 2:
		_, err = card.ParseTrack2(t.Data)
	default:
		_, err = card.ParseTrack3(t.Data)
	}
	if err != nil {
		return worthLegal
	}
	return worthFields
}

// lost reports a track 2 whose separator a dead key of the layout swallowed, with the
// digit behind it: what is left looks like a longer number than any card has.
func (m *mapping) lost(text []byte) bool {
	dead := false
	for _, d := range m.layout.dead {
		dead = dead || m.means[d] == '='
	}
	if !dead {
		return false
	}
	var a protocol.ASCII
	for _, e := range append(a.Feed(text), a.Flush()...) {
		if e.Swipe == nil || e.Swipe.Tracks[1].Status != magstripe.StatusOK {
			continue
		}
		digits := e.Swipe.Tracks[1].Data.Reveal()
		if _, err := card.ParseTrack2(e.Swipe.Tracks[1].Data); err != nil && len(digits) > card.MaxPAN {
			return true
		}
	}
	return false
}

// said tells what was recognised.
func (m *mapping) said(keys bool) string {
	switch {
	case keys && m.layout.Name != "us":
		return fmt.Sprintf("the reader types for a %s keyboard (layout=%s)", m.layout.About, m.layout.Name)
	case m.layout.Name != "us":
		return fmt.Sprintf("the keyboard layout here is %s (layout=%s): what it made of the reader's keys is undone", m.layout.About, m.layout.Name)
	case m.caps:
		return "Caps Lock is on: undone"
	}
	return ""
}
