package foreign

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// packets puts connections together.
type packets struct {
	port   int
	tell   *Tell
	yield  func(Frame, error) bool
	stop   bool
	number int
	conns  map[string]*connection
	count  int // connections so far
	passed int // directions that carried something else
}

// A connection is both its directions.
type connection struct {
	name   string
	number int
	from   [2]string // who sends in each direction
	side   [2]Side
	halves [2]half
	stream [2]stream
	cut    bool // a packet was captured in part
	closed [2]bool
	last   time.Time
}

func (p *packets) place() string { return "packet " + strconv.Itoa(p.number) }

func (p *packets) say(q *Problem) { p.stop = p.stop || !p.yield(Frame{}, q) }

// packet takes one packet.
func (p *packets) packet(data []byte, info gopacket.CaptureInfo, link layers.LinkType) {
	p.number++
	packet := gopacket.NewPacket(data, link, gopacket.DecodeOptions{Lazy: true, NoCopy: true})
	tcp, ends, ok := innermost(packet)
	if !ok {
		return
	}
	if p.port != 0 && int(tcp.SrcPort) != p.port && int(tcp.DstPort) != p.port {
		return
	}
	src := net.JoinHostPort(ends.Src().String(), strconv.Itoa(int(tcp.SrcPort)))
	dst := net.JoinHostPort(ends.Dst().String(), strconv.Itoa(int(tcp.DstPort)))
	c := p.connection(src, dst, tcp)
	c.last = info.Timestamp
	way := 0
	if c.from[1] == src {
		way = 1
	}
	if info.CaptureLength < info.Length && len(tcp.Payload) > 0 && !c.cut {
		c.cut = true
		p.say(problem(p.place(), "only %d of its %d bytes were captured: capture whole packets (tcpdump -s 0)", info.CaptureLength, info.Length))
	}
	h := &c.halves[way]
	seq := tcp.Seq
	if tcp.SYN {
		h.begin(seq + 1)
		seq++
	}
	if len(tcp.Payload) > 0 {
		h.add(segment{seq, tcp.Payload, origin{p.number, info.Timestamp}}, func(s segment) { p.deliver(c, way, s) })
		if h.full() {
			p.fill(c, way)
		}
	}
	c.closed[way] = c.closed[way] || tcp.FIN
	if tcp.RST || c.closed[0] && c.closed[1] {
		p.finish(c)
		delete(p.conns, c.name)
	}
	if p.number%sweepEvery == 0 {
		p.sweep(info.Timestamp)
	}
}

// innermost returns a packet's TCP and the ends of what carries it: the last before
// it, since clouds mirror traffic inside packets of their own (VXLAN, GRE).
func innermost(packet gopacket.Packet) (tcp *layers.TCP, ends gopacket.Flow, ok bool) {
	found := false
	for _, layer := range packet.Layers() {
		if network, is := layer.(gopacket.NetworkLayer); is {
			ends, found = network.NetworkFlow(), true
		}
		if tcp, ok = layer.(*layers.TCP); ok {
			return tcp, ends, found
		}
	}
	return nil, ends, false
}

// deliver hands bytes that are in order to their direction's stream.
func (p *packets) deliver(c *connection, way int, s segment) {
	c.stream[way].add(s.data, func(frame []byte) {
		f := Frame{
			Place: "packet " + strconv.Itoa(s.from.packet), At: s.from.at.UTC(), Side: c.side[way],
			Conn: fmt.Sprintf("%s -> %s #%d", c.from[0], c.from[1], c.number), Bytes: slices.Clone(frame),
		}
		p.stop = p.stop || !p.yield(f, nil)
	})
}

// fill gives up waiting for what is missing in one direction.
func (p *packets) fill(c *connection, way int) {
	for !p.stop {
		missing, behind := c.halves[way].skip()
		if missing == 0 {
			return
		}
		if c.carries() || p.port != 0 {
			p.say(problem("packet "+strconv.Itoa(behind.packet), "%d bytes before it are not in the capture (%s)", missing, c.from[way]))
		}
		c.stream[way].reset()
		c.halves[way].drain(func(s segment) { p.deliver(c, way, s) })
	}
}
