package card

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// Track2 is a parsed track 2 (ISO/IEC 7813):
//
//	;PAN=YYMMSSSdiscretionary?      = in place of an absent expiry or service code
//
// It prints as masked number, expiry and service code.
type Track2 struct {
	PAN           PAN
	Country       string      // three digits (ISO 3166-1) after a PAN that starts with 59
	Expiry        Expiry      // absent: the track carries '='
	ServiceCode   ServiceCode // "": the track carries '='
	Discretionary TrackData   // the issuer's: PVKI, PVV, CVV at places of its choice

	cut cut
}

// ParseTrack2 parses a track 2, with or without sentinels and LRC. Its error is a
// *TrackError.
func ParseTrack2(t TrackData) (Track2, error) {
	s, err := scan(2, t)
	if err != nil {
		return Track2{}, err
	}
	var got Track2
	got.PAN = s.pan(false)
	got.Country = s.country(got.PAN)
	got.Expiry, got.ServiceCode, got.Discretionary, got.cut = s.dates()
	if err := s.err(); err != nil {
		return Track2{}, err
	}
	return got, nil
}

// Data formats the track without sentinels, byte for byte what ParseTrack2 took.
// A value that no track can hold is an error.
func (t Track2) Data() (TrackData, error) {
	var b strings.Builder
	b.WriteString(string(t.PAN) + "=" + t.Country)
	writeDates(&b, '=', t.Expiry, t.ServiceCode, t.Discretionary, t.cut)
	data := TrackData(b.String())
	back, err := ParseTrack2(data)
	if err != nil {
		return "", err
	}
	if back.cut = t.cut; back != t {
		return "", unreadable(2)
	}
	return data, nil
}

// Identity returns number, expiry and service code.
func (t Track2) Identity() Identity { return Identity{t.PAN, t.Expiry, t.ServiceCode} }

// String returns masked number, expiry and service code.
func (t Track2) String() string { return t.Identity().String() }

// Format implements fmt.Formatter so that no verb shows the track.
func (t Track2) Format(f fmt.State, verb rune) { FormatMasked(f, verb, t.String()) }

// MarshalJSON implements json.Marshaler.
func (t Track2) MarshalJSON() ([]byte, error) { return t.Identity().MarshalJSON() }

// MarshalYAML implements yaml.Marshaler.
func (t Track2) MarshalYAML() (any, error) { return t.Identity().MarshalYAML() }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (t Track2) MarshalZerologObject(e *zerolog.Event) { t.Identity().MarshalZerologObject(e) }
