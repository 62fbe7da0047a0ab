package protocol

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// The commands for the chip that are always the same: CHP on the main slot, off and on,
// and RMC with what the display is to show.
var (
	abecsPowerOff = "CHP00500000"
	abecsPowerOn  = "CHP00501000"
	abecsRMC      = "RMC032" + fmt.Sprintf("%-32s", "     possim")
)

// abecsChipTrouble are the statuses of GCR by which the pinpad's kernel gives up on a chip
// that is in the slot; who has the card's chip by CHP need not.
const abecsChipTrouble = "060 061 067 068 069 070 071 076 078 079"

// abecsFallback says what GCR_STATCHIP means for the stripe that came with it.
var abecsFallback = map[string]string{
	"1": "the pinpad could not read the chip that was put in before: this swipe is a fallback",
	"2": "the chip that was put in before has no application that the pinpad knows: this swipe may be a fallback",
}

// abecsPatience is how many idle turns a command for the chip may take: a pinpad gives up
// after a minute.
const abecsPatience = 650

// power powers the chip that is in the slot.
func (a *abecs) power() {
	a.step = abecsPowers
	a.reply = append(a.reply, a.send(abecsPowerOn)...)
}

// chip takes the answer to CHP.
func (a *abecs) chip(status, rest string) {
	switch {
	case a.stale > 0:
		a.stale--
	case a.step == abecsFrees:
		a.step = abecsIn
	case a.step == abecsPowers && status == abecsNoCard:
		a.step = abecsOpen
	case a.step == abecsPowers:
		data, _ := chipData(status, rest)
		a.step = abecsInUse
		a.events = append(a.events, Event{Chip: &Chip{ATR: data}})
	case a.step == abecsInUse && a.asked:
		data, err := chipData(status, rest)
		a.asked = false
		a.events = append(a.events, Event{Answer: &Answer{Data: data, Err: err}})
	}
}

// chipData is what CHP carries: a length in bytes, and as many in hex.
func chipData(status, rest string) ([]byte, error) {
	switch status {
	case abecsOK:
	case abecsNoCard:
		return nil, ErrNoCard
	case abecsMute, abecsErrCard:
		return nil, ErrMute
	default:
		return nil, fmt.Errorf("the pinpad refused a command for the chip with status %s", status)
	}
	f := fields{rest: rest}
	f.take(3)
	n, err := strconv.Atoi(f.take(3))
	if err != nil || n < 0 {
		return nil, fmt.Errorf("the pinpad's answer about the chip has no length")
	}
	data, err := hex.DecodeString(f.take(2 * n))
	if err != nil || f.short {
		return nil, fmt.Errorf("the pinpad's answer about the chip is cut off, or no hex")
	}
	return data, nil
}

// Transmit implements ChipDialog.
func (a *abecs) Transmit(apdu []byte) []byte {
	if a.asked {
		a.stale++
	}
	a.asked = true
	return a.send(block("CHP", fmt.Sprintf("02%03d%X", len(apdu), apdu)))
}

// Release implements ChipDialog.
func (a *abecs) Release() []byte {
	if a.step != abecsInUse {
		return nil
	}
	if a.asked {
		a.stale++
	}
	a.step, a.asked = abecsFrees, false
	return a.send(abecsPowerOff)
}

// watch gives up on a command that nothing comes of.
func (a *abecs) watch() {
	a.waited++
	if a.asked && (a.waited > abecsPatience || !a.acked && a.waited > 3*patience) {
		a.asked = false
		a.events = append(a.events, Event{Answer: &Answer{Err: errSilent}})
	}
}

// block is a command or an answer with one block of data.
func block(name, data string) string { return fmt.Sprintf("%s%03d%s", name, len(data), data) }

// isDigits reports whether s is digits alone.
func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
