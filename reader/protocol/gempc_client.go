package protocol

import "fmt"

// gempc talks to a GemPC Twin, the serial smart-card reader: it asks whether there is
// a card, powers it, sets its parameters, and carries commands to it. The reader echoes
// each command; it works at the level of TPDUs, so that the blocks of T=1 are made here.
type gempc struct {
	talk
	step  gemStep
	seq   byte
	sent  []byte // the last frame, for NAK
	tries int
	shown bool // the card in the slot was told
	atr   []byte
	t1    *t1Terminal // nil for a card of T=0
	asked bool        // Transmit waits for an answer
	lost  bool        // the card was taken out
}

// gemStep is how far the talk with the reader has come.
type gemStep uint8

const (
	gemSilent gemStep = iota
	gemCalled         // it was asked for its firmware
	gemIdle           // it may be asked for a card
	gemPolled         // it was
	gemPowers         // the card gets power
	gemSets           // and its parameters
	gemOffers         // and learns how long a block may be
	gemInUse          // somebody has the card
	gemFrees          // the power was taken away
)

func newGemPC() Parser {
	g := &gempc{talk: talker("a GemPC Twin", gemMax+3, splitGemPC)}
	g.take = g.frame
	return g
}

// Ask implements Dialog.
func (g *gempc) Ask() []byte {
	switch g.step {
	case gemSilent:
		g.step = gemCalled
		return g.send(ccidEscape, [3]byte{}, []byte{0x02})
	case gemIdle:
		g.step = gemPolled
		return g.send(ccidSlotStatus, [3]byte{}, nil)
	case gemInUse:
		if g.waited++; g.asked && g.waited > gemPatience {
			g.done(Answer{Err: errSilent})
		}
		return nil
	}
	if !g.wait() {
		return nil
	}
	if g.step == gemCalled {
		g.note("no answer: is it a GemPC Twin, at 115200 baud?")
	}
	g.step, g.shown = gemSilent, false
	return nil
}

// gemPatience is how many idle turns a card has for its answer. While it works the reader
// asks for time. (The Linux driver waits three seconds.)
const gemPatience = 30

func (g *gempc) done(a Answer) {
	g.asked = false
	g.events = append(g.events, Event{Answer: &a})
}

func (g *gempc) send(kind byte, three [3]byte, data []byte) []byte {
	g.waited, g.tries = 0, 0
	g.seq++
	g.sent = gemFrame(ccidMessage(kind, g.seq, three, data))
	return g.sent
}

// Leave implements Dialog: no card stays under power.
func (g *gempc) Leave() []byte {
	if g.step < gemPowers {
		return nil
	}
	return g.send(ccidPowerOff, [3]byte{}, nil)
}

// Transmit implements ChipDialog.
func (g *gempc) Transmit(apdu []byte) []byte {
	if g.asked = true; g.lost {
		g.done(Answer{Err: ErrNoCard})
		return nil
	}
	if g.t1 != nil {
		return g.send(ccidXfrBlock, [3]byte{}, g.t1.begin(apdu))
	}
	return g.send(ccidXfrBlock, [3]byte{}, tpdu(apdu))
}

// tpdu is a command as T=0 carries it: without the Le behind data (ISO/IEC 7816-3, 12.2.5).
func tpdu(apdu []byte) []byte {
	if len(apdu) > 5 && len(apdu) == 5+int(apdu[4])+1 {
		return apdu[:len(apdu)-1]
	}
	return apdu
}

// Release implements ChipDialog.
func (g *gempc) Release() []byte {
	if g.step != gemInUse {
		return nil
	}
	g.step, g.asked = gemFrees, false
	return g.send(ccidPowerOff, [3]byte{}, nil)
}

func (g *gempc) frame(frame []byte) {
	switch {
	case frame[0] == gemSlot && frame[1] == gemOut:
		g.shown, g.lost = false, true
		if g.asked {
			g.done(Answer{Err: ErrNoCard})
		}
	case frame[0] != gemSync: // more time, or a card that came: the next poll finds it
	case frame[1] == gemNAK:
		if g.tries++; g.tries <= 3 {
			g.reply = append(g.reply, g.sent...)
		}
	default:
		g.message(frame[2 : len(frame)-1])
	}
}

// message takes the answer to the last command; an echo and what is late are neither.
func (g *gempc) message(m []byte) {
	if m[0] < ccidData || m[6] != g.seq || m[7]&0xC0 == ccidExtension {
		return
	}
	failed, absent := m[7]&0xC0 == ccidFailed, m[7]&0x03 == ccidAbsent
	if absent {
		g.shown = false
	}
	switch g.step {
	case gemCalled:
		g.known = true
		g.poll()
	case gemPolled:
		g.step = gemIdle
		if !absent && !g.shown {
			g.step, g.shown, g.lost = gemPowers, true, false
			g.reply = append(g.reply, g.send(ccidPowerOn, [3]byte{1}, nil)...) // 5 V
		}
	case gemPowers:
		g.powered(m[gemHeader:], failed)
	case gemSets:
		g.set()
	case gemOffers:
		g.offered(m[gemHeader:], failed)
	case gemInUse:
		g.answer(m, failed, absent)
	case gemFrees:
		g.step = gemIdle
	}
}

func (g *gempc) poll() {
	g.step = gemPolled
	g.reply = append(g.reply, g.send(ccidSlotStatus, [3]byte{}, nil)...)
}

// powered takes the ATR, and sets the parameters that it wants.
func (g *gempc) powered(data []byte, failed bool) {
	if failed || len(data) < 2 {
		g.tell(nil)
		return
	}
	g.atr = append([]byte(nil), data...)
	a := parseATR(data)
	if g.t1 = nil; a.protocol == 1 {
		g.t1 = &t1Terminal{t1Line: t1Line{size: int(a.ifsc)}}
	}
	if a.protocol > 1 {
		g.note(fmt.Sprintf("a card of T=%d was put in: only T=0 and T=1 are spoken", a.protocol))
	}
	g.step = gemSets
	g.reply = append(g.reply, g.send(ccidSetParameters, [3]byte{a.protocol}, a.parameters())...)
}

// set goes on after the parameters; a reader that sets them by itself refuses them.
func (g *gempc) set() {
	if g.t1 == nil {
		g.tell(g.atr)
		return
	}
	g.step = gemOffers
	g.reply = append(g.reply, g.send(ccidXfrBlock, [3]byte{}, g.t1.offer())...)
}

// offered takes the answer to the offer; a card that makes none of it takes short blocks.
func (g *gempc) offered(block []byte, failed bool) {
	if failed {
		g.tell(nil)
		return
	}
	if send, _, _ := g.t1.feed(block); send != nil && g.t1.tries < t1Tries {
		g.reply = append(g.reply, g.send(ccidXfrBlock, [3]byte{}, send)...)
		return
	}
	g.tell(g.atr)
}

// tell hands the card out.
func (g *gempc) tell(atr []byte) {
	g.step = gemInUse
	g.events = append(g.events, Event{Chip: &Chip{ATR: atr}})
}

// answer takes what the card said to Transmit.
func (g *gempc) answer(m []byte, failed, absent bool) {
	if !g.asked {
		return
	}
	var a Answer
	switch {
	case absent:
		a.Err = ErrNoCard
	case failed:
		a.Err = ErrMute
	case g.t1 != nil:
		var send []byte
		if send, a.Data, a.Err = g.t1.feed(m[gemHeader:]); send != nil {
			g.reply = append(g.reply, g.send(ccidXfrBlock, [3]byte{}, send)...)
			return
		}
	default:
		a.Data = append([]byte(nil), m[gemHeader:]...)
	}
	g.done(a)
}
