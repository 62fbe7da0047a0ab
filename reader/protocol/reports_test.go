package protocol

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// reports are testdata/hid.json: fields of a report by their offset, the rest zeros.
type hidVector struct {
	What, Source string
	Size         int
	At           map[string]string // offset to hex
	Tracks       []string
	Verdict      string
	Note         string
}

func (v hidVector) report(t *testing.T) []byte {
	t.Helper()
	b := make([]byte, v.Size)
	for at, text := range v.At {
		field, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		var offset int
		if err == nil {
			err = json.Unmarshal([]byte(at), &offset)
		}
		if err != nil || offset+len(field) > v.Size {
			t.Fatal(at, err)
		}
		copy(b[offset:], field)
	}
	return b
}

func hidVectors(t *testing.T) (all []hidVector) {
	t.Helper()
	text, err := os.ReadFile("testdata/hid.json")
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil || len(all) < 8 {
		t.Fatal(err, len(all))
	}
	return all
}

func TestMagTekReports(t *testing.T) {
	for _, v := range hidVectors(t) {
		t.Run(v.What, func(t *testing.T) {
			got := tell(MagTekHID{}.Report(v.report(t)))
			if len(got) != 1 {
				t.Fatalf("%q", got)
			}
			if v.Note != "" {
				if !strings.HasPrefix(got[0], "note: ") || !strings.Contains(got[0], v.Note) {
					t.Errorf("%q, want %q", got, v.Note)
				}
			} else if want := strings.Join(append(v.Tracks, v.Verdict), " | "); got[0] != want {
				t.Errorf("got  %s\nwant %s", got[0], want)
			}
		})
	}
}

func TestReportNames(t *testing.T) {
	for _, name := range ReportNames() {
		if r, err := NewReports(name); err != nil || r == nil {
			t.Error(name, err)
		}
	}
	if _, err := NewReports("x"); err == nil || !strings.Contains(err.Error(), "magtek, msr605x") {
		t.Error(err)
	}
}

// An MSR605X's answer to a command is cut as its clients cut what they send.
func TestMSR605XReports(t *testing.T) {
	m := NewMSR605X()
	sent := m.Ask()
	if len(sent) != 2 || !bytes.HasPrefix(sent[0], []byte{0xC2, 0x1B, 0x61}) || len(sent[0]) != 64 {
		t.Fatalf("% x", sent)
	}
	block := "\x1bs\x1b\x01%B6222020000000015^DOE/JOHN^2912101?\x1b\x02;6222020000000015=2912101?\x1b\x03\x1b+?\x1c\x1b0"
	want := "ok B6222020000000015^DOE/JOHN^2912101 | ok 6222020000000015=2912101 | blank | ok"
	for range 2 {
		var got []Event
		for at := 0; at < len(block); at += 63 {
			piece := block[at:min(at+63, len(block))]
			header := byte(len(piece))
			if at == 0 {
				header |= msrxFirst
			}
			if at+63 >= len(block) {
				header |= msrxLast
			}
			got = append(got, m.Report(append(append([]byte{header}, piece...), make([]byte, 63-len(piece))...))...)
		}
		if text := tell(got); len(text) == 0 || text[len(text)-1] != want {
			t.Fatalf("%q", text)
		}
		m.Report(append([]byte{msrxFirst | 63}, block[:63]...)) // it breaks off, and starts anew
	}
	if got := tell(m.Report([]byte{0xFF, 1, 2})); len(got) != 1 || !strings.HasPrefix(got[0], "note: ") {
		t.Errorf("%q", got)
	}
}

// FuzzReports takes any report, and holds it to what an event may say.
func FuzzReports(f *testing.F) {
	for _, size := range []int{0, 1, 64, 337, 338, 856} {
		f.Add(make([]byte, size), size)
	}
	f.Add([]byte("\x00\x00\x00\x0a\x00\x00\x00%B1^A^29?"), 337)
	f.Add(append([]byte{0xBF}, "\x1bs\x1b\x01%B1?"...), 64)
	f.Fuzz(func(t *testing.T, b []byte, size int) {
		if size = min(max(size, 0), 1000); len(b) < size {
			b = append(b, make([]byte, size-len(b))...)
		}
		b = b[:size]
		for _, name := range ReportNames() {
			r, _ := NewReports(name)
			for _, e := range append(r.Report(b), r.Report(b)...) {
				if e.Swipe == nil && e.Note == "" {
					t.Fatalf("%s: an event that says nothing", name)
				}
			}
		}
	})
}
