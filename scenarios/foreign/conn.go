package foreign

import (
	"slices"
	"time"

	"github.com/gopacket/gopacket/layers"
)

// Connections that nobody closed are forgotten when nothing has come for an hour.
const (
	sweepEvery = 4096
	idle       = time.Hour
)

func (p *packets) sweep(now time.Time) {
	for name, c := range p.conns {
		if now.Sub(c.last) > idle {
			p.finish(c)
			delete(p.conns, name)
		}
	}
}

// connection returns the connection between two ends. A new SYN between the same
// ends is a new connection.
func (p *packets) connection(src, dst string, tcp *layers.TCP) *connection {
	name := min(src, dst) + " " + max(src, dst)
	opens := tcp.SYN && !tcp.ACK
	if c := p.conns[name]; c != nil {
		if !opens || !c.halves[0].started || c.halves[0].next == tcp.Seq+1 {
			return c
		}
		p.finish(c)
	}
	p.count++
	c := &connection{name: name, number: p.count, from: [2]string{src, dst}, side: [2]Side{Sent, Received}}
	switch {
	case opens || p.port != 0 && int(tcp.DstPort) == p.port:
		c.side = [2]Side{FromTerminal, FromHost}
	case tcp.SYN || p.port != 0 && int(tcp.SrcPort) == p.port:
		c.side = [2]Side{FromHost, FromTerminal}
	}
	for way := range c.stream {
		c.stream[way].tell = p.tell
	}
	p.conns[name] = c
	return c
}

// carries reports whether a connection has carried messages.
func (c *connection) carries() bool { return c.stream[0].good+c.stream[1].good > 0 }

// finish ends a connection, and says what it carried that was no message.
func (p *packets) finish(c *connection) {
	for way := range c.halves {
		p.fill(c, way)
		s := &c.stream[way]
		switch {
		case s.bad > 0 && (c.carries() || p.port != 0):
			p.say(problem(p.place(), "%d bytes that %s sent up to here are no message%s", s.bad, c.from[way], p.like(s.lost)))
		case s.bad > 0:
			p.passed++
		case len(s.buf) > 0 && c.carries():
			p.say(note(p.place(), "the last message that %s sent up to here is not whole: it is left out", c.from[way]))
		case len(s.buf) > 0 && p.port != 0:
			p.say(problem(p.place(), "%d bytes that %s sent up to here are no message%s", len(s.buf), c.from[way], p.like(s.buf)))
		case len(s.buf) > 0:
			p.passed++
		}
	}
}

// like says which dialect messages would have to be in, and what those are that are
// none.
func (p *packets) like(data []byte) string {
	if err := editionIn(data); err != nil {
		return " in any of possim's dialects: it seems to be one of " + err.Error()
	}
	if d, _ := p.tell.Dialect(); d != nil {
		return " in " + d.Name()
	}
	return " in any dialect (if the connection is under TLS, capture it behind the TLS)"
}

// end ends all connections, in the order in which they were opened.
func (p *packets) end() {
	open := []*connection{}
	for _, c := range p.conns {
		open = append(open, c)
	}
	slices.SortFunc(open, func(a, b *connection) int { return a.number - b.number })
	for _, c := range open {
		if !p.stop {
			p.finish(c)
		}
	}
	if p.passed > 0 && !p.stop {
		p.say(note(p.place(), "%d directions of connections carry no messages of ISO 8583: passed over", p.passed))
	}
}
