package foreign

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"possim/host/wire"
)

// section is how a pcapng file begins: a section, and an interface of Ethernet.
var section = []byte{0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 28, 0, 0, 0,
	1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 4, 0, 20, 0, 0, 0}

var size = flag.Int64("size", 4<<20, "how many bytes of a log TestStream reads")

// endless is a log that is made while it is read.
type endless struct {
	buf  bytes.Buffer
	left int64
	more func(i int, out *bytes.Buffer)
	i    int
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buf.Len() < len(p) && e.left > 0 {
		before := e.buf.Len()
		e.more(e.i, &e.buf)
		e.i++
		e.left -= int64(e.buf.Len() - before)
	}
	if e.buf.Len() == 0 {
		return 0, io.EOF
	}
	return e.buf.Read(p)
}

// TestStream reads long logs of each format in bounded memory. With -size 1073741824
// they are a gigabyte.
func TestStream(t *testing.T) {
	q, a := pair(t, wire.ISO87ASCII(), 1)
	entry := func(i int, out *bytes.Buffer) {
		fmt.Fprintf(out, "<log realm=\"channel/10.0.0.%d:9000\" at=\"2026-06-01T09:00:00.%03d\" lifespan=\"1ms\">\n  <send>\n    <isomsg direction=\"outgoing\">\n"+
			"      <field id=\"0\" value=\"0200\"/>\n      <field id=\"2\" value=\"6222020000000015\"/>\n      <field id=\"3\" value=\"000000\"/>\n      <field id=\"4\" value=\"000000001500\"/>\n      <field id=\"11\" value=\"%06d\"/>\n"+
			"      <field id=\"41\" value=\"00000001\"/>\n    </isomsg>\n  </send>\n</log>\njava.lang.Exception: noise\n\tat Foo.<init>(Foo.java:%d)\n", i%200, i%1000, i%1000000, i)
	}
	w := &wired{t: t, link: layers.LinkTypeEthernet, seq: [2]uint32{1, 1}}
	packet := func(i int, out *bytes.Buffer) {
		f := pcapgo.NewWriter(out)
		if i == 0 {
			_ = f.WriteFileHeader(65535, layers.LinkTypeEthernet)
		}
		p := w.segment(i%2, framed([][]byte{q, a}[i%2]))
		_ = f.WritePacket(gopacket.CaptureInfo{Timestamp: packetTime, CaptureLength: len(p), Length: len(p)}, p)
	}
	for name, more := range map[string]func(int, *bytes.Buffer){
		"q2":   entry,
		"hex":  func(i int, out *bytes.Buffer) { fmt.Fprintf(out, "%s > %x\nnoise %d\n", "09:00:00", q, i) },
		"dump": func(i int, out *bytes.Buffer) { out.WriteString(hex.Dump(q) + "\n") },
		"pcap": packet,
		"pcapng": func(i int, out *bytes.Buffer) {
			if i == 0 {
				out.Write(section)
			}
			p := w.segment(i%2, framed([][]byte{q, a}[i%2]))
			pad := (4 - len(p)%4) % 4
			size := uint32(32 + len(p) + pad)
			for _, v := range []uint32{6, size, 0, 0, uint32(i), uint32(len(p)), uint32(len(p))} {
				_ = binary.Write(out, binary.LittleEndian, v)
			}
			out.Write(append(p, make([]byte, pad)...))
			_ = binary.Write(out, binary.LittleEndian, size)
		},
		"a container's log": func(i int, out *bytes.Buffer) {
			var text bytes.Buffer
			entry(i, &text)
			for line := range strings.Lines(text.String()) {
				record, _ := json.Marshal(map[string]string{"log": line, "stream": "stdout"})
				out.Write(append(record, '\n'))
			}
		},
		"one line an entry": func(i int, out *bytes.Buffer) {
			var text bytes.Buffer
			entry(i, &text)
			out.WriteString(strings.ReplaceAll(text.String(), "\n", " ") + "\n")
		},
		"both ends": func(i int, out *bytes.Buffer) {
			realms := []string{"channel/127.0.0.1:8000", "server.channel/127.0.0.1:5100"}
			for end, kind := range []string{"send", "receive"} {
				fmt.Fprintf(out, "<log realm=\"%s%d\" at=\"2026-06-01T09:00:00\"><%s><isomsg><field id=\"0\" value=\"0800\"/><field id=\"11\" value=\"%06d\"/></isomsg></%s></log>\n", realms[end], i/1000%50, kind, i%1000000, kind)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			im := Import{}
			log := &endless{left: *size, more: more}
			var most, now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			before := now.HeapAlloc
			n := 0
			r, err := im.Read(log, func(Event) error {
				if n++; n%5000 == 0 {
					runtime.ReadMemStats(&now)
					most.HeapAlloc = max(most.HeapAlloc, now.HeapAlloc)
				}
				return nil
			})
			wrote := log.i
			if err != nil || r.Count > 0 || n != wrote {
				t.Fatalf("%d messages of %d: %v %v", n, wrote, err, r.Problems)
			}
			if grown := int64(most.HeapAlloc) - int64(before); grown > 32<<20 {
				t.Errorf("%d MB of memory for %d MB of log", grown>>20, *size>>20)
			}
		})
	}
}
