package protocol

import (
	"bytes"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// vivoTag begins every frame of ViVOpay readers (NEO 2 Interface Developer's Guide).
const vivoTag = "ViVOtech2\x00"

// maxVivo bounds the data of a frame.
const maxVivo = 1024

// The commands and statuses used here. The numbers of statuses are from memory.
const (
	vivoPoll     = 0x01 // 01-01: poll on demand (01) or by itself (00)
	vivoActivate = 0x02 // 02-01: wait for a card
	vivoResult   = 0x03 // 03-00: result of the last transaction; 03-02: configuration
	vivoCancel   = 0x05 // 05-01
	vivoPing     = 0x18 // 18-01
	vivoVersion  = 0x29 // 29-00

	vivoOK         = 0x00
	vivoUnknown    = 0x02
	vivoUnknownSub = 0x03
	vivoBadCRC     = 0x04
	vivoTimeout    = 0x08
	vivoFailed     = 0x0A
	vivoNotAllowed = 0x0B
)

// vivoFrame is tag, command, sub-command or status, length with the high byte first,
// data, and a CRC from FFFFh, which the host sends low byte first and the reader high
// byte first.
func vivoFrame(command, sub byte, data []byte, host bool) []byte {
	out := append([]byte(vivoTag), command, sub, byte(len(data)>>8), byte(len(data)))
	out = append(out, data...)
	crc := crc16(0xFFFF, out)
	if host {
		return append(out, byte(crc), byte(crc>>8))
	}
	return append(out, byte(crc>>8), byte(crc))
}

// splitVivo finds a frame of a reader, or of a host, with a right CRC.
func splitVivo(host bool) func([]byte) (int, bool) {
	return func(b []byte) (int, bool) {
		n := min(len(b), len(vivoTag))
		if string(b[:n]) != vivoTag[:n] {
			if i := bytes.IndexByte(b[1:], 'V'); i >= 0 {
				return i + 1, false
			}
			return len(b), false
		}
		if len(b) < len(vivoTag)+4 {
			return 0, false
		}
		size := int(b[12])<<8 | int(b[13])
		switch {
		case size > maxVivo:
			return 1, false
		case len(b) < 16+size:
			return 0, false
		}
		if !bytes.Equal(vivoFrame(b[10], b[11], b[14:14+size], host), b[:16+size]) {
			return 1, false
		}
		return 16 + size, true
	}
}

// vivotech reads from ID TECH's ViVOpay readers: ping, poll on demand, activate, and
// the answer to that holds the tracks, each with its length before it.
type vivotech struct {
	talk
	step vivoStep
}

type vivoStep uint8

const (
	vivoSilent vivoStep = iota
	vivoPinged
	vivoIdle
	vivoWaits
)

func newVivotech() Parser {
	v := &vivotech{talk: talker("a ViVOpay reader", maxVivo+16, splitVivo(false))}
	v.take, v.spoilt = v.frame, v.rearm
	return v
}

// Ask implements Dialog.
func (v *vivotech) Ask() []byte {
	switch {
	case v.step == vivoSilent:
		v.step = vivoPinged
		return vivoFrame(vivoPing, 1, nil, true)
	case v.step == vivoIdle:
		v.step, v.waited = vivoWaits, 0
		return vivoFrame(vivoActivate, 1, []byte{0}, true)
	case v.step == vivoPinged && v.wait():
		v.note("no answer to a ping: is it a ViVOpay reader, at 9600 baud?")
		v.step, v.waited = vivoSilent, 0
	}
	return nil
}

// rearm has Ask activate the reader once more.
func (v *vivotech) rearm() {
	if v.step == vivoWaits {
		v.step = vivoIdle
	}
}

// Leave implements Dialog.
func (v *vivotech) Leave() []byte { return vivoFrame(vivoCancel, 1, nil, true) }

func (v *vivotech) frame(frame []byte) {
	command, status, data := frame[10], frame[11], frame[14:len(frame)-2]
	switch {
	case command == vivoPing && v.step == vivoPinged:
		v.step, v.known = vivoIdle, true
		v.reply = append(v.reply, vivoFrame(vivoPoll, 1, []byte{1}, true)...)
	case command != vivoActivate:
	case status == vivoOK:
		v.step = vivoIdle
		v.events = append(v.events, Event{Swipe: vivoTracks(data)})
	case status == vivoTimeout:
		v.step = vivoIdle
	default: // failed
		v.step = vivoIdle
		bad := reader.Track{Status: magstripe.StatusError}
		v.events = append(v.events, Event{Swipe: &reader.Swipe{Tracks: [3]reader.Track{bad, bad, bad}}})
	}
}

// vivoTracks reads the tracks of an answer to 02-01: three lengths, each before its
// characters, the third missing where a reader has no track 3.
func vivoTracks(data []byte) *reader.Swipe {
	var tracks [3]reader.Track
	for i := range tracks {
		if len(data) == 0 {
			break
		}
		n := min(int(data[0]), len(data)-1)
		tracks[i] = trackOf(i+1, string(data[1:1+n]))
		data = data[1+n:]
	}
	return swipeOf(tracks)
}

// VivotechDevice is a ViVOpay reader with a stripe. What it says of a stripe that did
// not read is not in the guide's pages at hand: here the transaction failed when no
// track read, and a track that did not has length 0.
type VivotechDevice struct {
	scanner scanner
	last    time.Duration
	waits   bool
	result  []byte
}

// Wants implements Device.
func (d *VivotechDevice) Wants() Want {
	if d.waits {
		return WantCard
	}
	return WantNothing
}

// Receive implements Device.
func (d *VivotechDevice) Receive(now time.Duration, in []byte) []byte {
	if d.scanner.split == nil || now-d.last > time.Second {
		d.scanner = scanner{limit: maxVivo + 16, split: splitVivo(true)}
	}
	if len(in) > 0 {
		d.last = now
	}
	var out []byte
	d.scanner.feed(in, func(f []byte) { out = append(out, d.command(f[10], f[11], f[14:len(f)-2])...) })
	return out
}

func (d *VivotechDevice) command(command, sub byte, data []byte) []byte {
	status, answer := byte(vivoOK), []byte(nil)
	switch {
	case command == vivoPing && sub == 1, command == vivoPoll && sub == 1 && len(data) == 1:
	case command == vivoActivate && sub == 1:
		d.waits = true
		return nil
	case command == vivoResult && sub == 0 && d.result != nil:
		answer, d.result = d.result, nil
	case command == vivoResult && sub == 0:
		status = vivoFailed
	case command == vivoResult && sub == 2: // no parameters are kept
	case command == vivoCancel && sub == 1:
		d.waits = false
	case command == vivoVersion && sub == 0:
		answer = []byte("ViVOpay NEO 2")
	case bytes.IndexByte([]byte{vivoPing, vivoPoll, vivoActivate, vivoResult, vivoCancel, vivoVersion}, command) >= 0:
		status = vivoUnknownSub
	default:
		status = vivoUnknown
	}
	return vivoFrame(command, status, answer, false)
}

// Swipe implements Device.
func (d *VivotechDevice) Swipe(s *reader.Swipe) []byte {
	if !d.waits {
		return nil
	}
	d.waits, d.result = false, nil
	if !anyRead(s) {
		return vivoFrame(vivoActivate, vivoFailed, nil, false)
	}
	var data []byte
	for _, t := range s.Tracks {
		data = append(append(data, byte(len(t.Data))), t.Data.Reveal()...)
	}
	d.result = append(data, 0) // no clearing record
	return vivoFrame(vivoActivate, vivoOK, d.result, false)
}
