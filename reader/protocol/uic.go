package protocol

import (
	"bytes"

	"possim/reader"
	"possim/reader/magstripe"
)

// The characters of the UIC protocol (MSR110 Programmer's Manual PM008 Rev. D,
// section 4).
const (
	soh = 0x01
	eot = 0x04

	uicACK     = '^'  // done; and, of a reader that was told to read, a card came
	uicNoData  = '+'  // no start sentinel
	uicError   = '*'  // no end sentinel, parity or LRC
	uicGarbled = '?'  // communication error
	uicInvalid = '!'  // not a command, or not now
	uicCannot  = '~'  // no hardware for that
	uicOn      = ':'  // power on
	uicNone    = '>'  // something passed, without a stripe
	uicAgain   = '%'  // command: send that again
	uicStatus  = '$'  // command: status, of which bit 5 is data, bit 6 ready to read
	uicReady   = 'P'  // command: ready to read
	uicPaused  = 0x13 // DC3: stop sending
	uicResume  = 0x11 // DC1: go on
)

// uicReplies are the messages of one character.
const uicReplies = "^+*?!~:>()"

// maxUIC bounds a message with its frame.
const maxUIC = maxTrack + 8

// uicFraming is one of the three ways in which the readers frame a message.
type uicFraming uint8

const (
	uicBare uicFraming = iota // nothing but the message
	uicSTX                    // STX message ETX BCC, of 7 bits
	uicSOH                    // SOH address 00 count message BCC; or count 0 and EOT behind the message
)

// wrap puts a message in its frame.
func (f uicFraming) wrap(message []byte) []byte {
	switch f {
	case uicSTX:
		out := append(append([]byte{stx}, message...), etx)
		return append(out, lrc(out)&0x7F)
	case uicSOH:
		out := append([]byte{soh, 0, 0, byte(len(message))}, message...)
		return append(out, lrc(out))
	}
	return message
}

// split finds a message with its frame. One with a wrong BCC counts, if its end is
// known: it is to be sent again.
func (f uicFraming) split(b []byte) (int, bool) {
	switch f {
	case uicSTX:
		return splitUICSTX(b)
	case uicSOH:
		return splitUICSOH(b)
	}
	switch {
	case bytes.IndexByte([]byte(uicReplies), b[0]) >= 0, b[0] == cr, b[0] == lf:
		return 1, true
	case b[0] != '%' && b[0] != ';':
		return 1, false
	}
	if again := bytes.IndexByte(b[1:], '%'); again >= 0 && bytes.IndexByte(b[:again+1], es) < 0 {
		return again + 1, false
	}
	if i := bytes.IndexByte(b, es); i >= 0 {
		return i + 1, true
	}
	return 0, false
}

func splitUICSTX(b []byte) (int, bool) {
	if b[0] != stx {
		if i := bytes.IndexByte(b, stx); i > 0 {
			return i, false
		}
		return len(b), false
	}
	end := bytes.IndexByte(b[1:], etx) + 1
	if again := bytes.LastIndexByte(b[:max(end, 0)], stx); again > 0 {
		return again, false // broken off: the message starts anew
	}
	if end <= 0 || end+1 >= len(b) {
		return 0, false
	}
	return end + 2, true
}

func splitUICSOH(b []byte) (int, bool) {
	switch {
	case b[0] != soh:
		return 1, false
	case len(b) < 4:
		return 0, false
	case b[2] != 0 || int(b[3]) > maxTrack:
		return 1, false
	}
	n := 4 + int(b[3])
	if b[3] == 0 {
		end := bytes.IndexByte(b[4:], eot)
		if end < 0 {
			return 0, false
		}
		n = 4 + end + 1
	}
	if n >= len(b) {
		return 0, false
	}
	if lrc(b[:n]) != b[n] {
		return 1, false
	}
	return n + 1, true
}

// unwrap returns the message of a frame, or false if its BCC is wrong. Only bits 0
// to 6 count in the second framing: bit 7 is the line's parity there.
func (f uicFraming) unwrap(frame []byte) ([]byte, bool) {
	n := len(frame) - 1
	switch f {
	case uicSTX:
		return frame[1 : n-1], (lrc(frame[:n])^frame[n])&0x7F == 0
	case uicSOH:
		if frame[3] == 0 {
			n--
		}
		return frame[4:n], true
	}
	return frame, true
}

// uic reads from UIC's MSR110, MSR112 and MSR120 over RS-232. The client arms the
// reader with P, is told of a card, and asks for one track after the other. A reader
// in self-arm mode, as it leaves the factory, sends its tracks unasked.
type uic struct {
	talk
	framing uicFraming
	step    uicStep
	tracks  [3]reader.Track
	looked  bool // the status was asked for: the line may have lost the word of a card
	crossed bool // tracks come unasked while the answer to P is still to come
	last    byte // the command that went out last
	tries   int
}

// uicStep is how far the talk has come.
type uicStep uint8

const (
	uicIdle  uicStep = iota
	uicAsked         // P went out
	uicAbort         // it was armed before: ESC went out
	uicArmed         // P was acknowledged
	uicTrack         // uicTrack+n: track n+1 was asked for
	uicSelf  = uicTrack + 3
)

func newUIC(framing uicFraming) func() Parser {
	return func() Parser {
		u := &uic{talk: talker("a UIC reader", maxUIC, framing.split), framing: framing}
		u.take, u.spoilt = u.frame, u.rearm
		return u
	}
}

// Ask implements Dialog.
func (u *uic) Ask() []byte {
	switch {
	case u.step == uicIdle:
		u.step, u.tries = uicAsked, 0
		return append([]byte{uicResume}, u.command(uicReady)...) // DC3 may have been noise
	case u.step == uicArmed && u.framing != uicBare && u.wait():
		u.looked = true
		return u.command(uicStatus)
	case u.step == uicArmed || u.step >= uicSelf:
		return nil
	case !u.wait():
		return nil
	}
	u.waited = 0
	if u.tries++; u.tries > 3 {
		u.note("no answer: is it a UIC reader, and set to this framing and speed?")
		u.step = uicIdle
		return nil
	}
	return u.command(u.last)
}

// rearm has Ask arm the reader once more, where it cannot be asked for its status.
func (u *uic) rearm() {
	if u.step == uicArmed && u.framing == uicBare {
		u.step = uicIdle
	}
}

// Leave implements Dialog.
func (u *uic) Leave() []byte { return u.framing.wrap([]byte{esc}) }

// Pending implements Parser: tracks that came unasked end when the line is idle.
func (u *uic) Pending() Pending {
	if p := u.talk.Pending(); p != PendingNone || u.step < uicSelf {
		return p
	}
	return PendingWhole
}

// Flush implements Parser.
func (u *uic) Flush() []Event {
	events := u.talk.Flush()
	if u.step >= uicSelf {
		u.finish()
	}
	return append(events, u.told()...)
}

func (u *uic) command(c byte) []byte {
	u.last, u.waited = c, 0
	return u.framing.wrap([]byte{c})
}

func (u *uic) say(c byte) { u.reply = append(u.reply, u.command(c)...) }

func (u *uic) frame(frame []byte) {
	message, ok := u.framing.unwrap(frame)
	if !ok {
		u.again(uicAgain)
		return
	}
	if len(message) == 1 && !u.asking() {
		u.report(message[0])
		return
	}
	if len(message) == 0 || len(message) == 1 && (message[0] == cr || message[0] == lf) {
		return
	}
	switch {
	case u.asking() && len(message) == 1 && message[0] == uicGarbled:
		u.again(u.last)
	case u.asking() && len(message) == 1 && message[0] == uicInvalid:
		u.step = uicArmed // it still waits: what looked like a card was an older ACK
	case u.asking() && len(message) == 1 && message[0] == uicACK:
		// The card came only now; what was asked for is answered all the same.
	case u.asking():
		u.put(int(u.step-uicTrack), message)
		if u.step++; u.step == uicSelf {
			u.finish()
		} else {
			u.say('Q' + byte(u.step-uicTrack))
		}
	default: // in self-arm mode
		u.unasked(message)
	}
}

// unasked takes a track of a reader in self-arm mode. The first may have crossed P on the
// line, which is answered all the same.
func (u *uic) unasked(message []byte) {
	if u.step < uicSelf {
		u.crossed = u.step == uicAsked
		u.step, u.tracks = uicSelf, [3]reader.Track{}
	}
	u.put(int(u.step-uicSelf), message)
	if u.step++; u.step == uicSelf+3 {
		u.finish()
	}
}

// asking reports whether a track was asked for.
func (u *uic) asking() bool { return u.step >= uicTrack && u.step < uicSelf }

func (u *uic) answered() bool { return u.step == uicArmed || u.asking() }

// put keeps what was said of track n, counted from 0.
func (u *uic) put(n int, message []byte) {
	switch {
	case len(message) > 1:
		u.tracks[n] = trackOf(n+1, string(message))
	case message[0] == uicNoData:
		u.tracks[n] = reader.Track{}
	default:
		u.tracks[n] = reader.Track{Status: magstripe.StatusError}
	}
}

// finish hands the swipe out.
func (u *uic) finish() {
	u.events = append(u.events, Event{Swipe: swipeOf(u.tracks)})
	u.step, u.tracks, u.tries = uicIdle, [3]reader.Track{}, 0
	if u.crossed {
		u.crossed, u.step, u.waited = false, uicAsked, 0
	}
}

// again sends a command once more, a few times.
func (u *uic) again(c byte) {
	if u.tries++; u.tries > 3 {
		u.note("the reader or the line garbles messages: check the speed, the parity and the framing")
		u.step = uicIdle
		return
	}
	last := u.last
	u.say(c)
	u.last = last
}

// report handles a message of one character while no track is asked for.
func (u *uic) report(c byte) {
	looked := u.looked
	u.looked = false
	switch {
	case looked && c != uicACK && c&0x60 == 0x20:
		u.step, u.tracks, u.tries = uicTrack, [3]reader.Track{}, 0
		u.say('Q')
	case looked && c != uicACK:

	case c == uicACK && u.step == uicAsked:
		u.step = uicArmed
	case c == uicInvalid && u.step == uicAsked:
		u.step = uicAbort
		u.say(esc)
	case c == uicACK && u.step == uicAbort:
		u.step = uicIdle
	case c == uicACK && u.step == uicArmed:
		u.step, u.tracks, u.tries = uicTrack, [3]reader.Track{}, 0
		u.say('Q')
	case c == uicOn:
		u.step = uicIdle
	case c == uicNone:
		u.note("something without a stripe passed the reader: swipe again")
		u.step = uicIdle
	case c == uicGarbled && u.step == uicAsked:
		u.again(u.last)
	case u.step == uicArmed && c != uicError && c != uicNoData: // perhaps the word of a card: arm it for the next
		u.step = uicIdle
	case c == uicError, c == uicNoData:
		u.unasked([]byte{c})
	}
}
