package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// vector is a message of a manual or of a published program, and what it means.
type vector struct {
	Protocol, From, What, Hex, Source string

	Tracks  []string // from a reader: what a client makes of it
	Verdict string
	Bare    bool // the reader leaves out markers
	Arm     bool // only a client that waits for it takes it

	Answer string // from a client: what the reader says
	Wants  string // and that it waits for a card then
	Swiped string // and says that when one came
}

// TestDeviceVectors: the messages of testdata/devices.json are from the manuals and
// programs it names.
func TestDeviceVectors(t *testing.T) {
	var vectors []vector
	text, err := os.ReadFile("testdata/devices.json")
	if err == nil {
		err = json.Unmarshal(text, &vectors)
	}
	if err != nil || len(vectors) < 25 {
		t.Fatal(err, len(vectors))
	}
	for _, v := range vectors {
		t.Run(v.Protocol+": "+v.What, func(t *testing.T) {
			raw, err := hex.DecodeString(v.Hex)
			if err != nil {
				t.Fatal(err)
			}
			if v.From == "reader" {
				v.read(t, raw)
			} else {
				v.answer(t, raw)
			}
		})
	}
}

// read feeds a client, at once and byte by byte, and has the emulated reader say the same.
func (v vector) read(t *testing.T, raw []byte) {
	want := strings.Join(append(v.Tracks, v.Verdict), " | ")
	for name, pieces := range map[string][][]byte{"at once": {raw}, "byte by byte": oneByOne(raw)} {
		p, err := New(v.Protocol)
		if err != nil {
			t.Fatal(err)
		}
		var events []Event
		for _, piece := range pieces {
			events = append(events, p.Feed(piece)...)
		}
		got := tell(append(events, p.Flush()...))
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if v.Protocol != "msr605" && v.Protocol != "omron" {
		return
	}
	var s reader.Swipe
	for i, text := range v.Tracks {
		status, data, _ := strings.Cut(text, " ")
		if err := s.Tracks[i].Status.UnmarshalText([]byte(status)); err != nil {
			t.Fatal(err)
		}
		s.Tracks[i].Data = card.TrackData(data)
	}
	var sent []byte
	if v.Protocol == "omron" {
		for _, line := range bytes.SplitAfter(OmronDevice{}.Swipe(&s), []byte{cr}) {
			if bytes.HasPrefix(line, []byte("2")) {
				sent = line
			}
		}
	} else {
		d := &MSR605Device{Bare: v.Bare}
		d.Receive(0, []byte("\x1br"))
		sent = d.Swipe(&s)
	}
	if !bytes.Equal(sent, raw) {
		t.Errorf("the reader sends % x", sent)
	}
}

// answer has the emulated reader answer a client, at once and byte by byte.
func (v vector) answer(t *testing.T, raw []byte) {
	for name, pieces := range map[string][][]byte{"at once": {raw}, "byte by byte": oneByOne(raw)} {
		d, err := NewDevice(v.Protocol)
		if err != nil {
			t.Fatal(err)
		}
		var got []byte
		for _, piece := range pieces {
			got = append(got, d.Receive(0, piece)...)
		}
		if want, err := hex.DecodeString(strings.ReplaceAll(v.Answer, " ", "")); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: answered % x, want % x (%v)", name, got, want, err)
		}
		if v.Wants == "card" && d.Wants() != WantCard {
			t.Errorf("%s: it does not wait for a card", name)
		}
		if v.Swiped != "" {
			if got := hex.EncodeToString(d.Swipe(swipeOf([3]reader.Track{t1, t2, blank}))); got != v.Swiped {
				t.Errorf("%s: a card is told as %s", name, got)
			}
		}
	}
}

// What the clients say first is in the manuals too.
func TestWhatClientsSay(t *testing.T) {
	for name, want := range map[string]string{
		"msr605":    "1b611b65",
		"uic":       "1150",
		"uic1":      "1102500351",
		"uic2":      "11010000015050",
		"abecs":     "18",
		"makstripe": "3f",
		"vivotech2": "5669564f74656368320018010000b3cd",
	} {
		p, err := New(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(p.(Dialog).Ask()); got != want {
			t.Errorf("%s begins with %s, want %s", name, got, want)
		}
	}
}

// The LRC of a Verifone packet: 02 Z2 THX 03, over all behind STX (scribd.com/document/537043677).
func TestPublishedChecksums(t *testing.T) {
	if got := lrc([]byte("Z2THX\x03")); got != 0x2F {
		t.Errorf("%02x", got)
	}
	if got := crc16(0, []byte("OPN\x17")); got != 0xA8A9 {
		t.Errorf("%04x", got)
	}
}

// The block of GIN has the widths of a published SDK's Gin00Response (PinPadSDK, C#):
// 20, 19, 1, 20, 4, 16 and 20 characters.
func TestGIN(t *testing.T) {
	d := new(ABECSDevice)
	d.Receive(0, abecsPacket([]byte("OPN")))
	got := string(d.Receive(0, abecsPacket([]byte("GIN00200"))))
	if len(gin00) != 103 || gin00[3+60:][:4] != "2.12" || !strings.Contains(got, "GIN000"+gin00) {
		t.Errorf("%d characters, %q", len(gin00), got)
	}
}

// SecureMag User Manual p.38.
func TestOPOSBits(t *testing.T) {
	for b, want := range map[byte]magstripe.Status{0x20: magstripe.StatusOK, 0x21: magstripe.StatusNoStart, 0x22: magstripe.StatusNoEnd, 0x24: magstripe.StatusParity, 0x28: magstripe.StatusLRC, 0x30: magstripe.StatusError} {
		if got := OPOSStatus(b); got != want || OPOSError(got) != b {
			t.Errorf("%02x: %v, and back %02x", b, got, OPOSError(got))
		}
	}
}

// What is written and erased is on the card when it is read again.
func TestWriteAndErase(t *testing.T) {
	d := new(MSR605Device)
	s := swipeOf([3]reader.Track{t1, t2, blank})
	do := func(command string) string {
		out := string(d.Receive(0, []byte(command)))
		if d.Wants() == WantCard {
			out += string(d.Swipe(s))
		}
		return out
	}
	for _, c := range []struct{ send, want string }{
		{"\x1bw\x1bs\x1b\x01\x1b\x0223\x1b\x03?\x1c", "\x1b0"},
		{"\x1br", "\x1bs\x1b\x01" + framed(1, t1) + "\x1b\x02;23?\x1b\x03\x1b+?\x1c\x1b0"},
		{"\x1bc\x05", "\x1b0"},
		{"\x1br", "\x1bs\x1b\x01\x1b+\x1b\x02;23?\x1b\x03\x1b+?\x1c\x1b0"},
		{"\x1bc\x08", "\x1bA"},
		{"\x1bw\x1bs\x1b\x01a\xff\x1b\x02\x1b\x03?\x1c", "\x1b2"}, // no such characters
		{"\x1bQ", "\x1b4"},
		{"\x1bo\x08\x08\x08", "\x1b0\x08\x08\x08"},
		// 11010 01000 11001 11111 10101: ; 2 3 ? and the LRC (ISO/IEC 7811-2), and the zeros behind them.
		{"\x1bm", "\x1bs\x1b\x01\x00\x1b\x02\x06\xd2\x33\xfa\x80\x00\x00\x1b\x03\x00?\x1c\x1b0"},
	} {
		if got := do(c.send); got != c.want {
			t.Errorf("%q: got %q, want %q", c.send, got, c.want)
		}
	}
}

func oneByOne(raw []byte) (pieces [][]byte) {
	for i := range raw {
		pieces = append(pieces, raw[i:i+1])
	}
	return pieces
}
