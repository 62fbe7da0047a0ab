package protocol

import (
	"bytes"
	"strconv"
	"strings"

	"possim/reader"
	"possim/reader/magstripe"
)

// The bytes of the ABECS pinpad protocol (Protocolo ABECS 2.12, section 2.2).
const (
	abecsEOT = 0x04 // answer to CAN
	abecsDC3 = 0x13 // stands before a byte that was moved up by 20h
	abecsSYN = 0x16
	abecsETB = 0x17
	abecsCAN = 0x18

	abecsMax = 2049 // bytes of PKTDATA
)

// The statuses of answers that are used here (section 3.1.1). 041 is for a swipe of
// which no track could be read.
const (
	abecsOK           = "000"
	abecsInvalid      = "010" // not open, or no such command
	abecsParam        = "011"
	abecsTimeout      = "012"
	abecsCancel       = "013"
	abecsTablesDiffer = "020" // the pinpad's tables are of another version
	abecsMagErr       = "041"
	abecsNoKey        = "042"
	abecsMandatory    = "019"
	abecsNoCard       = "043"
	abecsNoSAM        = "051"
	abecsMute         = "060"
	abecsErrCard      = "061"
	abecsNoApp        = "070" // none of the card's applications is wanted
)

// abecsPacket frames data: SYN, the data with its special bytes replaced, ETB, and
// the CRC of the unreplaced data and ETB.
func abecsPacket(data []byte) []byte {
	out := []byte{abecsSYN}
	for _, b := range data {
		if b == abecsDC3 || b == abecsSYN || b == abecsETB {
			out = append(out, abecsDC3)
			b += 0x20
		}
		out = append(out, b)
	}
	crc := crc16(0, append(append([]byte(nil), data...), abecsETB))
	return append(out, abecsETB, byte(crc>>8), byte(crc))
}

// splitABECS finds a packet, or one of the bytes that stand alone. A packet with a
// wrong CRC counts: it is to be sent again.
func splitABECS(b []byte) (int, bool) {
	switch b[0] {
	case ack, nak, abecsEOT, abecsCAN:
		return 1, true
	case abecsSYN:
	default:
		return 1, false
	}
	end := bytes.IndexByte(b, abecsETB)
	if again := bytes.LastIndexByte(b[1:max(end, 1)], abecsSYN) + 1; again > 0 {
		return again, false
	}
	if end < 0 && bytes.IndexByte(b[1:], abecsSYN) >= 0 {
		return bytes.IndexByte(b[1:], abecsSYN) + 1, false
	}
	if end < 0 || end+2 >= len(b) {
		return 0, false
	}
	return end + 3, true
}

// abecsData takes a packet apart.
func abecsData(packet []byte) ([]byte, bool) {
	n := len(packet)
	var data []byte
	for i := 1; i < n-3; i++ {
		b := packet[i]
		if b == abecsDC3 {
			if i++; i >= n-3 {
				return nil, false
			}
			b = packet[i] - 0x20
		}
		data = append(data, b)
	}
	crc := crc16(0, append(data, abecsETB))
	return data, packet[n-2] == byte(crc>>8) && packet[n-1] == byte(crc)
}

// abecs reads cards with a pinpad of the Brazilian standard, ABECS: CAN to end whatever
// went on, OPN to open it, and GCR to wait for a card. Whatever the pinpad's own kernel
// makes of a chip, CHP powers it and carries commands to it (section 3.3.2); RMC waits
// for it to be taken out.
type abecs struct {
	talk
	step  abecsStep
	sent  []byte // for NAK
	tries int
	acked bool // what was sent is acknowledged
	asked bool // Transmit waits for an answer
	stale int  // answers to come that nobody waits for
}

type abecsStep uint8

const (
	abecsSilent  abecsStep = iota
	abecsCalled            // CAN went out
	abecsOpened            // OPN went out
	abecsOpen              // it is open
	abecsSent              // GCR went out
	abecsWaits             // GCR was acknowledged
	abecsPowers            // the chip gets power
	abecsInUse             // somebody has the chip
	abecsFrees             // its power was taken away
	abecsIn                // it is still in the slot
	abecsRemoves           // RMC went out
)

func newABECS() Parser {
	a := &abecs{talk: talker("an ABECS pinpad", 2*abecsMax, splitABECS)}
	a.take, a.spoilt = a.frame, a.restart
	return a
}

// abecsGCR asks for a card: any acquirer, any type of application, no amount. Date and
// time matter to chips alone. (Field widths as in published clients' GCR requests.)
var abecsGCR = block("GCR", "0099"+strings.Repeat("0", 12)+"260101"+"000000"+"0000000000"+"00"+"0")

// Ask implements Dialog.
func (a *abecs) Ask() []byte {
	switch a.step {
	case abecsSilent:
		a.step, a.tries = abecsCalled, 0
		return []byte{abecsCAN}
	case abecsOpen:
		a.step, a.tries = abecsSent, 0
		return a.send(abecsGCR)
	case abecsIn:
		a.step = abecsRemoves
		return a.send(abecsRMC)
	case abecsWaits:
		return nil
	case abecsInUse:
		a.watch()
		return nil
	}
	if !a.wait() || a.step == abecsRemoves && a.acked {
		return nil
	}
	a.waited = 0
	if a.tries++; a.tries > 2 {
		a.note("no answer: is it an ABECS pinpad, at 19200 baud?")
		a.step = abecsSilent
	}
	a.step = abecsCalled
	return []byte{abecsCAN}
}

// restart has Ask end whatever goes on, and open the pinpad anew.
func (a *abecs) restart() {
	if a.step == abecsWaits {
		a.step = abecsSilent
	}
}

// Leave implements Dialog: no chip stays under power.
func (a *abecs) Leave() []byte {
	if a.step == abecsPowers || a.step == abecsInUse {
		return append([]byte{abecsCAN}, a.send(abecsPowerOff)...)
	}
	return []byte{abecsCAN}
}

func (a *abecs) send(data string) []byte {
	a.waited, a.acked, a.sent = 0, false, abecsPacket([]byte(data))
	return a.sent
}

func (a *abecs) frame(frame []byte) {
	switch frame[0] {
	case abecsEOT:
		if a.step == abecsCalled {
			a.step = abecsOpened
			a.reply = append(a.reply, a.send("OPN")...)
		}
	case ack:
		if a.acked = true; a.step == abecsSent {
			a.step = abecsWaits
		}
	case nak:
		if a.tries++; a.tries <= 3 {
			a.reply = append(a.reply, a.sent...)
		}
	case abecsSYN:
		data, ok := abecsData(frame)
		if !ok {
			if a.tries++; a.tries <= 3 {
				a.reply = append(a.reply, nak)
			}
			return
		}
		a.answer(string(data))
	}
}

// answer takes the answer to a command.
func (a *abecs) answer(data string) {
	if len(data) < 6 {
		return
	}
	status := data[3:6]
	switch command := data[:3]; {
	case command == "NTM": // a message for the person at the pinpad
	case command == "OPN" && a.step == abecsOpened && status == abecsOK:
		a.step, a.known = abecsSent, true
		a.reply = append(a.reply, a.send(abecsGCR)...)
	case command == "GCR":
		a.step = abecsOpen
		a.card(status, data[6:])
	case command == "CHP":
		a.chip(status, data[6:])
	case command == "RMC" && a.step == abecsRemoves:
		a.step = abecsOpen
	case command == "ERR" && a.step == abecsPowers:
		a.note("a chip card was put in, and this pinpad lets nobody at its chip (no CHP): swipe it")
		a.step = abecsIn
	case command == "ERR", status != abecsOK:
		a.note("the pinpad refused a command with status " + status)
	}
}

// card takes the answer to GCR.
func (a *abecs) card(status, rest string) {
	switch status {
	case abecsMagErr:
		bad := reader.Track{Status: magstripe.StatusError}
		a.events = append(a.events, Event{Swipe: &reader.Swipe{Tracks: [3]reader.Track{bad, bad, bad}}})
		return
	case abecsInvalid:
		a.step = abecsSilent // closed meanwhile: open it again
		return
	case abecsTimeout:
		return
	case abecsTablesDiffer: // of no use here: go on with those there are
		a.step = abecsSent
		a.reply = append(a.reply, a.send("GCR")...)
		return
	case abecsOK:
	default:
		if strings.Contains(abecsChipTrouble, status) {
			a.power()
			return
		}
		a.note("the pinpad ended the wait for a card with status " + status)
		return
	}
	f := fields{rest: rest}
	f.take(3)
	kind, last := f.take(2), f.take(1)
	f.take(2 + 2 + 2) // application type, acquirer, record
	var tracks [3]reader.Track
	for i, width := range []int{76, 37, 104} {
		digits := 2 + i/2
		n, err := strconv.Atoi(f.take(digits))
		if text := f.take(width); err == nil && n >= 0 && n <= len(text) {
			tracks[i] = trackOf(i+1, text[:n])
		}
	}
	switch {
	case f.short:
		a.note("the pinpad's answer about the card is too short: swipe again")
	case kind == "00", kind == "05": // a stripe, or contactless posing as one
		if why := abecsFallback[last]; why != "" {
			a.note(why)
		}
		a.events = append(a.events, Event{Swipe: swipeOf(tracks)})
	case kind == "03":
		a.power()
	default:
		a.note("a contactless card was presented: a pinpad on a serial port is read by chip and stripe; put it in")
	}
}

// fields cuts fixed widths off a text.
type fields struct {
	rest  string
	short bool
}

func (f *fields) take(n int) string {
	if len(f.rest) < n {
		f.short, f.rest = true, ""
		return ""
	}
	s := f.rest[:n]
	f.rest = f.rest[n:]
	return s
}
