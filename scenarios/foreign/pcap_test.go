package foreign

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"possim/host/wire"
)

// wired writes the packets of one connection between a terminal and a host.
type wired struct {
	t       testing.TB
	link    layers.LinkType
	vlan    bool
	six     bool
	seq     [2]uint32
	packets [][]byte
}

// send writes one segment; its place in the stream is that of what was sent before.
func (w *wired) send(way int, data []byte) { w.packets = append(w.packets, w.segment(way, data)) }

// segment is a packet with data, and counts the data.
func (w *wired) segment(way int, data []byte) []byte {
	p := w.at(way, w.seq[way], data, false)
	w.seq[way] += uint32(len(data))
	return p
}

// syn opens the connection.
func (w *wired) syn() {
	for way := range 2 {
		w.packets = append(w.packets, w.at(way, w.seq[way]-1, nil, true))
	}
}

// at is a packet with data at a place in the stream.
func (w *wired) at(way int, seq uint32, data []byte, syn bool) []byte {
	w.t.Helper()
	ports := [2]layers.TCPPort{40001, 8583}
	tcp := &layers.TCP{SrcPort: ports[way], DstPort: ports[1-way], Seq: seq, Ack: w.seq[1-way], ACK: !syn || way == 1, PSH: len(data) > 0, SYN: syn, Window: 65535}
	var network gopacket.NetworkLayer
	var stack []gopacket.SerializableLayer
	kind := layers.EthernetTypeIPv4
	if w.six {
		ends := [2]net.IP{net.ParseIP("2001:db8::1"), net.ParseIP("2001:db8::2")}
		ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: ends[way], DstIP: ends[1-way]}
		network, kind = ip, layers.EthernetTypeIPv6
		stack = append(stack, ip)
	} else {
		ends := [2]net.IP{{10, 0, 0, 1}, {10, 0, 0, 2}}
		ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: ends[way], DstIP: ends[1-way]}
		network = ip
		stack = append(stack, ip)
	}
	if err := tcp.SetNetworkLayerForChecksum(network); err != nil {
		w.t.Fatal(err)
	}
	stack = append(stack, tcp, gopacket.Payload(data))
	if w.link == layers.LinkTypeEthernet {
		mac := net.HardwareAddr{2, 0, 0, 0, 0, 1}
		eth := &layers.Ethernet{SrcMAC: mac, DstMAC: mac, EthernetType: kind}
		if w.vlan {
			eth.EthernetType = layers.EthernetTypeDot1Q
			stack = append([]gopacket.SerializableLayer{&layers.Dot1Q{VLANIdentifier: 7, Type: kind}}, stack...)
		}
		stack = append([]gopacket.SerializableLayer{eth}, stack...)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, stack...); err != nil {
		w.t.Fatal(err)
	}
	return append(w.before(kind), buf.Bytes()...)
}

// before is what other links than Ethernet have before the IP header.
func (w *wired) before(kind layers.EthernetType) []byte {
	switch w.link {
	case layers.LinkTypeNull:
		return map[layers.EthernetType][]byte{layers.EthernetTypeIPv4: {2, 0, 0, 0}, layers.EthernetTypeIPv6: {30, 0, 0, 0}}[kind]
	case layers.LinkTypeLinuxSLL:
		return append([]byte{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, byte(kind>>8), byte(kind))
	case layers.LinkTypeLinuxSLL2:
		return append([]byte{byte(kind >> 8), byte(kind)}, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0)
	}
	return nil
}

var packetTime = time.Date(2026, 6, 1, 1, 0, 0, 123456000, time.UTC)

// pcap is the packets as a file.
func (w *wired) pcap() []byte {
	var out bytes.Buffer
	f := pcapgo.NewWriter(&out)
	if err := f.WriteFileHeader(262144, w.link); err != nil {
		w.t.Fatal(err)
	}
	for i, p := range w.packets {
		if err := f.WritePacket(gopacket.CaptureInfo{Timestamp: packetTime.Add(time.Duration(i) * time.Millisecond), CaptureLength: len(p), Length: len(p)}, p); err != nil {
			w.t.Fatal(err)
		}
	}
	return out.Bytes()
}

// framed puts the usual length before a frame.
func framed(frame []byte) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(frame))), frame...)
}

// TestPcap reads one conversation from every link, in both byte orders, and from what
// editcap makes of it: pcapng, and pcap with nanoseconds.
func TestPcap(t *testing.T) {
	for _, c := range []wired{
		{link: layers.LinkTypeRaw}, {link: layers.LinkTypeRaw, six: true}, {link: layers.LinkTypeEthernet}, {link: layers.LinkTypeEthernet, six: true},
		{link: layers.LinkTypeEthernet, vlan: true}, {link: layers.LinkTypeLinuxSLL}, {link: layers.LinkTypeLinuxSLL2}, {link: layers.LinkTypeNull}, {link: layers.LinkTypeNull, six: true},
	} {
		c.t, c.seq = t, [2]uint32{1000, 2000}
		q, a := pair(t, wire.UnionPay(), 1)
		c.syn()
		c.send(0, framed(q))
		c.send(1, framed(a))
		file := c.pcap()
		forms := map[string][]byte{"pcap": file, "big-endian": swapped(file)}
		for _, form := range []string{"pcapng", "nsecpcap"} {
			if converted := editcap(t, file, "-F", form); converted != nil {
				forms[form] = converted
			}
		}
		for form, file := range forms {
			for _, port := range []int{0, 8583} {
				lines, events, r := read(t, Import{Port: port}, string(file))
				if r.Format != PCAP || r.Count > 0 || len(events) != 2 || !bytes.Equal(events[0].Frame, q) || !bytes.Equal(events[1].Frame, a) ||
					!events[0].FromTerminal || events[1].FromTerminal || !events[0].At.Equal(packetTime.Add(2*time.Millisecond)) || events[0].Place != "packet 3" {
					t.Errorf("link %d vlan %v six %v %s port %d: %+v\n%s", c.link, c.vlan, c.six, form, port, r, strings.Join(lines, "\n"))
				}
			}
			if _, events, _ := read(t, Import{Port: 9999}, string(file)); len(events) > 0 {
				t.Error("port 9999 has messages of port 8583")
			}
		}
	}
}

// swapped is a pcap file in the other byte order.
func swapped(file []byte) []byte {
	out := bytes.Clone(file)
	swap := func(at, n int) { slicesReverse(out[at : at+n]) }
	for _, f := range [][2]int{{0, 4}, {4, 2}, {6, 2}, {8, 4}, {12, 4}, {16, 4}, {20, 4}} {
		swap(f[0], f[1])
	}
	for at := 24; at < len(file); at += 16 + int(binary.LittleEndian.Uint32(file[at+8:])) {
		for i := range 4 {
			swap(at+4*i, 4)
		}
	}
	return out
}

func slicesReverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

// editcap converts a capture, nil where it is not there.
func editcap(t *testing.T, file []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if wireshark(t, "editcap", append(args, in, out)...) == nil {
		return nil
	}
	converted, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return converted
}

// wireshark runs one of Wireshark's programs, nil where it is not there.
func wireshark(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed", program)
		}
		t.Logf("%s is not installed", program)
		return nil
	}
	cmd := exec.Command(path, args...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return append([]byte{}, out...)
}

// muddle sends streams in pieces, out of order and repeated, with pieces that overlap
// and sequence numbers that wrap round in the middle.
func muddle(t testing.TB, streams [2][]byte) *wired {
	w := &wired{t: t, link: layers.LinkTypeEthernet, seq: [2]uint32{0xFFFFFFFF - 60, 7}}
	w.syn()
	begin := w.seq
	for way, data := range streams {
		var pieces [][]byte
		for at := 0; at < len(data); {
			n := 1 + (at*7+13)%41
			end, from := min(at+n, len(data)), max(0, at-at%9) // begins up to 8 bytes early
			pieces = append(pieces, w.at(way, begin[way]+uint32(from), data[from:end], false))
			at = end
		}
		for i := 0; i+2 < len(pieces); i += 5 { // the later first, and both again
			pieces[i], pieces[i+2] = pieces[i+2], pieces[i]
			pieces = append(pieces, pieces[i])
		}
		w.packets = append(w.packets, pieces...)
	}
	return w
}

// TestPcapReassembly holds what is put together of a muddled connection against what
// was sent, and against tshark's own opinion of the same capture.
func TestPcapReassembly(t *testing.T) {
	var streams [2][]byte
	var want [][]byte
	for stan := range 12 {
		q, a := pair(t, wire.ISO87BCD(), stan+1)
		streams[0], streams[1] = append(streams[0], framed(q)...), append(streams[1], framed(a)...)
		if stan%3 == 0 {
			streams[0] = append(streams[0], 0, 0) // kept alive
		}
		want = append(want, q, a)
	}
	file := muddle(t, streams).pcap()
	_, events, r := read(t, Import{}, string(file))
	if r.Count > 0 || len(events) != len(want) {
		t.Fatalf("%d messages of %d: %v", len(events), len(want), r.Problems)
	}
	var got [2][][]byte
	for _, e := range events {
		way := 1
		if e.FromTerminal {
			way = 0
		}
		got[way] = append(got[way], e.Frame)
	}
	for i, frame := range want {
		if !bytes.Equal(got[i%2][i/2], frame) {
			t.Errorf("message %d is %x, want %x", i, got[i%2][i/2], frame)
		}
	}
	path := filepath.Join(t.TempDir(), "c.pcap")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out := wireshark(t, "tshark", "-r", path, "-q", "-z", "follow,tcp,raw,0")
	if out == nil {
		t.Skip("no tshark")
	}
	var judged [2][]byte
	for _, m := range regexp.MustCompile(`(?m)^(\t?)([0-9a-f]+)$`).FindAllSubmatch(out, -1) {
		b, err := hex.DecodeString(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		judged[len(m[1])] = append(judged[len(m[1])], b...)
	}
	for way := range judged {
		if !bytes.Equal(judged[way], streams[way]) {
			t.Errorf("tshark has another stream in direction %d:\n%x\n%x", way, judged[way], streams[way])
		}
	}
}

// TestPcapBesideOthers passes over what is no ISO 8583, and begins in the middle.
func TestPcapBesideOthers(t *testing.T) {
	q, a := pair(t, wire.UnionPay(), 1)
	w := &wired{t: t, link: layers.LinkTypeRaw, seq: [2]uint32{50, 60}}
	w.send(0, framed(q)) // no SYN: the capture began later
	w.send(1, framed(a))
	web := &wired{t: t, link: layers.LinkTypeRaw, six: true, seq: [2]uint32{1, 1}}
	web.send(0, []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"))
	web.send(1, []byte("HTTP/1.1 204 No Content\r\n\r\n"))
	w.packets = append(w.packets, web.packets...)
	_, events, r := read(t, Import{}, string(w.pcap()))
	if len(events) != 2 || r.Count > 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].Text, "passed over") {
		t.Errorf("%+v", r)
	}
	_, _, r = read(t, Import{Port: 8583}, string(w.pcap()))
	if r.Count != 2 { // it is the host's port: what is there must be messages
		t.Errorf("%+v", r)
	}
}

// TestPcapProblems names the packet.
func TestPcapProblems(t *testing.T) {
	q, a := pair(t, wire.UnionPay(), 1)
	q2, a2 := pair(t, wire.UnionPay(), 2)
	w := &wired{t: t, link: layers.LinkTypeRaw, seq: [2]uint32{50, 60}}
	w.syn()
	w.send(0, framed(q))
	w.send(1, framed(a))
	hole := *w
	hole.segment(0, framed(q2)) // nobody captured it
	hole.packets = bytesOf(w.packets)
	hole.send(1, framed(a2))
	hole.send(0, framed(q2))
	_, events, r := read(t, Import{Lenient: true}, string(hole.pcap()))
	if r.Count != 1 || len(events) != 4 || !strings.HasPrefix(r.Problems[0].Error(), "packet 6: "+fmt.Sprint(len(framed(q2)))+" bytes before it are not in the capture") {
		t.Errorf("%d messages, %v", len(events), r.Problems)
	}
	whole := w.pcap()
	for cut := 0; cut < len(whole); cut += 3 {
		_, events, r := read(t, Import{}, string(whole[:cut]))
		if r.Count == 0 && len(r.Notes) == 0 && len(events) != 1 && len(events) != 2 {
			t.Errorf("cut at %d: nothing is said of it, and %d messages", cut, len(events))
		}
	}
	if ng := editcap(t, whole, "-F", "pcapng"); ng != nil {
		for at := 0; at < len(ng); at += 5 {
			bad := bytes.Clone(ng)
			bad[at] ^= 0x5A
			read(t, Import{}, string(bad)) // it ends, without panic and without 4 GB
		}
	}
}

func bytesOf(p [][]byte) [][]byte { return append([][]byte{}, p...) }

// TestPcapText reads the same packets from what tshark and text2pcap's kin print.
func TestPcapText(t *testing.T) {
	q, a := pair(t, wire.UnionPay(), 1)
	w := &wired{t: t, link: layers.LinkTypeEthernet, seq: [2]uint32{50, 60}}
	w.syn()
	w.send(0, framed(q)[:40])
	w.packets = append(w.packets, w.segment(0, framed(q)[40:]))
	w.send(1, framed(a))
	path := filepath.Join(t.TempDir(), "c.pcap")
	if err := os.WriteFile(path, w.pcap(), 0o600); err != nil {
		t.Fatal(err)
	}
	text := wireshark(t, "tshark", "-r", path, "-x")
	if text == nil {
		t.Skip("no tshark")
	}
	_, events, r := read(t, Import{}, string(text))
	if r.Count > 0 || len(events) != 2 || !bytes.Equal(events[0].Frame, q) || !bytes.Equal(events[1].Frame, a) {
		t.Errorf("%+v of\n%s", r, text)
	}
	exports(t, q, a)
	x := "" // as tcpdump -X prints
	for i, p := range w.packets {
		x += fmt.Sprintf("09:00:00.%06d IP 10.0.0.1.40001 > 10.0.0.2.8583: Flags [P.], length %d\n", 100+i, len(p))
		p = p[14:]
		for at := 0; at < len(p); at += 16 {
			line := p[at:min(at+16, len(p))]
			x += fmt.Sprintf("\t0x%04x:  %-39s  %s\n", at, grouped(line, 2, " "), strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' {
					return '.'
				}
				return r
			}, string(latin(line))))
		}
	}
	_, events, r = read(t, Import{}, x)
	if r.Count > 0 || len(events) != 2 || !bytes.Equal(events[0].Frame, q) || !bytes.Equal(events[1].Frame, a) || !events[0].FromTerminal {
		t.Errorf("%+v of\n%s", r, x)
	}
}

// exports reads what Wireshark and ngrep make of a conversation, in each of their ways.
func exports(t *testing.T, q, a []byte) {
	q2, a2 := pair(t, wire.UnionPay(), 2)
	w := &wired{t: t, link: layers.LinkTypeEthernet, seq: [2]uint32{50, 60}}
	w.syn()
	for i, frame := range [][]byte{q, a, q2, a2} {
		w.send(i%2, framed(frame))
	}
	path := filepath.Join(t.TempDir(), "c.pcap")
	if err := os.WriteFile(path, w.pcap(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{
		"tshark -r %s -V -x", "tshark -r %s -T json", "tshark -r %s -T jsonraw", "tshark -r %s -T ek", "tshark -r %s -T pdml",
		"tshark -r %s -T fields -e frame.time_epoch -e ip.src -e tcp.payload", "tshark -r %s -q -z follow,tcp,hex,0", "tshark -r %s -q -z follow,tcp,raw,0",
		"ngrep -x -q -I %s",
	} {
		words := strings.Fields(fmt.Sprintf(program, path))
		if _, err := exec.LookPath(words[0]); err != nil {
			continue // wireshark said it
		}
		text := wireshark(t, words[0], words[1:]...)
		lines, events, r := read(t, Import{}, string(text))
		if len(events) != 4 || r.Count > 0 {
			t.Errorf("%s: %d messages, %v of\n%s", program, len(events), r.Problems, text)
			continue
		}
		for i, want := range [][]byte{q, a, q2, a2} {
			if !bytes.Equal(events[i].Frame, want) || events[i].FromTerminal != (i%2 == 0) {
				t.Errorf("%s: message %d is %s", program, i+1, lines[i])
			}
		}
	}
}

func latin(b []byte) (out []rune) {
	for _, c := range b {
		out = append(out, rune(c))
	}
	return out
}
