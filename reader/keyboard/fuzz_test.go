package keyboard

import (
	"strings"
	"testing"
	"time"

	"possim/reader"
)

// FuzzTyped types anything at a reader's speed, and asks for the good swipe behind it.
func FuzzTyped(f *testing.F) {
	for _, s := range []string{"", track1 + track2, "%E?;E?\r", "ö6222020000000015´2912101_", "m-éé&=éç&é§\r", "%B4\t;\r?", "\x00\xff²²²", strings.Repeat(";", 600)} {
		f.Add(s, true, false)
		f.Add(s, false, true)
	}
	f.Fuzz(func(t *testing.T, text string, typed, keys bool) {
		text = strings.ToValidUTF8(text, "")
		s := newScript().types(text, 4*ms, 0).types("\r\r", 4*ms, 0).types(track1+track2+"\r", 4*ms, time.Second)
		s.end = reader.ErrEnd
		got := readAll(t, s, Options{Hands: typed, Keys: keys})
		if len(got) == 0 || got[len(got)-1] != both {
			t.Fatalf("after %q the next swipe is lost: %q", text, got)
		}
	})
}

// FuzzEvents feeds anything as an input device's bytes, and asks for the swipe behind it.
func FuzzEvents(f *testing.F) {
	f.Add([]byte{})
	f.Add(newPresses(4 * ms).text(track2 + "\r").bytes)
	f.Add(newPresses(4 * ms).text("%B62\r").bytes[5:])
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:len(b)/eventSize*eventSize] // the kernel gives whole events
		var e events
		whole := len(e.feed(b))
		var again events
		cut := 0
		for i := range b {
			cut += len(again.feed(b[i : i+1]))
		}
		if whole != cut {
			t.Fatalf("%d characters at once, %d byte by byte", whole, cut)
		}
		if len(e.held) != 0 {
			t.Fatalf("%d bytes are held", len(e.held))
		}
		e.shift, e.alt, e.ctrl = [2]bool{}, false, false // keys let go
		var text strings.Builder
		for _, c := range e.feed(newPresses(4 * ms).text(track2).bytes) {
			text.WriteRune(c.Char)
		}
		if text.String() != track2 {
			t.Fatalf("then %q", text.String())
		}
	})
}
