package card

import (
	"fmt"
	"strings"
)

// The most characters a track holds between its sentinels (ISO/IEC 7813, 4909:
// 79, 40 and 107 less the two sentinels and the LRC).
const (
	MaxTrack1 = 76
	MaxTrack2 = 37
	MaxTrack3 = 104
)

// TrackError says what is wrong with a track and where. It never carries the
// track's characters.
type TrackError struct {
	Track   int    // 1, 2 or 3
	Column  int    // counted from 1 in the text as it was given, sentinels included
	Field   string // the field that was being read: "PAN", "expiry"
	Problem string // what was found and what was wanted
}

// Error implements error.
func (e *TrackError) Error() string {
	return fmt.Sprintf("track %d, column %d: %s: %s", e.Track, e.Column, e.Field, e.Problem)
}

// scanner walks the characters between the sentinels.
type scanner struct {
	track int
	text  string
	pos   int
	skip  int // columns before text[0]
	sep   byte
	stop  string // a field that could not be read, once something failed
	why   string
	at    int
}

// scan strips sentinels and LRC, and checks length and alphabet.
func scan(track int, given TrackData) (*scanner, error) {
	s := &scanner{track: track, text: string(given), sep: '='}
	max, start, legal := MaxTrack2, ";", inNumericTrack
	switch track {
	case 1:
		max, start, legal, s.sep = MaxTrack1, "%", inAlphaTrack, '^'
	case 3: // readers print + ! and # for the start of track 3, by its format
		max, start = MaxTrack3, ";+!#"
	}
	framed := s.text != "" && strings.IndexByte(start, s.text[0]) >= 0
	if framed {
		s.text, s.skip = s.text[1:], 1
	}
	if end := strings.IndexByte(s.text, '?'); end >= 0 {
		if !framed {
			return nil, s.fault(end, "end sentinel", "there is one, but no start sentinel")
		}
		if len(s.text)-end > 2 {
			return nil, s.fault(end+2, "LRC", "more than one character follows the end sentinel")
		}
		s.text = s.text[:end]
	} else if framed {
		return nil, s.fault(len(s.text), "end sentinel", "missing")
	}
	for i := range len(s.text) {
		if !legal(s.text[i]) {
			return nil, s.fault(i, "character", "not in this track's alphabet (ISO/IEC 7811)")
		}
	}
	if len(s.text) > max {
		return nil, s.fault(max, "length", fmt.Sprintf("%d characters; track %d holds at most %d", len(s.text), track, max))
	}
	return s, nil
}

// inAlphaTrack is the 64-character set of track 1 less its sentinels (ISO/IEC
// 7811-2). Lower case, which the stripe cannot hold, is let through: readers can
// be set to deliver it and MagTek's manual prints such a track.
func inAlphaTrack(c byte) bool {
	return c >= ' ' && c <= '_' && c != '%' && c != '?' || c >= 'a' && c <= 'z'
}

// inNumericTrack is the 16-character set of tracks 2 and 3 less its sentinels;
// : < and > are there for the hardware's use (ISO/IEC 7811-2).
func inNumericTrack(c byte) bool { return c >= '0' && c <= '>' && c != ';' }

func (s *scanner) fault(at int, field, problem string) *TrackError {
	return &TrackError{Track: s.track, Column: s.skip + at + 1, Field: field, Problem: problem}
}

// fail records the first failure; later reads return "".
func (s *scanner) fail(at int, field, problem string) {
	if s.stop == "" {
		s.stop, s.why, s.at = field, problem, at
	}
}

func (s *scanner) err() error {
	if s.stop == "" {
		return nil
	}
	return s.fault(s.at, s.stop, s.why)
}

func (s *scanner) rest() string {
	r := s.text[s.pos:]
	s.pos = len(s.text)
	return r
}

func (s *scanner) ended() bool { return s.pos >= len(s.text) }

// until takes the characters before the next separator, and the separator.
func (s *scanner) until(field string) string {
	if s.stop != "" {
		return ""
	}
	n := strings.IndexByte(s.text[s.pos:], s.sep)
	if n < 0 {
		s.fail(len(s.text), field, fmt.Sprintf("no separator '%c' after it", s.sep))
		return ""
	}
	got := s.text[s.pos : s.pos+n]
	s.pos += n + 1
	return got
}

// fixed takes n digits, or a separator that stands for their absence.
func (s *scanner) fixed(n int, field string) string {
	switch {
	case s.stop != "":
		return ""
	case !s.ended() && s.text[s.pos] == s.sep:
		s.pos++
		return ""
	case len(s.text)-s.pos < n:
		s.fail(len(s.text), field, fmt.Sprintf("the track ends; want %d digits or '%c'", n, s.sep))
		return ""
	}
	got := s.text[s.pos : s.pos+n]
	if i := strings.IndexFunc(got, notDigit); i >= 0 {
		s.fail(s.pos+i, field, fmt.Sprintf("not a digit; want %d digits or '%c'", n, s.sep))
		return ""
	}
	s.pos += n
	return got
}

// country takes the three digits that follow the separator of a PAN that starts
// with 59, numbered by its country and not by ISO (ISO/IEC 7813).
func (s *scanner) country(pan PAN) string {
	if s.stop != "" || !strings.HasPrefix(string(pan), "59") || len(s.text)-s.pos < 3 {
		return ""
	}
	got := s.text[s.pos : s.pos+3]
	if strings.IndexFunc(got, notDigit) >= 0 {
		return ""
	}
	s.pos += 3
	return got
}

// pan takes the PAN and its separator; the caller says whether none is allowed.
func (s *scanner) pan(mayBeEmpty bool) PAN {
	start := s.pos
	got := s.until("PAN")
	if s.stop != "" {
		return ""
	}
	if i := strings.IndexFunc(got, notDigit); i >= 0 {
		s.fail(start+i, "PAN", "not a digit")
	} else if got == "" && !mayBeEmpty {
		s.fail(start, "PAN", "nothing there; want 1 to 19 digits")
	} else if len(got) > MaxPAN {
		s.fail(start+MaxPAN, "PAN", fmt.Sprintf("%d digits; want 1 to 19", len(got)))
	}
	return PAN(got)
}

// cut is where a short track ended: legal tracks carry a separator for an absent
// field, but some cards simply stop.
type cut uint8

const (
	whole cut = iota
	endsAfterExpiry
	endsBeforeExpiry
)

// dates takes expiry, service code and all that follows.
func (s *scanner) dates() (e Expiry, code ServiceCode, rest TrackData, c cut) {
	if s.ended() {
		return e, "", "", endsBeforeExpiry
	}
	if yymm := s.fixed(4, "expiry"); yymm != "" {
		e = expiryOf(yymm)
	}
	if s.ended() {
		return e, "", "", endsAfterExpiry
	}
	code = ServiceCode(s.fixed(3, "service code"))
	return e, code, TrackData(s.rest()), whole
}

// writeDates is the inverse of dates.
func writeDates(b *strings.Builder, sep byte, e Expiry, code ServiceCode, rest TrackData, c cut) {
	if c == endsBeforeExpiry && e.Absent() && code == "" && rest == "" {
		return
	}
	writeOr(b, sep, e.YYMM())
	if c == endsAfterExpiry && code == "" && rest == "" {
		return
	}
	writeOr(b, sep, string(code))
	b.WriteString(string(rest))
}

// writeOr writes a field, or the separator that stands for its absence.
func writeOr(b *strings.Builder, sep byte, field string) {
	if field == "" {
		b.WriteByte(sep)
		return
	}
	b.WriteString(field)
}
