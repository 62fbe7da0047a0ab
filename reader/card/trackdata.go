package card

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// TrackData is the content of one track as it was read or will be sent, without
// sentinels and LRC: "B4111...^NAME^2912..." or "6222...=2912...". It never
// prints: every verb and encoding shows its length only. Reveal is the one way out.
type TrackData string

// Reveal returns the characters in clear.
func (t TrackData) Reveal() string { return string(t) }

// RevealTest returns the characters in clear if they are a track (1, 2 or 3) of a
// public test number (IsTest), and asterisks otherwise: what --unsafe may show.
func (t TrackData) RevealTest() string {
	if id, err := Identify(t, "", ""); err == nil && IsTest(id.PAN) {
		return string(t)
	}
	if id, err := Identify("", t, ""); err == nil && IsTest(id.PAN) {
		return string(t)
	}
	if id, err := Identify("", "", t); err == nil && IsTest(id.PAN) {
		return string(t)
	}
	return t.String()
}

// Framed returns the characters between the start and end sentinel of track 1, 2
// or 3 ("%...?", ";...?"), without LRC.
func (t TrackData) Framed(track int) TrackData {
	if track == 1 {
		return "%" + t + "?"
	}
	return ";" + t + "?"
}

// String returns asterisks, one a character.
func (t TrackData) String() string { return strings.Repeat("*", len(t)) }

// Format implements fmt.Formatter so that no verb shows the data.
func (t TrackData) Format(f fmt.State, verb rune) { FormatMasked(f, verb, t.String()) }

// MarshalText implements encoding.TextMarshaler.
func (t TrackData) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// MarshalYAML implements yaml.Marshaler.
func (t TrackData) MarshalYAML() (any, error) { return t.String(), nil }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (t TrackData) MarshalZerologObject(e *zerolog.Event) { e.Int("track_length", len(t)) }
