package protocol

import (
	"errors"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/card"
)

// do has a writer do something at an emulated one, with noise before it and the answer
// byte by byte.
func do(t *testing.T, d *MSR605Device, s *reader.Swipe, c WriterCommand) WriterAnswer {
	t.Helper()
	var w Writer
	sent := append([]byte("noise\x00"), d.Receive(0, w.Begin(c))...)
	if c.Card {
		sent = append(sent, d.Swipe(s)...)
	}
	for _, b := range sent {
		if a, answered := w.Feed([]byte{b}); answered {
			return a
		}
	}
	t.Fatalf("%s: no answer in % x", c.Name, sent)
	return WriterAnswer{}
}

func TestWriter(t *testing.T) {
	d, s := new(MSR605Device), swipeOf([3]reader.Track{t1, t2, blank})
	if a := do(t, d, s, WriterTest()); a.Err != nil {
		t.Error(a.Err)
	}
	if a := do(t, d, s, WriterModel()); a.Text != "3" {
		t.Errorf("%q", a.Text)
	}
	if a := do(t, d, s, WriterCoercivity(false)); a.Err != nil || d.coercivity() != 'l' {
		t.Error(a.Err)
	}
	write, err := WriteTracks([3]card.TrackData{1: "6222020000000015=2912"})
	if err != nil {
		t.Fatal(err)
	}
	if a := do(t, d, s, write); a.Err != nil {
		t.Error(a.Err)
	}
	if a := do(t, d, s, EraseTracks([3]bool{true, false, false})); a.Err != nil {
		t.Error(a.Err)
	}
	a := do(t, d, s, ReadTracks())
	if a.Err != nil || a.Swipe.Tracks[0] != blank || a.Swipe.Tracks[1].Data != "6222020000000015=2912" {
		t.Errorf("%v %q", a.Err, tell([]Event{{Swipe: a.Swipe}}))
	}
	if a := do(t, d, s, WriterCommand{Name: "unknown", bytes: []byte{esc, 'Q'}, split: msrStatusAnswer}); !errors.Is(a.Err, errWriteWrong) {
		t.Error(a.Err)
	}
	for _, bad := range [][3]card.TrackData{{1: "12A"}, {0: "lower"}, {1: card.TrackData(strings.Repeat("1", 38))}, {0: "A?B"}} {
		if _, err := WriteTracks(bad); err == nil {
			t.Errorf("%d %d characters are taken", len(bad[0]), len(bad[1]))
		}
	}
}

// The write block of section 8 of the MSR606 manual, and the select bytes of erase.
func TestWriterBytes(t *testing.T) {
	c, err := WriteTracks([3]card.TrackData{"01", "23", "45"})
	if err != nil || string(c.bytes) != "\x1bw\x1bs\x1b\x0101\x1b\x0223\x1b\x0345?\x1c" {
		t.Errorf("%q %v", c.bytes, err)
	}
	for tracks, want := range map[[3]bool]byte{{true}: 0, {false, true}: 2, {false, false, true}: 4, {true, true, true}: 7, {true, true}: 3} {
		if c := EraseTracks(tracks); c.bytes[2] != want {
			t.Errorf("%v: %02x", tracks, c.bytes[2])
		}
	}
}

// FuzzWriter: any bytes may come before an answer, which is found all the same.
func FuzzWriter(f *testing.F) {
	f.Add([]byte("\x1bs\x1b\x01"))
	f.Add([]byte("\x1b\x1b\x1bREV"))
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, c := range []WriterCommand{WriterTest(), WriterModel(), WriterVersion(), ReadTracks(), EraseTracks([3]bool{true})} {
			var w Writer
			w.Begin(c)
			w.Feed(in)
			if len(w.in) > 2*maxMSR {
				t.Fatalf("%d bytes are kept", len(w.in))
			}
		}
	})
}
