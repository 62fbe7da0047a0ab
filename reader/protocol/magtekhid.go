package protocol

import (
	"fmt"

	"possim/reader"
)

// Sizes of MagTek's input reports: USB HID swipe reader (99875191), with the card
// status of insert readers, and MagneSafe V5 (99875475, "Card Data").
const (
	magtekSwipe     = 337
	magtekInsert    = 338
	magtekMagneSafe = 856
)

// magtekLayout is where the fields of a report stand. The first seven bytes are common
// to all: three decode statuses, three lengths, the card encode type.
type magtekLayout struct {
	tracks  [3]int
	longest int
	status  int // card status; 0: there is none
}

var (
	magtekPlain  = magtekLayout{tracks: [3]int{7, 117, 227}, longest: 110}
	magtekSeated = magtekLayout{tracks: [3]int{7, 117, 227}, longest: 110, status: 337}
	magnesafe    = magtekLayout{tracks: [3]int{7, 119, 231}, longest: 112, status: 343}
)

const (
	magtekUndecoded = 1   // decode status bit 0: there was data, and it did not decode
	magtekInside    = 1   // card status bit 0, insert readers: a card is in
	maskedLength    = 505 // MagneSafe: three lengths of the masked tracks
)

// MagTekHID reads MagTek's USB readers in HID mode. A report is one swipe:
//
//	0-2 decode status  3-5 lengths  6 card encode type  7.. 117.. 227.. tracks  337 card status
//
// with the tracks' sentinels among their characters. A MagneSafe reader's report has
// other places, and once keys are loaded its tracks are enciphered; what it shows
// beside them is masked, which is no card number and is never taken for one.
type MagTekHID struct{}

// Report implements Reports.
func (MagTekHID) Report(b []byte) []Event {
	switch {
	case len(b) >= magtekMagneSafe:
		return magnesafe.read(b)
	case len(b) == magtekInsert:
		return magtekSeated.read(b)
	case len(b) == magtekSwipe:
		return magtekPlain.read(b)
	}
	return []Event{{Note: fmt.Sprintf("a report of %d bytes is no swipe of a MagTek reader (337, 338 or 856): is it one, in HID mode?", len(b))}}
}

func (l magtekLayout) read(b []byte) []Event {
	text, silent, secret := []byte(nil), true, 0
	for n := range 3 {
		length := int(b[3+n])
		if length > l.longest {
			return []Event{{Note: fmt.Sprintf("a report gives track %d %d characters, where there is room for %d: it was dropped; swipe again", n+1, length, l.longest)}}
		}
		data := b[l.tracks[n] : l.tracks[n]+length]
		silent = silent && length == 0 && b[n]&magtekUndecoded == 0
		switch {
		case b[n]&magtekUndecoded != 0:
			text = append(text, starts[n], 'E', es)
		case length == 0:
		case !clearTrack(n, data):
			secret++
		default:
			text = append(append(text, third(n, data[0])), data[1:]...)
		}
	}
	if secret > 0 {
		return []Event{{Note: l.enciphered(b)}}
	}
	if silent && l.status > 0 && b[l.status]&magtekInside != 0 {
		return []Event{{Note: "a card is in the reader: draw it out"}}
	}
	if text == nil {
		return []Event{{Swipe: swipeOf([3]reader.Track{})}}
	}
	return new(ASCII).Feed(append(text, cr))
}

// starts are the start sentinels that MagTek gives ISO tracks.
const starts = "%;+"

// third gives a track 3 that begins as track 2 does its own start sentinel.
func third(n int, start byte) byte {
	if n == 2 && start == ';' {
		return '+'
	}
	return start
}

// clearTrack tells characters from ciphertext, and a track from what is none: eight
// enciphered bytes are ASCII between sentinels once in millions of times.
func clearTrack(n int, data []byte) bool {
	first := [...]string{"%", ";@", ";+!#&"}[n]
	last := len(data) - 1
	if last < 1 || data[last] != es || !contains(first, data[0]) {
		return false
	}
	for _, c := range data {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func contains(set string, c byte) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}

// enciphered says what came instead of card data.
func (l magtekLayout) enciphered(b []byte) string {
	if len(b) < magtekMagneSafe {
		return "a report whose tracks are no characters between sentinels: it was dropped; swipe again"
	}
	seen := ""
	for n := range 3 {
		if b[maskedLength+n] > 0 {
			seen += fmt.Sprintf(" %d (%d characters)", n+1, b[maskedLength+n])
		}
	}
	if seen == "" {
		seen = " none"
	}
	return "a MagneSafe reader that enciphers: masked tracks came:" + seen +
		"; a masked track yields no card number, and possim has no key for the rest: use a reader at security level 2"
}
