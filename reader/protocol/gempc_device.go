package protocol

import (
	"time"

	"possim/reader"
)

// gemPause is how long a frame may pause between two bytes: the reader's own limit is
// in no public text.
const gemPause = time.Second

// GemPCDevice is a GemPC Twin: a serial smart-card reader that a PC/SC driver can open.
// It echoes each command. It takes the frames of CCID at the level of TPDUs: a card of
// T=1 is given blocks, which the reader passes on, and takes a PPS.
type GemPCDevice struct {
	in       scanner
	last     time.Duration
	occupied bool
	powered  bool
	quiet    bool   // movements are told after the next command's echo, not at once
	moved    []byte // movements still to be told
	header   [2]byte
	order    Order
	protocol byte
	atr      atr
	t1       *t1Card
	out      []byte
}

// gemFirmware is what the escape 02 answers: the name of the reader and its version.
const gemFirmware = "GemTwin-V2.10-possim"

// Wants implements Device. The slot takes a card whenever one comes.
func (*GemPCDevice) Wants() Want { return WantAny }

// Swipe implements Device: there is no head.
func (*GemPCDevice) Swipe(*reader.Swipe) []byte { return nil }

// Occupied implements Slot.
func (d *GemPCDevice) Occupied() bool { return d.occupied }

// Insert implements Slot.
func (d *GemPCDevice) Insert() []byte { return d.move(true, gemIn) }

// Remove implements Slot.
func (d *GemPCDevice) Remove() []byte { return d.move(false, gemOut) }

func (d *GemPCDevice) move(in bool, what byte) []byte {
	d.occupied, d.powered = in, false
	if d.quiet {
		d.moved = []byte{gemSlot, what}
		return nil
	}
	return []byte{gemSlot, what}
}

// Receive implements Device.
func (d *GemPCDevice) Receive(now time.Duration, in []byte) []byte {
	if d.in.split == nil {
		d.in = scanner{limit: gemMax + 3, split: splitGemFrame}
	}
	d.out = nil
	if len(d.in.buf) > 0 && now-d.last > gemPause {
		d.in.flush(d.frame)
	}
	if len(in) > 0 {
		d.last = now
		d.in.feed(in, d.frame)
	}
	return d.out
}

// frame echoes a frame and obeys it. One whose check fails is to be sent again.
func (d *GemPCDevice) frame(f []byte) {
	if f[1] == gemNAK {
		return // no answer is kept: a client that asks for one again asks its question again
	}
	d.out = append(d.out, f...)
	if lrc(f) != 0 {
		d.out = append(d.out, gemSync, gemNAK, gemSync^gemNAK)
		return
	}
	d.out = append(d.out, d.moved...)
	d.moved = nil
	d.command(f[2 : len(f)-1])
}

// command carries out a message.
func (d *GemPCDevice) command(m []byte) {
	d.header, d.order = [2]byte{m[5], m[6]}, Order{}
	data := append([]byte(nil), m[gemHeader:]...)
	switch m[0] {
	case ccidPowerOn:
		if !d.occupied {
			d.fail(ccidData, ccidMute)
			return
		}
		d.order = Order{Kind: OrderReset}
	case ccidPowerOff:
		d.powered = false
		d.say(ccidStatus, 0, nil)
	case ccidSlotStatus, ccidAbort:
		d.say(ccidStatus, 0, nil)
	case ccidXfrBlock:
		d.transfer(data)
	case ccidSetParameters:
		if len(data) < 5 || m[7] > 1 {
			d.fail(ccidParameters, ccidBadLength)
			return
		}
		d.protocol = m[7]
		d.say(ccidParameters, d.protocol, data)
	case ccidResetParameters, ccidGetParameters:
		d.say(ccidParameters, d.protocol, d.atr.parameters())
	case ccidEscape:
		d.escape(data)
	default:
		d.fail(ccidStatus, ccidUnsupported)
	}
}

// transfer passes a TPDU to the card.
func (d *GemPCDevice) transfer(data []byte) {
	switch {
	case !d.powered:
		d.fail(ccidData, ccidMute)
	case len(data) >= 3 && data[0] == 0xFF && lrc(data) == 0: // PPS: the card agrees (ISO/IEC 7816-3, 9.3)
		d.protocol = data[1] & 0x0F
		d.say(ccidData, 0, data)
	case d.protocol == 0 && len(data) < 4:
		d.fail(ccidData, ccidBadLength)
	case d.protocol == 0:
		d.order = Order{Kind: OrderCommand, APDU: data}
	default:
		send, apdu := d.t1.feed(data)
		if apdu == nil {
			d.say(ccidData, 0, send)
			return
		}
		d.order = Order{Kind: OrderCommand, APDU: apdu}
	}
}

// escape obeys the maker's own commands, those that the Linux driver sends: 02 asks for
// the firmware, 01 01 01 has movements told after a command's echo.
func (d *GemPCDevice) escape(data []byte) {
	switch {
	case string(data) == "\x02":
		d.say(ccidEscaped, 0, []byte(gemFirmware))
	case len(data) == 3 && data[0] == 1 && data[1] == 1:
		d.quiet = data[2] == 1
		d.say(ccidEscaped, 0, nil)
	default:
		d.fail(ccidEscaped, ccidUnsupported)
	}
}

// Order implements Slot.
func (d *GemPCDevice) Order() Order { return d.order }

// Answer implements Slot.
func (d *GemPCDevice) Answer(data []byte, err error) []byte {
	order := d.order.Kind
	d.order, d.out = Order{}, nil
	switch {
	case order == OrderNone:
	case err != nil, len(data) == 0:
		d.powered = d.powered && order != OrderReset
		d.fail(ccidData, ccidMute)
	case order == OrderReset:
		d.powered, d.atr, d.t1 = true, parseATR(data), newT1Card()
		d.protocol = d.atr.protocol
		d.say(ccidData, 0, data)
	case d.protocol == 0:
		d.say(ccidData, 0, data)
	default:
		d.say(ccidData, 0, d.t1.answer(data))
	}
	return d.out
}

// state is what every answer says of the slot.
func (d *GemPCDevice) state() byte {
	switch {
	case !d.occupied:
		return ccidAbsent
	case !d.powered:
		return ccidInactive
	}
	return 0
}

func (d *GemPCDevice) say(kind, third byte, data []byte) {
	d.out = append(d.out, d.answer(kind, [3]byte{d.state(), 0, third}, data)...)
}

func (d *GemPCDevice) fail(kind, why byte) {
	d.out = append(d.out, d.answer(kind, [3]byte{ccidFailed | d.state(), why, 0}, nil)...)
}

func (d *GemPCDevice) answer(kind byte, three [3]byte, data []byte) []byte {
	m := ccidMessage(kind, d.header[1], three, data)
	m[5] = d.header[0]
	return gemFrame(m)
}
