package foreign

import (
	"possim/host/wire"
)

// A peer is a connection and which of its sides the terminal is.
type peer struct {
	number  int
	known   bool
	sending bool             // the side that wrote the log is the terminal
	asked   map[byte][2]bool // who has sent requests of a class, the terminal first
}

// peer returns a connection.
func (i *Import) peer(name string) *peer {
	p := i.conns[name]
	if p == nil {
		p = &peer{number: len(i.conns) + 1}
		i.conns[name] = p
	}
	return p
}

// terminal tells whether a message is from the terminal. An answer is never from
// whoever alone has sent requests of its class, whatever words stand beside it.
func (p *peer) terminal(side Side, mti wire.MTI) bool {
	asks := len(mti) > 2 && (mti[2]-'0')%2 == 0 // requests, advices, notices (ISO 8583:1987, 4.1)
	from := p.from(side, asks)
	if len(mti) < 2 {
		return from
	}
	class, at := mti[1], 1
	if from {
		at = 0
	}
	asked := p.asked[class]
	switch {
	case !asks && asked[at] && !asked[1-at]:
		return !from
	case asks && !asked[at]:
		asked[at] = true
		if p.asked == nil {
			p.asked = map[byte][2]bool{}
		}
		p.asked[class] = asked
	}
	return from
}

// from tells it by what the log says of the side.
func (p *peer) from(side Side, asks bool) bool {
	switch side {
	case FromTerminal, FromHost:
		return side == FromTerminal
	case Unknown:
		return asks
	}
	if !p.known {
		p.known, p.sending = true, (side == Sent) == asks
	}
	return (side == Sent) == p.sending
}
