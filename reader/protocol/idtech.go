package protocol

import (
	"possim/reader"
	"possim/reader/magstripe"
)

// The bytes of ID TECH's protocol (SecureMag User Manual 80096504-001; MiniMag RS-232
// User's Manual, section 3).
const (
	ack = 0x06
	nak = 0x15

	idtUnknown    = 0x16 // no such function ID
	idtNotNow     = 0x18 // not in that mode
	idtSet        = 'S'
	idtReview     = 'R'
	idtArm        = 'P' // arm, or disarm, in buffered mode
	idtFetch      = 'Q' // read the buffer
	idtVersion    = '9'
	idtCopyright  = '8'
	idtReset      = 'I'
	idtDefaults   = 0x18 // function IDs
	idtReading    = 0x1A
	idtDirection  = 0x1D
	idtAll        = 0x1F
	idtTracks     = 0x13
	idtSeparator  = 0x17 // between tracks
	idtOptions    = 0x19 // bits: sentinels; of track 2 the number alone; tell of tracks that failed
	idtPrefix     = 0x34 // of track 1, 2 and 3
	idtSuffix     = 0x37
	idtTerminator = 0x21 // behind the last track
	idtPreamble   = 0xD2
	idtPostamble  = 0xD3
	idtMaxFrame   = 3*maxTrack + 160 // with what an encrypting reader adds
)

// idtech reads from ID TECH's MiniMag, SecureMag and their like over RS-232: lines of
// text, %...? CR ;...? CR, or a binary frame
//
//	02 LenL LenH type status len1 len2 len3 [sent encrypted] data... XOR SUM 03
//
// whose XOR and SUM are of the bytes between the lengths and them. Of a reader that
// encrypts there is nothing to be had but the masked tracks, which are told as errors.
type idtech struct {
	talk
	text lines
	out  []Event // of text
}

func newIDTech() Parser {
	p := &idtech{talk: talker("an ID TECH reader", idtMaxFrame, splitIDTech)}
	p.take = p.frame
	return p
}

// splitIDTech finds a binary frame, an answer to a setting, or any other byte.
func splitIDTech(b []byte) (int, bool) {
	switch {
	case b[0] == ack && len(b) == 1:
		return 0, false
	case b[0] == ack && b[1] == stx:
		return splitIDTAnswer(b)
	case b[0] != stx:
		return 1, true
	case len(b) < 3:
		return 0, false
	}
	n := int(b[1]) + int(b[2])<<8
	switch {
	case n < 5 || n > idtMaxFrame-6: // text after an STX: no frame is that long
		return 1, true
	case len(b) < n+6:
		return 0, false
	case !idtChecks(b[:n+6]):
		return 1, true
	}
	return n + 6, true
}

// splitIDTAnswer finds 06 02 id len data 03 LRC; its LRC is over all bytes from STX
// that stand before it.
func splitIDTAnswer(b []byte) (int, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n := 4 + int(b[3]) + 2
	switch {
	case len(b) < n:
		return 0, false
	case b[n-2] != etx || lrc(b[1:n-1]) != b[n-1]:
		return 1, true
	}
	return n, true
}

// idtChecks reports whether a binary frame's checks and end are right.
func idtChecks(f []byte) bool {
	data, tail := f[3:len(f)-3], f[len(f)-3:]
	sum := byte(0)
	for _, c := range data {
		sum += c
	}
	return tail[0] == lrc(data) && tail[1] == sum && tail[2] == etx
}

// Feed implements Parser.
func (p *idtech) Feed(in []byte) []Event {
	events := p.talk.Feed(in)
	return append(events, p.spoken()...)
}

// Flush implements Parser.
func (p *idtech) Flush() []Event {
	events := p.talk.Flush()
	events = append(events, p.spoken()...)
	return append(events, p.text.flush()...)
}

func (p *idtech) spoken() []Event {
	e := p.out
	p.out = nil
	return e
}

// Pending implements Parser.
func (p *idtech) Pending() Pending {
	if len(p.scanner.buf) > 0 {
		return PendingHalf
	}
	return p.text.pending()
}

// Ask implements Dialog: the reader sends unasked.
func (p *idtech) Ask() []byte { return nil }

func (p *idtech) frame(frame []byte) {
	switch {
	case len(frame) == 1 && (frame[0] == ack || frame[0] == nak):
	case len(frame) == 1:
		p.out = append(p.out, p.text.feed(frame)...)
	case frame[0] == ack: // a setting
	default:
		p.known = true
		p.out = append(p.out, p.text.flush()...)
		p.card(frame[3 : len(frame)-3])
	}
}

// card takes the card data of a binary frame.
func (p *idtech) card(b []byte) {
	status, lengths, rest := b[1], b[2:5], b[5:]
	encrypted := false
	if b[0]&0x80 != 0 && len(rest) >= 2 {
		encrypted = rest[1] != 0
		rest = rest[2:]
	}
	var tracks [3]reader.Track
	for i := range tracks {
		n := min(int(lengths[i]), len(rest))
		data := string(rest[:n])
		rest = rest[n:]
		decoded, sampled := status>>i&1 == 1, status>>(3+i)&1 == 1
		switch {
		case decoded && n == int(lengths[i]) && !encrypted:
			tracks[i] = trackOf(i+1, data)
		case sampled || n > 0:
			tracks[i].Status = magstripe.StatusError
		}
	}
	if encrypted || len(rest) > 0 {
		p.out = append(p.out, Event{Note: "the reader encrypts what it reads: set it to security level 1, or use another"})
		for i := range tracks {
			if tracks[i].Data != "" {
				tracks[i] = reader.Track{Status: magstripe.StatusError}
			}
		}
	}
	p.out = append(p.out, Event{Swipe: swipeOf(tracks)})
}

// encodeIDTech makes the binary frame of a swipe: type 00, an ISO card, unencrypted.
func encodeIDTech(s *reader.Swipe) []byte {
	data := make([]byte, 5)
	for i, t := range s.Tracks {
		switch {
		case t.Status == magstripe.StatusOK:
			text := framed(i+1, t)
			data[1] |= 1<<i | 1<<(3+i)
			data[2+i] = byte(len(text))
			data = append(data, text...)
		case failed(t):
			data[1] |= 1 << (3 + i) // sampled, and not decoded
		}
	}
	sum := byte(0)
	for _, c := range data {
		sum += c
	}
	out := append([]byte{stx, byte(len(data)), byte(len(data) >> 8)}, data...)
	return append(out, lrc(data), sum, etx)
}

// OPOSStatus is what the error byte 0 0 1 b4 b3 b2 b1 b0 that ID TECH readers send of
// a track in OPOS mode means: b0 no start sentinel, b1 no end sentinel, b2 parity, b3
// LRC, b4 anything else (SecureMag User Manual p.38).
func OPOSStatus(b byte) magstripe.Status {
	for i, s := range oposBits {
		if b>>i&1 == 1 {
			return s
		}
	}
	return magstripe.StatusOK
}

// OPOSError is the error byte of a track.
func OPOSError(s magstripe.Status) byte {
	for i, known := range oposBits {
		if s == known {
			return 0x20 | 1<<i
		}
	}
	return 0x20
}

var oposBits = [...]magstripe.Status{magstripe.StatusNoStart, magstripe.StatusNoEnd, magstripe.StatusParity, magstripe.StatusLRC, magstripe.StatusError}
