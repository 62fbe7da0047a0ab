package card

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// Track1 is a parsed track 1 (ISO/IEC 7813, format B, and whatever follows its
// layout under another format code):
//
//	%B PAN^NAME^YYMMSSSdiscretionary?      ^ in place of an absent expiry or service code
//
// UnionPay's domestic cards carry the format code 99. Track1 prints as masked
// number, expiry and service code.
type Track1 struct {
	FormatCode    string // one capital letter (B is a bank's), or 99 on UnionPay's domestic cards
	PAN           PAN
	Country       string      // three digits (ISO 3166-1) after a PAN that starts with 59
	Name          TrackData   // SURNAME/FIRST.TITLE with its padding; " /" when the issuer gives none
	Expiry        Expiry      // absent: the track carries '^'
	ServiceCode   ServiceCode // "": the track carries '^'
	Discretionary TrackData   // the issuer's: PVKI, PVV, CVV at places of its choice

	cut  cut
	gaps uint64 // bit i: the PAN's i-th character on the track is a space
}

// ParseTrack1 parses a track 1, with or without sentinels and LRC. Spaces that
// group the PAN's digits, or pad it, are taken. Its error is a *TrackError.
func ParseTrack1(t TrackData) (Track1, error) {
	s, err := scan(1, t)
	if err != nil {
		return Track1{}, err
	}
	var got Track1
	got.FormatCode = s.formatCode()
	got.PAN, got.gaps = s.spacedPAN()
	got.Country = s.country(got.PAN)
	got.Name = s.name()
	got.Expiry, got.ServiceCode, got.Discretionary, got.cut = s.dates()
	if err := s.err(); err != nil {
		return Track1{}, err
	}
	return got, nil
}

func (s *scanner) formatCode() string {
	n := 1
	switch {
	case strings.HasPrefix(s.text, "99"):
		n = 2
	case s.text == "" || s.text[0] < 'A' || s.text[0] > 'Z':
		s.fail(0, "format code", "want a capital letter (B for a bank's card) or 99")
		return ""
	}
	s.pos = n
	return s.text[:n]
}

// spacedPAN takes a PAN whose digits may be grouped or padded by spaces, as
// American Express and UnionPay write them on track 1.
func (s *scanner) spacedPAN() (PAN, uint64) {
	start := s.pos
	field := s.until("PAN")
	if s.stop != "" {
		return "", 0
	}
	var digits strings.Builder
	var gaps uint64
	for i := range len(field) {
		switch c := field[i]; {
		case c == ' ' && i < 64:
			gaps |= 1 << i
		case c >= '0' && c <= '9':
			digits.WriteByte(c)
		default:
			s.fail(start+i, "PAN", "not a digit")
		}
	}
	if n := digits.Len(); n < 1 || n > MaxPAN {
		s.fail(start, "PAN", fmt.Sprintf("%d digits; want 1 to 19", n))
	}
	return PAN(digits.String()), gaps
}

func (s *scanner) name() TrackData {
	start := s.pos
	got := s.until("name")
	if len(got) > 26 {
		s.fail(start+26, "name", fmt.Sprintf("%d characters; want at most 26", len(got)))
	}
	return TrackData(got)
}

// Data formats the track without sentinels, byte for byte what ParseTrack1 took.
// A value that no track can hold is an error.
func (t Track1) Data() (TrackData, error) {
	var b strings.Builder
	b.WriteString(t.FormatCode)
	t.writePAN(&b)
	b.WriteString("^" + t.Country + string(t.Name) + "^")
	writeDates(&b, '^', t.Expiry, t.ServiceCode, t.Discretionary, t.cut)
	data := TrackData(b.String())
	back, err := ParseTrack1(data)
	if err != nil {
		return "", err
	}
	if back.cut, back.gaps = t.cut, t.gaps; back != t {
		return "", unreadable(1)
	}
	return data, nil
}

func (t Track1) writePAN(b *strings.Builder) {
	digits, gaps := string(t.PAN), t.gaps
	for ; digits != "" || gaps != 0; gaps >>= 1 {
		switch {
		case gaps&1 == 1:
			b.WriteByte(' ')
		case digits == "": // a PAN shortened by hand leaves gaps behind: drop them
			return
		default:
			b.WriteByte(digits[0])
			digits = digits[1:]
		}
	}
}

// unreadable is the error of a value that would format to a track which reads as
// another one.
func unreadable(track int) error {
	return &TrackError{Track: track, Column: 1, Field: "track", Problem: "these fields would read back as others: a separator inside one, or digits of the wrong length"}
}

// Identity returns number, expiry and service code.
func (t Track1) Identity() Identity { return Identity{t.PAN, t.Expiry, t.ServiceCode} }

// String returns masked number, expiry and service code.
func (t Track1) String() string { return t.Identity().String() }

// Format implements fmt.Formatter so that no verb shows the track.
func (t Track1) Format(f fmt.State, verb rune) { FormatMasked(f, verb, t.String()) }

// MarshalJSON implements json.Marshaler.
func (t Track1) MarshalJSON() ([]byte, error) { return t.Identity().MarshalJSON() }

// MarshalYAML implements yaml.Marshaler.
func (t Track1) MarshalYAML() (any, error) { return t.Identity().MarshalYAML() }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (t Track1) MarshalZerologObject(e *zerolog.Event) { t.Identity().MarshalZerologObject(e) }
