package protocol

import (
	"encoding/hex"
	"fmt"
	"strconv"
)

// noTables is the version of EMV tables that were never loaded (ABECS 2.12, section 3.5.1).
const noTables = "0000000000"

// Occupied implements Slot.
func (d *ABECSDevice) Occupied() bool { return d.occupied }

// Insert implements Slot.
func (d *ABECSDevice) Insert() []byte {
	d.occupied, d.powered = true, false
	if !d.waits {
		return nil
	}
	d.waits = false
	return d.begin()
}

// Remove implements Slot.
func (d *ABECSDevice) Remove() []byte {
	d.occupied, d.powered = false, false
	return nil
}

// Order implements Slot.
func (d *ABECSDevice) Order() Order { return d.order }

// Answer implements Slot.
func (d *ABECSDevice) Answer(data []byte, err error) []byte {
	if d.order.Kind == OrderNone {
		return nil
	}
	if err == nil && len(data) == 0 {
		err = ErrMute
	}
	if d.order.Kind == OrderReset {
		d.powered = err == nil
	}
	d.order = Order{}
	return d.say(d.told(data, err))
}

// getCard waits for a card; one that is in the slot is taken at once. A version of the
// tables that differs matters to a chip alone, and is told once (6.8.1.2).
func (d *ABECSDevice) getCard(data string) []byte {
	const version = 6 + 2 + 2 + 12 + 6 + 6
	switch {
	case data == "GCR" && d.kept && d.occupied:
		d.kept = false
		d.tryChip()
		return nil
	case len(data) < version+len(noTables):
		return d.say("GCR" + abecsParam)
	}
	d.kept = data[version:][:len(noTables)] != noTables
	if d.waits = !d.occupied; !d.waits {
		return d.begin()
	}
	return nil
}

// begin takes a chip for GCR.
func (d *ABECSDevice) begin() []byte {
	if d.kept {
		return d.say("GCR" + abecsTables)
	}
	d.tryChip()
	return nil
}

// tryChip has the chip powered, and its applications looked for.
func (d *ABECSDevice) tryChip() {
	d.order = Order{Kind: OrderReset}
	d.told = func(_ []byte, err error) string {
		if err != nil {
			d.LastChip = 1
			return "GCR" + abecsMute
		}
		d.LastChip = 2
		return "GCR" + abecsNoApp
	}
}

// chip carries out CHP (section 3.3.2).
func (d *ABECSDevice) chip(data string) []byte {
	f := fields{rest: data[3:]}
	size, err := strconv.Atoi(f.take(3))
	slot, oper := f.take(1), f.take(1)
	n, lenErr := strconv.Atoi(f.take(3))
	apdu, hexErr := hex.DecodeString(f.take(2 * max(n, 0)))
	switch {
	case err != nil, lenErr != nil, hexErr != nil, f.short, size != 5+2*n, !isDigits(slot + oper):
		return d.say("CHP" + abecsParam)
	case slot >= "1" && slot <= "8":
		return d.say("CHP" + abecsNoSAM)
	case oper == "0":
		d.powered = d.powered && slot != "0"
		return d.say("CHP" + abecsOK + "003000")
	case slot != "0", !d.occupied:
		return d.say("CHP" + abecsNoCard)
	case oper == "1":
		d.order = Order{Kind: OrderReset}
	case oper != "2", n < 4: // 3 would ask for a PIN, and there are no keys to type one
		return d.say("CHP" + abecsParam)
	case !d.powered:
		return d.say("CHP" + abecsErrCard)
	default:
		d.order = Order{OrderCommand, apdu}
	}
	reset := d.order.Kind == OrderReset
	d.told = func(data []byte, err error) string {
		switch {
		case err != nil && reset:
			return "CHP" + abecsMute
		case err != nil:
			return "CHP" + abecsErrCard
		}
		return block("CHP"+abecsOK, fmt.Sprintf("%03d%X", len(data), data))
	}
	return nil
}
