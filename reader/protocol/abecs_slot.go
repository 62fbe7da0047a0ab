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
	d.occupied, d.powered, d.chip = true, false, abecsChip{}
	w := d.wait
	if !w.chip {
		return nil
	}
	d.wait = abecsWait{}
	return w.done(nil)
}

// Remove implements Slot.
func (d *ABECSDevice) Remove() []byte {
	d.occupied, d.powered, d.chip = false, false, abecsChip{}
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
	if answer := d.told(data, err); answer != "" {
		return d.say(answer)
	}
	return nil
}

// directly carries out CHP (section 3.3.2).
func (d *ABECSDevice) directly(data string) []byte {
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
		d.order = Order{Kind: OrderCommand, APDU: apdu}
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
