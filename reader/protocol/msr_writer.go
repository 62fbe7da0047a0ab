package protocol

import (
	"bytes"
	"errors"
	"fmt"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// Writer talks to a writer of the MSR206 family, one command at a time: Begin returns
// what to send, Feed takes what comes until the command is answered. It has no line and
// no clock: who waits decides when the reader is silent.
//
//	write(w.Begin(protocol.WriteTracks(tracks)))
//	for !answered {
//		answer, answered = w.Feed(read())
//	}
//
// What it sends is what the MSR605/606 Programmer's Manual lists in section 7.
type Writer struct {
	in      []byte
	command WriterCommand
}

// WriterCommand is a command of a writer, and how its answer is told.
type WriterCommand struct {
	Name  string // for people
	Card  bool   // it is carried out when a card is swiped
	bytes []byte
	split func(b []byte) (n int, answer WriterAnswer)
}

// WriterAnswer is what a writer said.
type WriterAnswer struct {
	Swipe *reader.Swipe // of ReadTracks
	Text  string        // of WriterModel and WriterVersion, as the reader has it
	Err   error         // the reader refused
}

// Errors of a WriterAnswer.
var (
	ErrWriteFailed = errors.New("the reader could not read or write the card: swipe it steadily, stripe down")
	ErrWriteFormat = errors.New("the reader does not take the data: a track is too long, or has characters it cannot hold")
	ErrWriteSwipe  = errors.New("the card was swiped badly: swipe it again")
	errWriteWrong  = errors.New("the reader does not know the command: it may be another model")
)

// Begin starts a command, and returns what to send.
func (w *Writer) Begin(c WriterCommand) []byte {
	w.command, w.in = c, nil
	return c.bytes
}

// Feed takes what the reader sent. Without an answer that is known it goes on; more than
// any answer has is noise, and the oldest of it is dropped.
func (w *Writer) Feed(in []byte) (a WriterAnswer, answered bool) {
	w.in = append(w.in, in...)
	if len(w.in) > 2*maxMSR {
		w.in = w.in[len(w.in)-maxMSR:]
	}
	for len(w.in) > 0 {
		if w.in[0] == esc {
			n, a := w.command.split(w.in)
			if n > 0 {
				w.in = nil
				return a, true
			}
			if n == 0 {
				return WriterAnswer{}, false
			}
		}
		w.in = w.in[1:]
	}
	return WriterAnswer{}, false
}

// msrStatusAnswer is the answer ESC and a digit.
func msrStatusAnswer(b []byte) (int, WriterAnswer) {
	if len(b) < 2 {
		return 0, WriterAnswer{}
	}
	switch b[1] {
	case msrOK:
		return 2, WriterAnswer{}
	case msrError:
		return 2, WriterAnswer{Err: ErrWriteFailed}
	case msrFormat:
		return 2, WriterAnswer{Err: ErrWriteFormat}
	case msrWrong, msrRefuse:
		return 2, WriterAnswer{Err: errWriteWrong}
	case msr9:
		return 2, WriterAnswer{Err: ErrWriteSwipe}
	}
	return -1, WriterAnswer{}
}

// WriterReset ends whatever the reader was told to do. It is not answered: WriterTest is.
func WriterReset() WriterCommand {
	return WriterCommand{Name: "reset", bytes: []byte{esc, 'a'}}
}

// WriterTest asks whether there is a writer.
func WriterTest() WriterCommand {
	return WriterCommand{Name: "communication test", bytes: []byte{esc, 'a', esc, 'e'}, split: func(b []byte) (int, WriterAnswer) {
		switch {
		case len(b) < 2:
			return 0, WriterAnswer{}
		case b[1] == 'y':
			return 2, WriterAnswer{}
		}
		return -1, WriterAnswer{}
	}}
}

// WriterModel asks for the model: ESC, a digit and S (ESC 3 S is three tracks).
func WriterModel() WriterCommand {
	return WriterCommand{Name: "model", bytes: []byte{esc, 't'}, split: func(b []byte) (int, WriterAnswer) {
		switch {
		case len(b) < 3:
			return 0, WriterAnswer{}
		case b[2] != 'S':
			return -1, WriterAnswer{}
		}
		return 3, WriterAnswer{Text: string(b[1:2])}
	}}
}

// WriterVersion asks for the firmware: ESC REV and five or six characters.
func WriterVersion() WriterCommand {
	return WriterCommand{Name: "version", bytes: []byte{esc, 'v'}, split: func(b []byte) (int, WriterAnswer) {
		const least = 9 // ESC REVU1.00, of clients and manual
		switch {
		case len(b) < least && bytes.HasPrefix([]byte("\x1bREV"), b[:min(4, len(b))]):
			return 0, WriterAnswer{}
		case !bytes.HasPrefix(b, []byte("\x1bREV")):
			return -1, WriterAnswer{}
		}
		return len(b), WriterAnswer{Text: string(b[1:])}
	}}
}

// WriterCoercivity sets it for what is written next: high, or low.
func WriterCoercivity(high bool) WriterCommand {
	c, name := byte('y'), "low coercivity"
	if high {
		c, name = 'x', "high coercivity"
	}
	return WriterCommand{Name: name, bytes: []byte{esc, c}, split: msrStatusAnswer}
}

// The lights of a writer.
const (
	LEDsOff   = 0x81
	LEDsOn    = 0x82
	LEDGreen  = 0x83
	LEDYellow = 0x84
	LEDRed    = 0x85
)

// WriterLED sets the lights. It is not answered.
func WriterLED(which byte) WriterCommand {
	return WriterCommand{Name: "lights", bytes: []byte{esc, which}}
}

// Answered reports whether the reader answers the command at all.
func (c WriterCommand) Answered() bool { return c.split != nil }

// ReadTracks reads the card that is swiped next.
func ReadTracks() WriterCommand {
	return WriterCommand{Name: "read", Card: true, bytes: []byte{esc, 'r'}, split: func(b []byte) (int, WriterAnswer) {
		if len(b) > 1 && b[1] != 's' {
			return msrStatusAnswer(b)
		}
		n, frame := splitMSR(b)
		switch {
		case n == 0:
			return 0, WriterAnswer{}
		case !frame:
			return -1, WriterAnswer{}
		}
		return n, WriterAnswer{Swipe: msrSwipe(b[:n])}
	}}
}

// EraseTracks takes tracks off the card that is swiped next: bit 0 is track 1.
func EraseTracks(tracks [3]bool) WriterCommand {
	sel := byte(0)
	for i, t := range tracks {
		if t {
			sel |= 1 << i
		}
	}
	if sel == 1 {
		sel = 0 // track 1 alone (MSR605 manual, select byte)
	}
	return WriterCommand{Name: "erase", Card: true, bytes: []byte{esc, 'c', sel}, split: msrStatusAnswer}
}

// WriteTracks writes tracks as ISO has them onto the card that is swiped next; an empty
// one is left as it is. The data is without sentinels, which the writer adds.
func WriteTracks(tracks [3]card.TrackData) (WriterCommand, error) {
	block := []byte{esc, 'w', esc, 's'}
	for i, t := range tracks {
		if _, err := magstripe.EncodeBits(i+1, t); t != "" && (err != nil || trackOf(i+1, t.Reveal()).Data != t) {
			return WriterCommand{}, fmt.Errorf("track %d has characters that its alphabet lacks, or a sentinel inside", i+1)
		}
		if limit := msrLimit[i]; len(t) > limit {
			return WriterCommand{}, fmt.Errorf("track %d has %d characters; it holds %d", i+1, len(t), limit)
		}
		block = append(append(block, esc, byte(i+1)), t.Reveal()...)
	}
	return WriterCommand{Name: "write", Card: true, bytes: append(block, es, fs), split: msrStatusAnswer}, nil
}

// msrLimit is how much a track holds between its sentinels (ISO/IEC 7811).
var msrLimit = [3]int{76, 37, 104}
