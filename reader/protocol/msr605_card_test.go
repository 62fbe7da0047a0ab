package protocol

import (
	"encoding/hex"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/magstripe"
)

// at has a reader carry out a command, and the card it waits for be swiped.
func at(d *MSR605Device, s *reader.Swipe, command string) string {
	out := d.Receive(0, []byte(command))
	if d.Wants() == WantCard {
		out = append(out, d.Swipe(s)...)
	}
	return string(out)
}

// TestRawDataOfTheManual writes the three raw blocks of section 9 of the MSR605
// Programmer's Manual, in 8, 8, 8 and 7, 5, 5 and 6, 5, 6 bits a byte. The first two are
// %ABC123? and twice ;12345? as ISO has them.
func TestRawDataOfTheManual(t *testing.T) {
	for _, v := range []struct{ bpc, block, read, raw string }{
		{"080808",
			"1b01 08 c5b07814954e3e2a 1b02 05 2b8849eaaf 1b03 05 2b8849eaaf",
			"\x1b\x01%ABC123?\x1b\x02;12345?\x1b\x03;12345?",
			"a30d1e28a9727c54 d4119257f5 d4119257f5"}, // the same bits, each byte turned round
		{"070505",
			"1b01 09 456162235152131f2a 1b02 08 0b01021304151f15 1b03 08 0b01021304151f15",
			"\x1b\x01%ABC123?\x1b\x02;12345?\x1b\x03;12345?",
			"5143236245 25647c2a 1a10081904151f15 1a10081904151f15"},
		{"060506",
			"1b01 09 052122231112131f2a 1b02 08 0b01021304151f15 1b03 08 0101020304051f1f",
			"\x1b\x02;12345?",
			"28211131 2212323e15 1a10081904151f15 2020103008283e3e"},
	} {
		d := new(MSR605Device)
		bpc, block := unhex(t, v.bpc), unhex(t, v.block)
		if got := at(d, new(reader.Swipe), "\x1bo"+bpc); got != "\x1b0"+bpc {
			t.Fatalf("% x", got)
		}
		if got := at(d, new(reader.Swipe), "\x1bn\x1bs"+block+"?\x1c"); got != "\x1b0" {
			t.Errorf("%s: written with % x", v.bpc, got)
		}
		if got := at(d, new(reader.Swipe), "\x1br"); !strings.Contains(got, v.read) {
			t.Errorf("%s: read as %q", v.bpc, got)
		}
		got := at(d, new(reader.Swipe), "\x1bm")
		rest, raw := got[2:], ""
		for len(rest) > 4 {
			n := int(rest[2])
			raw += rest[3 : 3+n]
			rest = rest[3+n:]
			for strings.HasSuffix(raw, "\x00") { // what is behind the data
				raw = raw[:len(raw)-1]
			}
		}
		if raw != unhex(t, v.raw) || rest != "?\x1c\x1b0" {
			t.Errorf("%s: raw %x %q, want %s", v.bpc, raw, rest, v.raw)
		}
	}
}

func unhex(t *testing.T, s string) string {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What did not read as ISO is there in raw data, as far as it was made out; what was not
// made out at all is an error.
func TestRawDataOfABadTrack(t *testing.T) {
	d := new(MSR605Device)
	s := &reader.Swipe{Tracks: [3]reader.Track{{Status: magstripe.StatusParity, Bits: "00010100?1"}, {}, {}}}
	if got := at(d, s, "\x1bm"); got != "\x1bs\x1b\x01\x01\xa2\x1b\x02\x00\x1b\x03\x00?\x1c\x1b0" {
		t.Errorf("%q", got)
	}
	s.Tracks[0].Bits = ""
	if got := at(d, s, "\x1bm"); got != "\x1bs\x1b\x01\x00\x1b\x02\x00\x1b\x03\x00?\x1c\x1b1" {
		t.Errorf("%q", got)
	}
}

// A card that is moved too fast, too slowly or not to the end while it is written is
// refused with 9, and stays as it was.
func TestWriteAtABadSpeed(t *testing.T) {
	for _, s := range []reader.Swipe{{Speed: 12}, {Speed: 77}, {Verdict: magstripe.VerdictTooFast}, {Verdict: magstripe.VerdictPartial, Speed: 40}} {
		d := new(MSR605Device)
		s.Tracks = [3]reader.Track{blank, t2, blank}
		if got := at(d, &s, "\x1bw\x1bs\x1b\x01\x1b\x0223\x1b\x03?\x1c"); got != "\x1b9" {
			t.Errorf("%v at %v: %q", s.Verdict, s.Speed, got)
		}
		if got := at(d, &s, "\x1bc\x02"); got != "\x1b9" {
			t.Errorf("%v at %v: erased with %q", s.Verdict, s.Speed, got)
		}
		if got := at(d, &s, "\x1br"); !strings.Contains(got, framed(2, t2)) {
			t.Errorf("%v at %v: the card was written: %q", s.Verdict, s.Speed, got)
		}
	}
}

// Clients leave out the tracks that they do not write; a block that is none is refused,
// and one of more bits than there is room for.
func TestBlocksThatAreWritten(t *testing.T) {
	long := strings.Repeat("\xff", 29) // 232 bits, and 22 zeros: track 2 holds 252
	for command, want := range map[string]string{
		"w\x1bs\x1b\x0223?\x1c":                      "\x1b0",
		"w\x1bs\x1b\x01AB\x1b\x0323?\x1c":            "\x1b0",
		"w\x1bs?\x1c":                                "\x1b0",
		"w\x1bs\x1b\x0223\x1b\x01AB?\x1c":            "\x1b2",
		"w\x1bs\x1b\x0423?\x1c":                      "\x1b2",
		"wx\x1b\x0223?\x1c":                          "\x1b2",
		"n\x1bs\x1b\x02\x01\x1b?\x1c":                "\x1b0",
		"n\x1bs\x1b\x01\x00\x1b\x03\x02?\x1c?\x1c":   "\x1b0",
		"n\x1bs?\x1c":                                "\x1b0",
		"n\x1bs\x1b\x02" + "\x1d" + long + "?\x1c":   "\x1b2",
		"n\x1bs\x1b\x01" + "\x1d" + long + "?\x1c":   "\x1b0",
		"n\x1bs\x1b\x01\x01a\x1b\x01\x01a?\x1c":      "\x1b2",
		"n\x1bsnonsense?\x1c":                        "\x1b2",
		"w\x1bs\x1b\x02" + long[:28] + "1" + "?\x1c": "\x1b2",
	} {
		d := new(MSR605Device)
		at(d, new(reader.Swipe), "\x1bo\x08\x08\x08")
		if got := at(d, new(reader.Swipe), "\x1b"+command); got != want {
			t.Errorf("%q: %q, want %q", command, got, want)
		}
	}
	d := new(MSR605Device)
	for _, c := range []struct{ send, want string }{
		{"\x1bb\xd2", "\x1b0"}, {"\x1bo\x08\x08\x08", "\x1b0\x08\x08\x08"}, {"\x1bz\x05\x06", "\x1b0"}, {"\x1bl", "\x1b\x05\x06"}, {"\x1bb\x00", "\x1bA"},
		{"\x1bn\x1bs\x1b\x02\x1d" + long + "?\x1c", "\x1b0"},
	} {
		if got := at(d, new(reader.Swipe), c.send); got != c.want {
			t.Errorf("%q: %q, want %q", c.send, got, c.want)
		}
	}
}
