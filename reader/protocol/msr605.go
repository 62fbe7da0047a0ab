package protocol

import (
	"bytes"

	"possim/reader"
	"possim/reader/magstripe"
)

// The characters of the MSR206 family (MSR605 Programmer's Manual, sections 6 and 7).
const (
	fs        = 0x1C
	msrBad    = '*' // ESC * in the place of a track: it did not read (libmsr msr206.h)
	msrEmpty  = '+' // ESC + in the place of a track: nothing on it
	msrOK     = '0'
	msrError  = '1'
	msrFormat = '2'
	msrWrong  = '4' // no such command
	msrRefuse = 'A' // a parameter is out of range
)

// maxMSR bounds a data block: three tracks, or three raw ones of 255 bytes.
const maxMSR = 1024

// msr605 reads from the MSR206 family: MSR206, MSR605, MSR606 and their like. They
// wait for ESC r and then send one card:
//
//	ESC s ESC 01 %track 1? ESC 02 ;track 2? ESC 03 ;track 3? ? FS ESC status
//
// The manual's section 7 prints ESC 1 for the hex 1B 01: the devices send 01. In the
// place of a track may stand ESC * (bad) or ESC + (empty), as the published clients
// have it, or nothing, as the manual does.
type msr605 struct {
	talk
	step msrStep
}

// msrStep is how far the talk with the reader has come.
type msrStep uint8

const (
	msrSilent msrStep = iota // nothing was sent
	msrTested                // a communication test went out
	msrIdle                  // it may be armed
	msrArmed                 // it was told to read
)

func newMSR605() Parser {
	m := &msr605{talk: talker("an MSR605", maxMSR, splitMSR)}
	m.take, m.spoilt = m.frame, m.rearm
	return m
}

// Ask implements Dialog: a reset and a communication test first (section 8), then
// ESC r. A reader that does not answer the test is armed all the same.
func (m *msr605) Ask() []byte {
	switch m.step {
	case msrSilent:
		m.step = msrTested
		return []byte{esc, 'a', esc, 'e'}
	case msrArmed:
		return nil
	case msrTested:
		if !m.wait() {
			return nil
		}
		m.note("no answer to the communication test: is it an MSR605, at 9600 baud?")
	}
	m.step = msrArmed
	return []byte{esc, 'r'}
}

// rearm has Ask arm the reader once more: twice does no harm.
func (m *msr605) rearm() {
	if m.step == msrArmed {
		m.step = msrIdle
	}
}

// Leave implements Dialog.
func (m *msr605) Leave() []byte { return []byte{esc, 'a'} }

// splitMSR finds a data block with its status, or an answer of two bytes.
func splitMSR(b []byte) (int, bool) {
	if b[0] != esc {
		if i := bytes.IndexByte(b, esc); i > 0 {
			return i, false
		}
		return len(b), false
	}
	switch {
	case len(b) < 2:
		return 0, false
	case b[1] != 's':
		return 2, bytes.IndexByte([]byte("y01249A"), b[1]) >= 0
	}
	if again := bytes.Index(b[2:], []byte{esc, 's', esc}); again >= 0 {
		if end := bytes.IndexByte(b, fs); end < 0 || end > again+2 {
			return again + 2, false // broken off, and another block behind it
		}
	}
	end := bytes.IndexByte(b, fs)
	switch {
	case end < 0 || end+2 >= len(b):
		return 0, false
	case b[end-1] != es || b[end+1] != esc:
		return 1, false
	}
	_, ok := msrTracks(b[2 : end-1])
	if !ok {
		return 1, false
	}
	return end + 3, true
}

// msrTracks takes the three tracks of a block apart. A track is its characters, or
// one of msrBad and msrEmpty after an ESC.
func msrTracks(b []byte) (tracks [3][]byte, ok bool) {
	for n := range tracks {
		if len(b) < 2 || b[0] != esc || b[1] != byte(n+1) {
			return tracks, false
		}
		b = b[2:]
		end := bytes.IndexByte(b, esc)
		switch {
		case end < 0:
			end = len(b)
		case end == 0 && len(b) > 1 && (b[1] == msrBad || b[1] == msrEmpty):
			end = 2
		}
		tracks[n], b = b[:end], b[end:]
	}
	return tracks, len(b) == 0
}

func (m *msr605) frame(frame []byte) {
	switch {
	case frame[1] == 'y':
		if m.step == msrTested {
			m.step, m.known = msrArmed, true
			m.reply = append(m.reply, esc, 'r')
		}
		return
	case frame[1] != 's':
		if frame[1] != msrOK {
			m.note("the reader refused a command (ESC " + string(frame[1]) + ")")
		}
		return
	}
	m.step = msrIdle
	m.events = append(m.events, Event{Swipe: msrSwipe(frame)})
}

// msrSwipe is what a whole data block holds.
func msrSwipe(frame []byte) *reader.Swipe {
	status := frame[len(frame)-1]
	parts, _ := msrTracks(frame[2 : len(frame)-4])
	var tracks [3]reader.Track
	for i, p := range parts {
		switch {
		case len(p) == 2 && p[0] == esc && p[1] == msrEmpty:
		case len(p) == 2 && p[0] == esc, len(p) == 0 && status != msrOK:
			tracks[i].Status = magstripe.StatusError
		default:
			tracks[i] = trackOf(i+1, string(p))
		}
	}
	return swipeOf(tracks)
}
