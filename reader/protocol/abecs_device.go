package protocol

import (
	"fmt"
	"time"

	"possim/reader"
)

// abecsPause is how long a packet may pause between two bytes (ABECS 2.12, section
// 2.2.3).
const abecsPause = 2 * time.Second

// ABECSDevice is a pinpad of the Brazilian standard with a stripe reader and a slot. It
// opens and closes, tells of itself (GIN, GIX), loads EMV tables (TLI, TLR, TLE, GTS),
// shows and forgets what it is to show, waits for cards (GCR, GCX, CKE, CEX) and takes a
// chip through a sale (GOC and FNC, GOX and FCX) with the kernel of who plays it, or lets
// the client at it (CHP). CAN ends a wait and is always answered. Commands are in
// abecs_emv.go and its neighbours.
//
// It holds no keys, so that what would encipher answers 042; nobody types at it, so that
// what waits for a key waits until it is cancelled or its time is up. An OPN that would
// set up secure communication is answered as pinpads do that have none (3.2.2).
type ABECSDevice struct {
	// LastChip is what GCR says of the last chip that was read: 0 read, 1 failed in a
	// way that allows the stripe, 2 no application in common (GCR_STATCHIP).
	LastChip byte

	occupied bool
	powered  bool
	order    Order
	told     func(data []byte, err error) string // makes the answer of what the card said
	kept     string                              // a GCR that was answered 020, for one without parameters

	tables  abecsTables
	loading *abecsLoad
	wait    abecsWait
	chip    abecsChip // of the transaction
	then    func(EMVResult) []byte
	held    *reader.Swipe // for GTK, once

	in    []byte
	now   time.Duration
	last  time.Duration
	sent  []byte // for NAK
	tries int
}

// abecsWait is a command that waits, and for what.
type abecsWait struct {
	command      string // "": none
	stripe, chip bool
	until        time.Duration                // 0: for ever
	done         func(s *reader.Swipe) []byte // nil for a chip that came
}

// Wants implements Device.
func (d *ABECSDevice) Wants() Want {
	if d.wait.stripe || d.wait.chip {
		return WantCard
	}
	return WantNothing
}

// Receive implements Device.
func (d *ABECSDevice) Receive(now time.Duration, in []byte) []byte {
	var out []byte
	d.now = now
	if len(d.in) > 0 && now-d.last >= abecsPause {
		d.in = d.in[:0]
		out = append(out, nak)
	}
	if w := d.wait; w.command != "" && w.until > 0 && now >= w.until {
		d.wait = abecsWait{}
		out = append(out, d.say(w.command+abecsTimeout)...)
	}
	for _, b := range in {
		d.last = now
		switch {
		case b == abecsCAN && len(d.in) == 0: // in a packet it is data
			d.wait, d.order = abecsWait{}, Order{}
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
	d.wait, d.order = abecsWait{}, Order{}
	return append([]byte{ack}, d.command(string(data))...)
}

// command carries a command out, and answers unless it is one that waits. None needs an
// OPN before it (6.4.1).
func (d *ABECSDevice) command(data string) []byte {
	name := data[:min(3, len(data))]
	switch name {
	case "OPN", "DSP", "DEX":
	case "CLO", "CLX":
		d.held, d.powered = nil, false
	case "GIN":
		return d.information(data)
	case "GIX", "GCX", "GED", "GOX", "FCX", "GTK", "CEX", "GCD", "MNU":
		return d.abecsCommand(name, data[3:])
	case "GTS":
		f := fields{rest: data[3:]}
		f.take(3)
		if acquirer := f.take(2); !f.short {
			return d.say(name + abecsOK + block("", d.tables.version(acquirer)))
		}
		return d.say(name + abecsParam)
	case "TLI", "TLR", "TLE":
		return d.loadTables(name, data)
	case "GCR":
		return d.getCard(data)
	case "CNG":
		return d.change(data)
	case "GOC":
		return d.goOn(data)
	case "FNC":
		return d.finishChip(data)
	case "CKE":
		return d.checkEvent(data)
	case "GKY":
		d.wait = abecsWait{command: name}
		return nil
	case "CHP":
		return d.directly(data)
	case "RMC": // whoever put it in takes it out
		d.occupied, d.powered, d.chip = false, false, abecsChip{}
	case "GPN", "EBX", "ENB", "GDU", "DWK":
		return d.say(name + abecsNoKey)
	default:
		return d.say("ERR" + abecsInvalid)
	}
	return d.say(name + abecsOK)
}

// abecsCommand carries out a command in Abecs format.
func (d *ABECSDevice) abecsCommand(name, data string) []byte {
	p, ok := abecsParams(data)
	if !ok {
		return d.say(name + abecsParam)
	}
	switch name {
	case "GIX":
		return d.information2(p)
	case "GCX":
		return d.getCardExtended(p)
	case "GED":
		return d.getData(p)
	case "GOX":
		return d.goOnExtended(p)
	case "FCX":
		return d.finishExtended(p)
	case "GTK":
		return d.getTracks(p)
	case "CEX":
		return d.checkExtended(p)
	}
	d.wait = abecsWait{command: name, until: d.deadline(p)} // GCD, MNU: nobody types
	return nil
}

// deadline is when a command with parameters gives up waiting; 0 is never.
func (d *ABECSDevice) deadline(p map[uint16]string) time.Duration {
	if t := p[speTimeout]; t != "" {
		return d.now + time.Duration(t[0])*time.Second + 1
	}
	return 0
}

func (d *ABECSDevice) say(data string) []byte {
	d.sent, d.tries = abecsPacket([]byte(data)), 0
	return d.sent
}

// notify is a message for the person at the client, of two lines of 16 (2.3.3).
func notify(upper, lower string) []byte {
	return abecsPacket([]byte(block("NTM"+abecsOK, fmt.Sprintf("%-16.16s%-16.16s", upper, lower))))
}

// Swipe implements Device.
func (d *ABECSDevice) Swipe(s *reader.Swipe) []byte {
	w := d.wait
	if !w.stripe {
		return nil
	}
	d.wait = abecsWait{}
	return w.done(s)
}
