package protocol

import (
	"fmt"
	"strings"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
)

// abecsPause is how long a packet may pause between two bytes (ABECS 2.12, section
// 2.2.3).
const abecsPause = 2 * time.Second

// ABECSDevice is a pinpad of the Brazilian standard with a stripe reader. It opens
// (OPN), tells of itself (GIN), waits for a card (GCR), shows and forgets what it is to
// show (DSP), and closes (CLO); CAN ends a wait and is always answered. An OPN that
// would set up secure communication is answered as pinpads do that have none (3.2.2).
//
// It has a slot: CHP powers a card and carries commands to it, RMC has it taken out. It
// has no EMV tables and takes none, so that GCR knows no application of any chip and
// answers 070; GOC and FNC, which go on from there, are unknown to it.
type ABECSDevice struct {
	// LastChip is what GCR says of the last chip that was read: 0 read, 1 failed in a
	// way that allows the stripe, 2 no application in common (GCR_STATCHIP).
	LastChip byte

	occupied bool
	powered  bool
	order    Order
	told     func(data []byte, err error) string // makes the answer of what the card said
	kept     bool                                // a GCR that was answered 020 waits for another

	in    []byte
	last  time.Duration
	open  bool
	waits bool
	sent  []byte // for NAK
	tries int
}

// gin00 is what GIN tells of the pinpad itself: maker, model, contactless or not,
// system, version of the specification, of the manager, serial number.
var gin00 = fmt.Sprintf("100%-20s%-19s %-20s2.12%-16s%-20s", "possim", "ABECS", "possim", "001.00 260101", "00000001")

// Wants implements Device.
func (d *ABECSDevice) Wants() Want {
	if d.waits {
		return WantCard
	}
	return WantNothing
}

// Receive implements Device.
func (d *ABECSDevice) Receive(now time.Duration, in []byte) []byte {
	var out []byte
	if len(d.in) > 0 && now-d.last >= abecsPause {
		d.in = d.in[:0]
		out = append(out, nak)
	}
	for _, b := range in {
		d.last = now
		switch {
		case b == abecsCAN && !d.inCRC():
			d.in, d.waits = d.in[:0], false
			out = append(out, abecsEOT)
			continue
		case b == abecsSYN && !d.inCRC():
			d.in = append(d.in[:0], b)
			continue
		case len(d.in) == 0:
			if b == nak {
				out = append(out, d.again()...)
			}
			continue
		}
		d.in = append(d.in, b)
		switch n := len(d.in); {
		case n > 3 && d.in[n-3] == abecsETB:
			out = append(out, d.packet()...)
			d.in = d.in[:0]
		case n > 2*abecsMax:
			d.in = d.in[:0]
			out = append(out, nak)
		}
	}
	return out
}

// inCRC reports whether the next byte is of a CRC, where any value may stand.
func (d *ABECSDevice) inCRC() bool {
	n := len(d.in)
	return n > 1 && d.in[n-1] == abecsETB || n > 2 && d.in[n-2] == abecsETB
}

// again repeats an answer that its receiver could not read, three times at most.
func (d *ABECSDevice) again() []byte {
	if d.tries++; d.tries > 3 {
		return nil
	}
	return d.sent
}

func (d *ABECSDevice) packet() []byte {
	data, ok := abecsData(d.in)
	if !ok {
		return []byte{nak}
	}
	d.waits, d.order = false, Order{}
	return append([]byte{ack}, d.command(string(data))...)
}

// command carries a command out, and answers unless it is one that waits.
func (d *ABECSDevice) command(data string) []byte {
	name := data[:min(3, len(data))]
	switch {
	case name == "OPN":
		d.open = true
	case !strings.Contains("OPN CLO CLX DSP GCR GIN CHP RMC", name) || len(name) < 3:
		return d.say("ERR" + abecsInvalid)
	case !d.open:
		return d.say(name + abecsInvalid)
	case name == "GCR":
		return d.getCard(data)
	case name == "CHP":
		return d.chip(data)
	case name == "RMC": // whoever put it in takes it out
		d.occupied, d.powered = false, false
	case name == "GIN" && data == "GIN00200":
		return d.say(name + abecsOK + gin00)
	case name == "GIN": // an acquirer's: there are no tables here
		return d.say(name + abecsParam)
	case name == "CLO" || name == "CLX":
		d.open = false
	}
	return d.say(name + abecsOK)
}

func (d *ABECSDevice) say(data string) []byte {
	d.sent, d.tries = abecsPacket([]byte(data)), 0
	return d.sent
}

// Swipe implements Device.
func (d *ABECSDevice) Swipe(s *reader.Swipe) []byte {
	if !d.waits {
		return nil
	}
	d.waits = false
	last := d.LastChip
	d.LastChip = 0
	if !anyRead(s) {
		return d.say("GCR" + abecsMagErr)
	}
	return d.say("GCR" + abecsOK + gcrAnswer(s, last))
}

// gcrAnswer is the block of an answer to GCR for a stripe: type of card, state of the
// last chip, table record, tracks without sentinels, and the fields of chips, empty.
func gcrAnswer(s *reader.Swipe, lastChip byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "00%d000000", lastChip)
	for i, width := range []int{76, 37, 104} {
		data := ""
		if t := s.Tracks[i]; t.Status == magstripe.StatusOK && len(t.Data) <= width {
			data = t.Data.Reveal()
		}
		fmt.Fprintf(&b, "%0*d%-*s", 2+i/2, len(data), width, data)
	}
	// PAN, sequence number, label, service code, holder and expiry are a chip's.
	fmt.Fprintf(&b, "00%19s00%16s%3s%26s000000%29s000000", "", "", "", "", "")
	block := b.String()
	return fmt.Sprintf("%03d%s", len(block), block)
}
