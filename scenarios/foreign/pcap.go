package foreign

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// Pcap reads a capture, pcap or pcapng: the TCP connections to a port (0: every
// connection that carries messages), each direction put together from its segments
// and cut into messages. Captures of Ethernet (with VLANs), Linux's any interface,
// loopback and bare IP are read, IPv4 and IPv6.
func Pcap(r io.Reader, port int, tell *Tell) Frames {
	return func(yield func(Frame, error) bool) {
		p := &packets{port: port, tell: tell, yield: yield, conns: map[string]*connection{}}
		source, err := openCapture(r)
		if err != nil {
			yield(Frame{}, err)
			return
		}
		for !p.stop {
			data, info, link, err := source.next()
			if err == io.EOF || p.number > 0 && errors.Is(err, io.ErrUnexpectedEOF) {
				if err != io.EOF {
					p.say(note(p.place(), "the capture ends inside the packet behind this one: it is left out"))
				}
				p.end()
				return
			}
			if err != nil {
				p.say(problem(p.place(), "behind it the capture cannot be read: %w", err))
				return
			}
			p.packet(data, info, link)
		}
	}
}

// capture reads packets one by one.
type capture struct {
	old *pcapgo.Reader
	ng  *pcapgo.NgReader
}

const mostPacket = 1 << 20

// openCapture tells pcap from pcapng, packed with gzip or not.
func openCapture(r io.Reader) (c *capture, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(4)
	if err != nil {
		return nil, problem("packet 1", "the capture is empty")
	}
	if binary.LittleEndian.Uint32(head) == sectionBlock {
		return openNG(in)
	}
	old, err := pcapgo.NewReader(in)
	if err != nil {
		return nil, problem("packet 1", "no capture: %w", err)
	}
	old.SetSnaplen(mostPacket)
	return &capture{old: old}, nil
}

func openNG(in io.Reader) (c *capture, err error) {
	defer recovered(&err)
	ng, err := pcapgo.NewNgReader(&guard{in: in}, pcapgo.NgReaderOptions{WantMixedLinkType: true, SkipUnknownVersion: true})
	if err != nil {
		return nil, problem("packet 1", "no capture: %w", err)
	}
	return &capture{ng: ng}, nil
}

// recovered makes an error of a panic: the library has some for options that are
// shorter than they must be.
func recovered(err *error) {
	if e := recover(); e != nil {
		*err = fmt.Errorf("a block is damaged: %v", e)
	}
}

// next returns a packet and what kind of link it was on.
func (c *capture) next() (data []byte, info gopacket.CaptureInfo, link layers.LinkType, err error) {
	defer recovered(&err)
	if c.old != nil {
		data, info, err = c.old.ReadPacketData()
		return data, info, c.old.LinkType(), err
	}
	data, info, err = c.ng.ReadPacketData()
	if err == nil {
		link, _ = info.AncillaryData[0].(layers.LinkType)
	}
	return data, info, link, err
}
