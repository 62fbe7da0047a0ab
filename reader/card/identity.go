package card

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// Identity is what a track says of its card that a terminal needs, and that may
// print: masked number, expiry, service code.
type Identity struct {
	PAN         PAN
	Expiry      Expiry
	ServiceCode ServiceCode
}

// Identify takes number, expiry and service code from the tracks of one card that
// were read; "" is a track that was not. Track 2 speaks first, as a sale needs it
// alone, then track 1, then track 3. The error is that of the first track there
// is; without any, it says so.
func Identify(track1, track2, track3 TrackData) (Identity, error) {
	var first error
	try := func(t TrackData, parse func(TrackData) (Identity, error)) (Identity, bool) {
		if t == "" {
			return Identity{}, false
		}
		id, err := parse(t)
		if err != nil && first == nil {
			first = err
		}
		return id, err == nil
	}
	if id, ok := try(track2, identify(ParseTrack2)); ok {
		return id, nil
	}
	if id, ok := try(track1, identify(ParseTrack1)); ok {
		return id, nil
	}
	if id, ok := try(track3, identify(ParseTrack3)); ok && id.PAN != "" {
		return id, nil
	}
	if first == nil {
		first = fmt.Errorf("no track carries a card number")
	}
	return Identity{}, first
}

func identify[T interface{ Identity() Identity }](parse func(TrackData) (T, error)) func(TrackData) (Identity, error) {
	return func(t TrackData) (Identity, error) {
		got, err := parse(t)
		return got.Identity(), err
	}
}

// String returns "622202******0015 2912 101"; a dash stands for what is absent.
func (id Identity) String() string {
	words := []string{id.PAN.String(), id.Expiry.YYMM(), string(id.ServiceCode)}
	for i, w := range words {
		if w == "" {
			words[i] = "-"
		}
	}
	return strings.Join(words, " ")
}

// Format implements fmt.Formatter so that no verb shows the number.
func (id Identity) Format(f fmt.State, verb rune) { FormatMasked(f, verb, id.String()) }

// printable is what JSON and YAML get.
type printable struct {
	PAN         string `json:"pan" yaml:"pan"`
	Expiry      string `json:"expiry,omitempty" yaml:"expiry,omitempty"`
	ServiceCode string `json:"service_code,omitempty" yaml:"service_code,omitempty"`
}

func (id Identity) printable() printable {
	return printable{id.PAN.String(), id.Expiry.YYMM(), string(id.ServiceCode)}
}

// MarshalJSON implements json.Marshaler.
func (id Identity) MarshalJSON() ([]byte, error) { return json.Marshal(id.printable()) }

// MarshalYAML implements yaml.Marshaler.
func (id Identity) MarshalYAML() (any, error) { return id.printable(), nil }

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (id Identity) MarshalZerologObject(e *zerolog.Event) {
	e.Str("pan", id.PAN.String()).Str("expiry", id.Expiry.YYMM()).Str("service_code", string(id.ServiceCode))
}
