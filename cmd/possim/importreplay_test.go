package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// hostLog is a day at a counter as the log of the host has it that runs on jPOS: an
// echo, sales, a balance, an answer that the line lost and its reversal, a void, a
// refund, a settlement.
const hostLog = "testdata/day.q2.log"

// TestImportReplays plays what other programs recorded: to fresh books, to a host that
// listens, as a capture of the same messages too, and with a message that is not what
// the host says now.
func TestImportReplays(t *testing.T) {
	text, err := os.ReadFile(hostLog)
	if err != nil {
		t.Fatal(err)
	}
	day := journalOf(t, "day.log", text)
	green := func(args ...string) {
		t.Helper()
		code, out, errs := possim(t, append([]string{"replay"}, args...)...)
		if code != exitOK || !strings.Contains(out, "9 requests, 9 answers, 0 misses") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	green(day, "--walk-in")
	green(day, "--cards", "../../scenarios/catalog/cards.yaml")
	green(day, "--host", startHost(t, "--dialect", "iso87ascii", "--walk-in").addr)
	green(journalOf(t, "day.pcap", captureOf(t, day)), "--walk-in")

	for name, c := range map[string]struct{ old, changed, want string }{
		"another answer":             {`"39" value="00"`, `"39" value="51"`, "field 39: recorded 51, now 00"},
		"another amount":             {`"4" value="000000000500"`, `"4" value="000000000700"`, "field 4: recorded 000000000500, now 000000000700"},
		"another STAN in a reversal": {`value="0400"/>` + "\n" + `      <field id="3" value="000000"/>` + "\n" + `      <field id="4" value="000000002000"/>` + "\n" + `      <field id="11" value="000004"/>`, `value="0400"/>` + "\n" + `      <field id="3" value="000000"/>` + "\n" + `      <field id="4" value="000000002000"/>` + "\n" + `      <field id="11" value="000009"/>`, "field 11: recorded 000004, now 000009"},
	} {
		changed := strings.Replace(string(text), c.old, c.changed, 1)
		if changed == string(text) {
			t.Fatalf("%s: the log has no such message", name)
		}
		code, out, errs := possim(t, "replay", journalOf(t, "changed.log", []byte(changed)), "--walk-in")
		if code != exitFailed || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, want %q\n%s%s", name, code, c.want, out, errs)
		}
	}
}

// TestImportExports saves what a log of jPOS has as a scenario, which the simulated
// host plays again.
func TestImportExports(t *testing.T) {
	text, err := os.ReadFile(hostLog)
	if err != nil {
		t.Fatal(err)
	}
	day, file := journalOf(t, "day.log", text), filepath.Join(t.TempDir(), "day.yaml")
	code, out, errs := possim(t, "export", day, "--out", file)
	if code != exitOK || !strings.Contains(out, "1 scenarios in ") || !strings.Contains(out, ", 0 lines of ") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	code, out, errs = possim(t, "run", file, "--dialect", "iso87ascii")
	if saved, _ := os.ReadFile(file); code != exitOK {
		t.Errorf("exit %d\n%s%s\n%s", code, out, errs, saved)
	}
}

// journalOf makes a journal of a log.
func journalOf(t *testing.T, name string, log []byte) (journal string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := possim(t, "import", path, "--out", path+".jsonl"); code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	return path + ".jsonl"
}

// captureOf is a journal's messages as a network carries them: a connection for each,
// a length before each message, which goes in two pieces.
func captureOf(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := pcapgo.NewWriter(&out)
	if err := w.WriteFileHeader(65535, layers.LinkTypeRaw); err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC)
	seq := map[[2]int]uint32{}
	for line := range strings.Lines(string(text)) {
		var l struct {
			T    float64
			Conn int
			Dir  string
			Hex  string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		frame, err := hex.DecodeString(l.Hex)
		if err != nil || len(frame) == 0 {
			continue
		}
		way := strings.Index("><", l.Dir)
		frame = append(binary.BigEndian.AppendUint16(nil, uint16(len(frame))), frame...)
		for _, piece := range [][]byte{frame[:30], frame[30:]} {
			at := [2]int{l.Conn, way}
			p := segmentOf(t, l.Conn, way, seq[at], piece)
			seq[at] += uint32(len(piece))
			if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: start.Add(time.Duration(l.T * float64(time.Second))), CaptureLength: len(p), Length: len(p)}, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.Bytes()
}

// segmentOf is a packet between the terminal on a connection and the host.
func segmentOf(t *testing.T, conn, way int, seq uint32, data []byte) []byte {
	t.Helper()
	ports := [2]layers.TCPPort{layers.TCPPort(40000 + conn), 8583}
	ends := [2]net.IP{{10, 0, 0, 1}, {10, 0, 0, 2}}
	ip := &layers.IPv4{Version: 4, TTL: 64, Protocol: layers.IPProtocolTCP, SrcIP: ends[way], DstIP: ends[1-way]}
	tcp := &layers.TCP{SrcPort: ports[way], DstPort: ports[1-way], Seq: seq, ACK: true, PSH: true, Window: 65535}
	if err := tcp.SetNetworkLayerForChecksum(ip); err != nil {
		t.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ip, tcp, gopacket.Payload(data)); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
