package protocol

import (
	"strings"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// trackOf is a track that a frame carries as characters, with its sentinels or
// without. Without characters it is blank; what its alphabet lacks makes it an error.
func trackOf(n int, data string) reader.Track {
	data = bare(n, data)
	if data == "" {
		return reader.Track{Status: magstripe.StatusBlank}
	}
	t := asciiTrack{wide: n == 1}
	for i := range len(data) {
		if !t.holds(data[i]) || data[i] == es || len(data) > maxTrack {
			return reader.Track{Status: magstripe.StatusError}
		}
	}
	return reader.Track{Status: magstripe.StatusOK, Data: card.TrackData(data)}
}

// bare takes the sentinels off: the start's, and the end's with an LRC after it.
func bare(n int, data string) string {
	switch {
	case data == "":
	case n == 1:
		data = strings.TrimPrefix(data, "%")
	case n == 2:
		data = strings.TrimPrefix(data, ";")
	case data[0] == ';' || data[0] == '+' || data[0] == '!' || data[0] == '#':
		data = data[1:]
	}
	if i := strings.IndexByte(data, es); i >= 0 && i >= len(data)-2 {
		data = data[:i]
	}
	return data
}

// framed is what a reader that sends sentinels sends of a track that was read.
func framed(n int, t reader.Track) string { return t.Data.Framed(n).Reveal() }

// failed reports whether there was something on a track that did not read.
func failed(t reader.Track) bool {
	return t.Status != magstripe.StatusOK && t.Status != magstripe.StatusBlank
}

// anyRead reports whether a track was read.
func anyRead(s *reader.Swipe) bool {
	for _, t := range s.Tracks {
		if t.Status == magstripe.StatusOK {
			return true
		}
	}
	return false
}

// anyFailed reports whether a track did not read.
func anyFailed(s *reader.Swipe) bool {
	for _, t := range s.Tracks {
		if failed(t) {
			return true
		}
	}
	return false
}

// swipeOf judges tracks. A reader of this kind says nothing of speed or amplitude,
// so a swipe that is not ok is unreadable and no more.
func swipeOf(tracks [3]reader.Track) *reader.Swipe {
	s := &reader.Swipe{Tracks: tracks}
	if anyRead(s) && !anyFailed(s) {
		s.Verdict = magstripe.VerdictOK
	}
	return s
}
