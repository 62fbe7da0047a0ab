package main

import (
	"encoding/binary"
	"net"
	"os"
	"sync"
	"testing"

	"possim/host/wire"
)

// capture stands between terminal and host and keeps what passes, as a network
// sniffer would: TCP segments in a pcap file.
type capture struct {
	t    *testing.T
	addr string
	mu   sync.Mutex
	file []byte
	n    int // connections
}

// The numbers of a pcap file and of the packets in it.
const (
	pcapMagic   = 0xA1B2C3D4
	linkRaw     = 101 // LINKTYPE_RAW: packets begin with their IP header
	hostPort    = 8583
	firstPort   = 40000
	headersSize = 40 // IPv4 and TCP without options
)

func startCapture(t *testing.T, host string) *capture {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := newCapture(t)
	c.addr = l.Addr().String()
	go func() {
		for {
			terminal, err := l.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			c.n++
			seq := [2]uint32{1, 1}
			port := uint16(firstPort + c.n)
			c.mu.Unlock()
			go c.carry(terminal, host, port, &seq)
		}
	}()
	return c
}

// newCapture begins a file.
func newCapture(t *testing.T) *capture {
	c := &capture{t: t}
	for _, v := range []uint32{pcapMagic, 4<<16 | 2, 0, 0, 65535, linkRaw} {
		c.file = binary.NativeEndian.AppendUint32(c.file, v)
	}
	return c
}

// carry relays one conversation, a request and its answer at a time.
func (c *capture) carry(terminal net.Conn, addr string, port uint16, seq *[2]uint32) {
	defer terminal.Close()
	host, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer host.Close()
	from, to := [2]net.Conn{terminal, host}, [2]net.Conn{host, terminal}
	for side := 0; ; side = 1 - side {
		frame, err := wire.ReadFrame(from[side], 0)
		if err != nil {
			return
		}
		c.keep(port, side, frame, seq)
		if wire.WriteFrame(to[side], frame) != nil {
			return
		}
	}
}

// keep writes a frame, with its length before it, as one packet.
func (c *capture) keep(port uint16, side int, frame []byte, seq *[2]uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	payload := append(binary.BigEndian.AppendUint16(nil, uint16(len(frame))), frame...)
	size := headersSize + len(payload)
	ports := [2]uint16{port, hostPort}
	ends := [2]uint32{0x0A000001, 0x0A000002} // 10.0.0.1 is the terminal
	p := binary.NativeEndian.AppendUint32(nil, uint32(1780272000+c.n))
	for _, v := range []uint32{0, uint32(size), uint32(size)} {
		p = binary.NativeEndian.AppendUint32(p, v)
	}
	p = append(p, 0x45, 0)
	p = binary.BigEndian.AppendUint16(p, uint16(size))
	p = append(p, 0, 0, 0, 0, 64, 6, 0, 0) // no fragment, TTL, TCP; checksums are nobody's here
	p = binary.BigEndian.AppendUint32(p, ends[side])
	p = binary.BigEndian.AppendUint32(p, ends[1-side])
	p = binary.BigEndian.AppendUint16(p, ports[side])
	p = binary.BigEndian.AppendUint16(p, ports[1-side])
	p = binary.BigEndian.AppendUint32(p, seq[side])
	p = binary.BigEndian.AppendUint32(p, seq[1-side])
	p = append(p, 5<<4, 0x18, 0xFF, 0xFF, 0, 0, 0, 0) // PSH and ACK
	seq[side] += uint32(len(payload))
	c.file = append(append(c.file, p...), payload...)
}

// save writes the file and returns how many packets are in it.
func (c *capture) save(path string) (packets int) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for at := 24; at < len(c.file); packets++ {
		at += 16 + int(binary.NativeEndian.Uint32(c.file[at+8:]))
	}
	if err := os.WriteFile(path, c.file, 0o600); err != nil {
		c.t.Fatal(err)
	}
	return packets
}
