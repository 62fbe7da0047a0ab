// Package card holds the words that are written on a card: its number (PAN),
// Expiry, ServiceCode, and tracks 1, 2 and 3 of a magnetic stripe, parsed and
// formatted (ISO/IEC 7812-1, 7813 and 4909).
//
// # What prints, and what does not
//
// A PAN prints as its first six and last four digits, whatever prints it: every
// fmt verb, JSON, YAML, text encodings, log/slog, zerolog, templates. TrackData
// prints as asterisks; a parsed Track1, Track2 or Track3 prints as masked number,
// expiry and service code. PAN.Reveal and TrackData.Reveal are the way out, for
// a card, a track or the wire; RevealTest shows in clear the numbers of the
// public test list alone, and everything else masked.
//
// Three holes are the language's, so do not dig them. fmt cannot call methods on
// values in unexported fields: export the field, or give the struct that hides a
// PAN its own Format method. encoding/json writes map keys of string kind as they
// are: never encode a map keyed by PAN. And the misused verbs %p (of a string) and
// %w (of what is no error) print what they complain of; go vet refuses both.
//
// # Tracks
//
// ParseTrack1, ParseTrack2 and ParseTrack3 take the characters with or without
// sentinels and LRC. They accept what is odd but legal: a separator in the place
// of an absent expiry or service code, a country code after a PAN that starts
// with 59, format codes other than B, UnionPay's format code 99, a missing name.
// Neither Luhn, nor a month that does not exist, nor a date long past refuses a
// track: that is for the terminal and the host to say. Data formats the track
// back, byte for byte. A *TrackError names the track, column and field, and
// never shows what stood there.
//
// Identify picks number, expiry and service code from whatever tracks were read.
package card
