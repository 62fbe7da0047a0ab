package foreign

import (
	"possim/host/wire"
)

// A peer is a connection and which of its sides the terminal is.
type peer struct {
	number  int
	known   bool
	sending bool // the side that wrote the log is the terminal
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

// terminal tells whether a message is from the terminal.
func (p *peer) terminal(side Side, mti wire.MTI) bool {
	asks := len(mti) > 2 && (mti[2]-'0')%2 == 0 // requests, advices, notices (ISO 8583:1987, 4.1)
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
