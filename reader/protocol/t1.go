package protocol

import "errors"

// The blocks of T=1 (ISO/IEC 7816-3, 11): NAD PCB LEN data LRC. Both ends are here: a
// terminal's, for readers that leave the blocks to it, and a card's, for emulated ones.
const (
	t1More   = 0x20 // of an I-block's PCB: more data follows
	t1R      = 0x80 // an R-block: N(R) in bit 5
	t1S      = 0xC0 // an S-block
	t1Answer = 0x20 // of an S-block: the answer to one

	t1Resynch = 0x00
	t1IFS     = 0x01
	t1Abort   = 0x02
	t1WTX     = 0x03

	t1Garbled = 1 // of an R-block: a check that fails
	t1Other   = 2 // of an R-block: anything else

	t1Max   = 254 // bytes in a block
	t1Tries = 3
)

// errT1 is of a card that does not keep to the protocol.
var errT1 = errors.New("the card's blocks are garbled: the contacts are dirty, or the card is damaged")

// t1Block frames data.
func t1Block(pcb byte, data []byte) []byte {
	b := append([]byte{0, pcb, byte(len(data))}, data...)
	return append(b, lrc(b))
}

// t1Parse takes a block apart.
func t1Parse(b []byte) (pcb byte, data []byte, ok bool) {
	if len(b) < 4 || int(b[2]) != len(b)-4 || lrc(b) != 0 {
		return 0, nil, false
	}
	return b[1], b[3 : len(b)-1], true
}

// t1Line is one end of T=1.
type t1Line struct {
	ns, nr byte   // of the I-block that is sent next, and of the one expected
	size   int    // what the other end takes in a block
	out    []byte // what is still to be sent
	last   []byte // the block sent last
	in     []byte // what has come of a chain
}

// next is the I-block with the next piece of what is to be sent.
func (t *t1Line) next() []byte {
	n := min(t.size, len(t.out))
	pcb := t.ns << 6
	if n < len(t.out) {
		pcb |= t1More
	}
	t.last = t1Block(pcb, t.out[:n])
	t.out = t.out[n:]
	t.ns ^= 1
	return t.last
}

// acknowledge asks for the block that is expected, and says why.
func (t *t1Line) acknowledge(why byte) []byte { return t1Block(t1R|t.nr<<4|why, nil) }

// took takes an I-block. With more to come the answer is an R-block.
func (t *t1Line) took(pcb byte, data []byte) (send []byte, whole bool) {
	if pcb>>6&1 != t.nr {
		return t.acknowledge(t1Other), false
	}
	t.in = append(t.in, data...)
	t.nr ^= 1
	if pcb&t1More != 0 {
		return t.acknowledge(0), false
	}
	return nil, true
}

// asked takes an R-block: the next piece, or the last block once more.
func (t *t1Line) asked(pcb byte) []byte {
	if pcb>>4&1 == t.ns && len(t.out) > 0 {
		return t.next()
	}
	return t.last
}

// t1Terminal is a terminal's end.
type t1Terminal struct {
	t1Line
	tries int
}

// begin starts an exchange.
func (t *t1Terminal) begin(apdu []byte) []byte {
	t.out, t.in, t.tries = apdu, nil, 0
	return t.next()
}

// offer says how much the terminal takes in a block: the first thing after the ATR
// (EMV Book 1, 9.2.4.2).
func (t *t1Terminal) offer() []byte {
	t.last = t1Block(t1S|t1IFS, []byte{t1Max})
	return t.last
}

// feed takes a block of the card. It returns what to send, or the answer when there is
// nothing to send, or that the card is beyond help.
func (t *t1Terminal) feed(b []byte) (send, answer []byte, err error) {
	pcb, data, ok := t1Parse(b)
	switch {
	case !ok:
		return t.again(t.acknowledge(t1Garbled))
	case pcb&t1S == t1R && pcb>>4&1 == t.ns && len(t.out) > 0:
		t.tries = 0
		return t.next(), nil, nil
	case pcb&t1S == t1R:
		return t.again(t.last)
	case pcb&t1S == t1S:
		return t.supervise(pcb, data)
	case pcb>>6&1 != t.nr, len(t.out) > 0:
		return t.again(t.acknowledge(t1Other))
	}
	t.tries = 0
	if send, whole := t.took(pcb, data); !whole {
		return send, nil, nil
	}
	return nil, t.in, nil
}

// again sends what may help, a few times.
func (t *t1Terminal) again(b []byte) (send, answer []byte, err error) {
	if t.tries++; t.tries > t1Tries {
		return nil, nil, errT1
	}
	return b, nil, nil
}

// supervise takes an S-block.
func (t *t1Terminal) supervise(pcb byte, data []byte) (send, answer []byte, err error) {
	switch {
	case pcb&t1Answer != 0: // to offer
		return nil, nil, nil
	case pcb&0x1F == t1Abort:
		return nil, nil, errT1
	case pcb&0x1F == t1IFS && len(data) == 1 && data[0] > 0 && data[0] <= t1Max:
		t.size = int(data[0])
	}
	return t1Block(pcb|t1Answer, data), nil, nil
}

// t1Card is a card's end.
type t1Card struct{ t1Line }

func newT1Card() *t1Card { return &t1Card{t1Line{size: 32}} }

// feed takes a block of the terminal. It returns what to send, or a whole command.
func (t *t1Card) feed(b []byte) (send, apdu []byte) {
	pcb, data, ok := t1Parse(b)
	switch {
	case !ok:
		return t.acknowledge(t1Garbled), nil
	case pcb&0x80 == 0:
		if send, whole := t.took(pcb, data); !whole {
			return send, nil
		}
		apdu, t.in = t.in, nil
		return nil, apdu
	case pcb&t1S == t1R:
		if t.last == nil {
			return t.acknowledge(t1Other), nil
		}
		return t.asked(pcb), nil
	}
	switch {
	case pcb&0x1F == t1Resynch:
		size := t.size
		t.t1Line = t1Line{size: size}
	case pcb&0x1F == t1IFS && len(data) == 1 && data[0] > 0 && data[0] <= t1Max:
		t.size = int(data[0])
	case pcb&0x1F == t1Abort:
		t.in, t.out = nil, nil
	}
	t.last = t1Block(pcb|t1Answer, data)
	return t.last, nil
}

// answer sends the card's answer.
func (t *t1Card) answer(data []byte) []byte {
	t.out = data
	return t.next()
}
