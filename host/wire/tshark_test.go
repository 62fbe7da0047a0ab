package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTshark has Wireshark's ISO 8583 dissector read a conversation in iso87ascii:
// golden messages, and a request and its answer of every kind there is.
//
// Four things the dissector of Wireshark 4.0 does not read, and so does not see
// here: field 53, which it takes for eight digits and the standard has sixteen of;
// texts that are not ASCII; an authorisation code filled with spaces; and track 3
// with its separators, which it takes for a number. A terminal that is to be read by it leaves field 53 out.
func TestTshark(t *testing.T) {
	tshark, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tshark is not installed (Debian: apt-get install tshark)")
		}
		t.Skip("tshark is not installed (Debian: apt-get install tshark)")
	}
	frames := conversation(t)
	file := filepath.Join(t.TempDir(), "day.pcap")
	if err := os.WriteFile(file, capture(t, frames), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tshark, "-r", file, "-d", fmt.Sprintf("tcp.port==%d,iso8583", hostPort),
		"-o", "iso8583.len_endian:Big endian", "-o", "iso8583.charset:Digits represented as ASCII Characters",
		"-o", "iso8583.binencode:Bin data represented as Hex Ascii characters",
		"-T", "fields", "-e", "iso8583.mti", "-e", "iso8583.bit11", "-e", "_ws.malformed", "-e", "_ws.expert.message").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(lines) != len(frames) {
		t.Fatalf("tshark saw %d packets, want %d:\n%s", len(lines), len(frames), out)
	}
	for i, line := range lines {
		seen := strings.Split(line, "\t")
		var m Message
		if _, err := ISO87ASCII().Decode(frames[i].frame, &m); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 4 || seen[0] != string(m.MTI) || seen[1] != m.STAN || seen[2] != "" || seen[3] != "" {
			t.Errorf("%s: tshark says %q, want %s %s and nothing malformed", frames[i].name, seen, m.MTI, m.STAN)
		}
	}
}

// A said is a frame and who sent it.
type said struct {
	name   string
	frame  []byte
	byHost bool
}

// conversation is messages of every kind, with all that they may carry.
func conversation(t *testing.T) []said {
	t.Helper()
	d := ISO87ASCII()
	var all []said
	for i, g := range readGolden(t, "iso87ascii") {
		if n := len(g.message.AuthCode); n > 0 && n < 6 {
			continue
		}
		all = append(all, said{g.name, g.frame, i%2 == 1})
	}
	seal := func([]byte) ([]byte, error) { return []byte("B7133B57"), nil }
	for i, tx := range d.Transactions() {
		req := Message{STAN: fmt.Sprintf("%06d", i+1), TID: "00000001", MID: "898100054110001", Amount: 1234, Currency: "156", EntryMode: "051",
			PAN: "6210947000000021", Expiry: "2912", CardSequence: "001", PINCapture: "12", Track2: "6210947000000021=29121010000000010", RRN: "000000000123", AuthCode: "000123",
			PINBlock: Secret("\x06\x12\x3D\x11\xFF\xFF\xFF\xFD"), Chip: []byte{0x9F, 0x36, 2, 0, 0x1E, 0x9C, 1, 0}, Private48: strings.Repeat("0", 62),
			QR: "A3019" + "6211111111111111111", Private60: "22000001", Original: "0000010000010601", Private62: []byte("Sequence No12306099999906"), Private63: "01 "}
		tx.Start(&req)
		if tx.Request == MTIReversal {
			req.OriginalData = Original{MTI: "0200", STAN: "000001", Date: "0601", Time: "093000"}.Field90()
			req.Code = NoResponse
		}
		ans := req.Answer()
		ans.Code, ans.RRN, ans.AuthCode, ans.Time, ans.Date, ans.SettlementDate = Approved, "000000000123", "000123", "093000", "0601", "0601"
		ans.Acquirer, ans.Additional, ans.Balance, ans.Private63, ans.Chip = "48020000", "01020000   48020000   ", "1002156C000000123456", "CUP", req.Chip
		ans.Private62 = bytes.Repeat([]byte{0x5A}, 40)
		for _, m := range []struct {
			message *Message
			byHost  bool
		}{{&req, false}, {&ans, true}} {
			s := seal
			if !tx.Sealed {
				s = nil
			}
			frame, err := d.Encode(nil, m.message, s)
			if err != nil {
				t.Fatal(tx.Kind, err)
			}
			all = append(all, said{string(tx.Kind) + " " + string(m.message.MTI), frame, m.byHost})
		}
	}
	return all
}

const hostPort, terminalPort = 8583, 50000

// capture writes frames as a pcap file: an Ethernet, an IPv4 and a TCP header before
// each, and its two bytes of length.
func capture(t *testing.T, frames []said) []byte {
	t.Helper()
	le, be := binary.LittleEndian, binary.BigEndian
	file := le.AppendUint32(nil, 0xA1B2C3D4) // pcap, microseconds
	file = le.AppendUint16(le.AppendUint16(file, 2), 4)
	file = append(file, make([]byte, 8)...)
	file = le.AppendUint32(le.AppendUint32(file, 65535), 1) // Ethernet
	sent := [2]uint32{1000, 2000}
	for i, f := range frames {
		framed, err := AppendFrame(nil, f.frame)
		if err != nil {
			t.Fatal(err)
		}
		from, to, ports := 0, 1, [2]uint16{terminalPort, hostPort}
		if f.byHost {
			from, to = 1, 0
		}
		ip := []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, byte(1 + from), 10, 0, 0, byte(1 + to)}
		be.PutUint16(ip[2:], uint16(len(ip)+20+len(framed)))
		tcp := be.AppendUint16(be.AppendUint16(nil, ports[from]), ports[to])
		tcp = be.AppendUint32(be.AppendUint32(tcp, sent[from]), sent[to])
		tcp = append(tcp, 0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0) // 20 bytes of header, PSH and ACK
		sent[from] += uint32(len(framed))
		packet := append(append(append([]byte{2, 0, 0, 0, 0, byte(to), 2, 0, 0, 0, 0, byte(from), 8, 0}, ip...), tcp...), framed...)
		file = le.AppendUint32(le.AppendUint32(file, uint32(i)), 0)
		file = le.AppendUint32(le.AppendUint32(file, uint32(len(packet))), uint32(len(packet)))
		file = append(file, packet...)
	}
	return file
}
