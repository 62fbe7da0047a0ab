package protocol

import (
	"fmt"
	"strings"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// The events of CKE and CEX: a swipe, a chip that is there and one that is not.
const (
	abecsSwiped = "90"
	abecsOut    = "91"
	abecsIsIn   = "92"
	abecsNoTap  = "93" // after two minutes
)

// checkEvent carries out CKE (section 3.3.3): flags for keys, stripe and chip, and one for
// contactless cards that may be missing.
func (d *ABECSDevice) checkEvent(data string) []byte {
	f := fields{rest: data[3:]}
	f.take(3)
	flags := f.take(3)
	if f.short || !isDigits(flags) {
		return d.say("CKE" + abecsParam)
	}
	event := func(which string, s *reader.Swipe) []byte {
		switch which {
		case abecsOut, abecsIsIn:
			return d.say("CKE" + abecsOK + block("", "2"+map[string]string{abecsOut: "0", abecsIsIn: "1"}[which]))
		}
		if !anyRead(s) {
			return d.say("CKE" + abecsMagErr)
		}
		return d.say("CKE" + abecsOK + block("", "1"+abecsTracks(s)))
	}
	return d.await("CKE", flags, event, 0)
}

// checkExtended carries out CEX (section 3.3.1). Tracks come without what follows the
// service code; GTK has the whole of them, once.
func (d *ABECSDevice) checkExtended(p map[uint16]string) []byte {
	flags := p[speEvents]
	if flags == "" {
		return d.say("CEX" + abecsMandatory)
	}
	d.held = nil
	event := func(which string, s *reader.Swipe) []byte {
		var a abecsAnswer
		a.add(ppEvent, which)
		if which == abecsSwiped {
			d.held = s
			d.addTracks(&a, s, p[speMask])
		}
		return d.sayAll("CEX", a)
	}
	return d.await("CEX", flags+"000", event, d.deadline(p))
}

// await waits for the events that flags name: keys, stripe, chip. Who put a chip in takes
// it out when it is to go.
func (d *ABECSDevice) await(command, flags string, event func(string, *reader.Swipe) []byte, until time.Duration) []byte {
	switch chip := flags[2]; {
	case chip == '1' && d.occupied:
		return event(abecsIsIn, nil)
	case chip == '2':
		d.Remove()
		return event(abecsOut, nil)
	}
	d.wait = abecsWait{command: command, stripe: flags[1] == '1', chip: flags[2] == '1', until: until,
		done: func(s *reader.Swipe) []byte {
			if s == nil {
				return event(abecsIsIn, nil)
			}
			return event(abecsSwiped, s)
		}}
	return nil
}

// widths is how much of a track fits where tracks have fixed places; one that does not
// counts as not read.
var widths = [3]int{76, 37, 104}

// trackText is a track without its sentinels, "" when it was not read.
func trackText(s *reader.Swipe, i int) string {
	if t := s.Tracks[i]; t.Status == magstripe.StatusOK && len(t.Data) <= widths[i] {
		return t.Data.Reveal()
	}
	return ""
}

// abecsTracks are the three tracks in places of fixed width, each behind its length.
func abecsTracks(s *reader.Swipe) string {
	var b strings.Builder
	for i, width := range widths {
		data := trackText(s, i)
		fmt.Fprintf(&b, "%0*d%-*s", 2+i/2, len(data), width, data)
	}
	return b.String()
}

// addTracks adds what CEX and GCX show of tracks (6.3.4.1): up to the service code, or 19
// characters where there is none.
func (d *ABECSDevice) addTracks(a *abecsAnswer, s *reader.Swipe, mask string) {
	for i := range 3 {
		a.addSome(ppTrack1In+uint16(i), incomplete(i+1, trackText(s, i), mask))
	}
}

// incomplete cuts a track seven characters behind its second ^ or first =, or else behind
// 19, and masks the number in it.
func incomplete(n int, data, mask string) string {
	const none, service = 19, 7
	end := -1
	switch n {
	case 1:
		if end = strings.IndexByte(data, '^'); end >= 0 {
			if next := strings.IndexByte(data[end+1:], '^'); next >= 0 {
				end += 1 + next
			} else {
				end = -1
			}
		}
	case 2:
		end = strings.IndexByte(data, '=')
	}
	if end++; end > 0 {
		end += service
	} else {
		end = none
	}
	return masked(data[:min(end, len(data))], mask)
}

// masked puts * for the digits of the number that text begins with, but for those at its
// ends that mask leaves open: two digits for each end (SPE_PANMASK). Spaces in the number
// stay; a number that is shorter than its ends stays too.
func masked(text, mask string) string {
	f := fields{rest: mask}
	left, right := f.number(2), f.number(2)
	if f.short || f.rest != "" {
		return text
	}
	out, digits := []byte(text), []int(nil)
	for i, c := range out {
		if c >= '0' && c <= '9' {
			digits = append(digits, i)
		} else if c != ' ' && len(digits) > 0 {
			break
		}
	}
	for i := left; i < len(digits)-right && left+right <= len(digits); i++ {
		out[digits[i]] = '*'
	}
	return string(out)
}

// getTracks carries out GTK (section 3.3.12) for what CEX or GCX read last: the whole
// tracks, once, in clear. There are no keys to encipher them with.
func (d *ABECSDevice) getTracks(p map[uint16]string) []byte {
	wanted := (p[speTracks] + "1111")[:4]
	if p[speTracks] != "" {
		wanted = (p[speTracks] + "0000")[:4]
	}
	switch {
	case p[speMethod] != "":
		return d.say("GTK" + abecsNoKey)
	case d.held == nil:
		return d.say("GTK" + abecsInvalid)
	}
	var a abecsAnswer
	if pan := d.chip.result.PAN; pan != "" && wanted[0] == '1' {
		a.add(ppPANBCD, nibbles(pan.Reveal()))
	}
	for i := range 3 {
		if data := trackText(d.held, i); data != "" && wanted[i+1] == '1' {
			if i > 0 {
				data = nibbles(data)
			}
			a.add(ppTrack1+uint16(i), data)
		}
	}
	d.held = nil
	return d.sayAll("GTK", a)
}
