package protocol

import (
	"fmt"

	"possim/reader"
)

// auto finds out which protocol a reader speaks. It listens with all of them at once,
// and asks with those that have to, one after the other, while nothing comes. The
// first whose reader answers, or whose swipe reads, has it; what it is and how sure
// that is comes as a note.
//
// What it cannot find is a reader at another speed than the port's, and what it
// cannot tell apart are readers that send the same: then the plainer name is told.
type auto struct {
	heard  []candidate
	chosen Parser
	turns  int
	asks   int // how many were asked
	asking int // which of the candidates asked last
}

// candidate is one protocol that may be spoken.
type candidate struct {
	kind
	Parser
	telltale
	events []Event // what it made of what came since the line was last idle
}

// telltale is what shows that a protocol is spoken.
type telltale struct {
	name, sure string
	answer     bool // an answer to its question
	swipe      bool // a swipe that reads
	late       bool // but only when the line is idle, if nobody made more of it
}

// answerer is a Dialog that knows its reader from an answer.
type answerer interface{ answered() bool }

// autoOrder is the order in which protocols are believed: frames with a check before
// text, and text that says which track before text that does not.
var autoOrder = []telltale{
	{"abecs", "certain: its packets carry a CRC", true, false, false},
	{"vivotech2", "certain: its frames carry a CRC", true, true, false},
	{"makstripe", "certain: it names itself", true, true, false},
	{"msr605", "certain: no other has its frames", true, true, false},
	{"uic1", "certain: its frames carry a checksum", true, true, false},
	{"uic2", "certain: its frames carry a checksum", true, true, false},
	{"mrs100", "certain: its frames carry a checksum", true, false, false},
	{"uic", "likely: it acknowledges P with ^", true, false, false},
	{"ascii", "likely: plain text, as MagTek and most others send it", false, true, true},
	{"idtech", "likely: a line a track, or frames with a checksum", true, true, true},
	{"omron", "likely: a line a track, with D or E", false, true, true},
}

func newAuto() Parser {
	a := &auto{asking: -1}
	for _, t := range autoOrder {
		k, _ := kindOf(t.name)
		a.heard = append(a.heard, candidate{kind: k, Parser: k.parser(), telltale: t})
	}
	return a
}

// Feed implements Parser.
func (a *auto) Feed(in []byte) []Event {
	if a.chosen != nil {
		return a.chosen.Feed(in)
	}
	for i := range a.heard {
		c := &a.heard[i]
		c.events = append(c.events, c.Feed(in)...)
		if len(c.events) > maxEvents {
			c.events = c.events[len(c.events)-maxEvents:]
		}
		if !c.late && c.understood() {
			return a.choose(*c)
		}
	}
	return nil
}

// maxEvents bounds what is kept until the line is idle.
const maxEvents = 64

// Flush implements Parser.
func (a *auto) Flush() []Event {
	if a.chosen != nil {
		return a.chosen.Flush()
	}
	best, most, puzzled := -1, 0, 0
	for i := range a.heard {
		c := &a.heard[i]
		c.events = append(c.events, c.Flush()...)
		if n := c.weight(); c.understood() && n > most {
			best, most = i, n
		}
		if len(c.events) > 0 {
			puzzled++
		}
	}
	if best >= 0 {
		return a.choose(a.heard[best])
	}
	for i := range a.heard {
		a.heard[i].events = nil
	}
	if puzzled > len(a.heard)/2 {
		return []Event{{Note: "bytes that no known reader sends: is the speed right? baud= in the reader URL sets it"}}
	}
	return nil
}

// choose settles on a protocol, and says which.
func (a *auto) choose(c candidate) []Event {
	a.chosen, a.heard = c.Parser, nil
	note := Event{Note: fmt.Sprintf("protocol %s (%s): %s", c.kind.name, c.about, c.sure)}
	return append([]Event{note}, c.events...)
}

// understood reports whether what came shows that the reader speaks this.
func (c *candidate) understood() bool {
	if d, ok := c.Parser.(answerer); ok && c.answer && d.answered() {
		return true
	}
	return c.swipe && c.tracks() > 0
}

// weight is how much a candidate made of what came; a checksum that is right breaks a tie.
func (c *candidate) weight() int {
	d, ok := c.Parser.(answerer)
	if ok && c.answer && d.answered() {
		return 2*c.tracks() + 1
	}
	return 2 * c.tracks()
}

// tracks is how many tracks the first swipe that read had: of two readings of the same
// bytes, the one that holds together is right.
func (c *candidate) tracks() int {
	for _, e := range c.events {
		if e.Swipe != nil && anyRead(e.Swipe) {
			n := 0
			for _, t := range e.Swipe.Tracks {
				if t != (reader.Track{}) {
					n++
				}
			}
			return n
		}
	}
	return 0
}

// Pending implements Parser.
func (a *auto) Pending() Pending {
	if a.chosen != nil {
		return a.chosen.Pending()
	}
	half := false
	for i := range a.heard {
		c := &a.heard[i]
		if len(c.events) > 0 || c.Pending() == PendingWhole {
			return PendingWhole
		}
		half = half || c.Pending() == PendingHalf
	}
	if half {
		return PendingHalf
	}
	return PendingNone
}

// Ask implements Dialog: a second of listening, then a question of each protocol that
// has one, half a second apart.
func (a *auto) Ask() []byte {
	if d, ok := a.chosen.(Dialog); ok {
		return d.Ask()
	}
	if a.chosen != nil {
		return nil
	}
	const listen, apart = 10, 5
	a.turns++
	if a.turns < listen || a.turns%apart != 0 {
		return nil
	}
	for range a.heard {
		a.asking = a.asks % len(a.heard)
		c := &a.heard[a.asking]
		a.asks++
		if c.answer {
			c.Parser = c.parser() // a question that went unanswered is asked anew
			return c.Parser.(Dialog).Ask()
		}
	}
	return nil
}

// Reply implements Dialog. While nothing is decided only the protocol that asked
// answers: the others' answers would be noise to it.
func (a *auto) Reply() []byte {
	if d, ok := a.chosen.(Dialog); ok {
		return d.Reply()
	}
	var out []byte
	for i := range a.heard {
		if d, ok := a.heard[i].Parser.(Dialog); ok {
			if r := d.Reply(); i == a.asking {
				out = r
			}
		}
	}
	return out
}

// Leave implements Dialog.
func (a *auto) Leave() []byte {
	if d, ok := a.chosen.(Dialog); ok {
		return d.Leave()
	}
	return nil
}

// Transmit implements ChipDialog. Only a reader that is known has told a card.
func (a *auto) Transmit(apdu []byte) []byte {
	if d, ok := a.chosen.(ChipDialog); ok {
		return d.Transmit(apdu)
	}
	return nil
}

// Release implements ChipDialog.
func (a *auto) Release() []byte {
	if d, ok := a.chosen.(ChipDialog); ok {
		return d.Release()
	}
	return nil
}
