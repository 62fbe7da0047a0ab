package protocol

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// desk is a reader and its client on a line without a delay.
type desk struct {
	client Parser
	device Device
	now    time.Duration
	events []Event
	spoil  func(toClient bool, b []byte) []byte // what the line does to bytes; nil is nothing
}

func newDesk(t testing.TB, name string) *desk {
	t.Helper()
	client, err := New(name)
	if err != nil {
		t.Fatal(err)
	}
	device, err := NewDevice(name)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{client: client, device: device}
}

// turn is a tenth of a second in which nobody swipes.
func (d *desk) turn() {
	d.now += 100 * time.Millisecond
	if dialog, ok := d.client.(Dialog); ok && d.client.Pending() == PendingNone {
		d.send(dialog.Ask())
	}
	d.hear(d.device.Receive(d.now, nil))
	if d.client.Pending() != PendingNone {
		d.events = append(d.events, d.client.Flush()...)
		d.answer()
	}
}

func (d *desk) send(bytes []byte) {
	for ; len(bytes) > 0; bytes = nil {
		d.hear(d.device.Receive(d.now, d.line(false, bytes)))
	}
}

func (d *desk) hear(bytes []byte) {
	if len(bytes) > 0 {
		d.events = append(d.events, d.client.Feed(d.line(true, bytes))...)
		d.answer()
	}
}

func (d *desk) line(toClient bool, b []byte) []byte {
	if d.spoil == nil {
		return b
	}
	return d.spoil(toClient, slices.Clone(b))
}

func (d *desk) answer() {
	if dialog, ok := d.client.(Dialog); ok {
		d.send(dialog.Reply())
	}
}

// swipe waits until the reader wants a card, gives it one, and returns what the
// client made of it.
func (d *desk) swipe(t testing.TB, s *reader.Swipe) *reader.Swipe {
	t.Helper()
	for turns := 0; d.device.Wants() == WantNothing || turns < 2; turns++ {
		if d.turn(); turns > 40 {
			t.Fatalf("the reader is never armed: %q", tell(d.events))
		}
	}
	d.events = nil
	d.hear(d.device.Swipe(s))
	for range 4 {
		d.turn()
	}
	for _, e := range d.events {
		if e.Swipe != nil {
			return e.Swipe
		}
	}
	return nil
}

func track(status magstripe.Status, data card.TrackData) reader.Track {
	return reader.Track{Status: status, Data: data}
}

var (
	t1     = track(magstripe.StatusOK, "B6222020000000015^DOE/JOHN^29121010000000000000")
	t2     = track(magstripe.StatusOK, "6222020000000015=29121010000000000")
	t3     = track(magstripe.StatusOK, "996222020000000015=1561560000000000000003000000114000029120=000000000000=000000000000=000000000000000")
	blank  = reader.Track{}
	parity = track(magstripe.StatusParity, "")
	noEnd  = track(magstripe.StatusNoEnd, "")
)

// TestBufferedIsSlow: a reader in buffered mode that takes some turns to answer gives one
// swipe once, whatever it was asked meanwhile; and the next as well.
func TestBufferedIsSlow(t *testing.T) {
	for _, turns := range []int{1, 3, patience, patience + 3, 3 * patience} {
		for name, s := range map[string]*reader.Swipe{"read": swipeOf([3]reader.Track{t1, t2, {}}), "not read": swipeOf([3]reader.Track{parity, parity, {}})} {
			d := newDesk(t, "magtek-buffered")
			d.turn()
			for n := range 2 {
				d.device.Swipe(s)
				var asked []byte
				for range turns {
					asked = append(asked, d.client.(Dialog).Ask()...)
				}
				d.hear(d.device.Receive(d.now, asked))
				for range 3 {
					d.turn()
				}
				if got := len(d.events); got != n+1 || d.events[n].Swipe == nil {
					t.Errorf("%s, %d turns: %d of %d swipes: %q", name, turns, got, n+1, tell(d.events))
				}
			}
		}
	}
}

// TestUICSwipedWhileItIsArmed: a card that crosses the command to arm the reader on the line
// is read, and so is the next, which comes as soon as the reader is armed.
func TestUICSwipedWhileItIsArmed(t *testing.T) {
	for _, name := range []string{"uic", "uic1", "uic2"} {
		for what, first := range map[string][3]reader.Track{"track 1 read": {t1, t2, {}}, "track 1 not read": {parity, t2, {}}} {
			d := newDesk(t, name)
			arm := d.client.(Dialog).Ask()
			d.device.(*UICDevice).framing = d.client.(*uic).framing
			d.hear(d.device.Swipe(swipeOf(first)))
			d.send(arm)
			arm = d.client.(Dialog).Ask()
			d.hear(d.device.Swipe(swipeOf([3]reader.Track{t1, t2, t3})))
			d.send(arm)
			for range 30 {
				d.turn()
			}
			if got := tell(d.events); len(got) != 2 {
				t.Errorf("%s, %s: %q", name, what, got)
			}
		}
	}
}

// swipes are what a reader may be given.
var swipes = []struct {
	name   string
	tracks [3]reader.Track
}{
	{"all", [3]reader.Track{t1, t2, t3}},
	{"tracks 1 and 2", [3]reader.Track{t1, t2, blank}},
	{"track 2 alone", [3]reader.Track{blank, t2, blank}},
	{"track 1 bad", [3]reader.Track{parity, t2, blank}},
	{"track 2 bad", [3]reader.Track{t1, parity, blank}},
	{"all bad", [3]reader.Track{parity, noEnd, parity}},
	{"good again", [3]reader.Track{t1, t2, t3}},
}

// poor says what of a swipe a protocol cannot carry: a failed track it leaves out.
var poor = map[string]bool{"abecs": true, "vivotech2": true, "magtek-buffered": true}

// TestConversations swipes at every emulated reader and reads it with its own
// client: what was read arrives as it was, what was not is told as far as the
// protocol can.
func TestConversations(t *testing.T) {
	for _, name := range DeviceNames() {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, name)
			for _, s := range swipes {
				got := d.swipe(t, &reader.Swipe{Tracks: s.tracks, Verdict: swipeOf(s.tracks).Verdict})
				if got == nil {
					t.Fatalf("%s: nothing arrived: %q", s.name, tell(d.events))
				}
				for i, want := range s.tracks {
					if failed(want) {
						want.Status = got.Tracks[i].Status
						if !failed(got.Tracks[i]) && !poor[name] {
							t.Errorf("%s: track %d failed, told as %v", s.name, i+1, got.Tracks[i].Status)
						}
					}
					if got.Tracks[i] != want {
						t.Errorf("%s: track %d is %v %q", s.name, i+1, got.Tracks[i].Status, got.Tracks[i].Data.Reveal())
					}
				}
			}
		})
	}
}

// TestRetransmission flips a bit in each message in turn, of either side: where a
// protocol has a check and a way to ask again, the swipe arrives all the same.
func TestRetransmission(t *testing.T) {
	for _, name := range []string{"uic1", "abecs"} {
		for _, toClient := range []bool{true, false} {
			for spoilt := range 6 {
				d := newDesk(t, name)
				n := 0
				d.spoil = func(to bool, b []byte) []byte {
					if to == toClient && len(b) > 3 {
						if n++; n-1 == spoilt {
							b[len(b)/2] ^= 0x10
						}
					}
					return b
				}
				s := swipeOf([3]reader.Track{t1, t2, t3})
				got := d.swipe(t, s)
				for turns := 0; got == nil && turns < 60; turns++ {
					d.turn()
					for _, e := range d.events {
						if e.Swipe != nil {
							got = e.Swipe
						}
					}
				}
				if got == nil || got.Tracks != s.Tracks {
					t.Errorf("%s, message %d spoilt (to the client %t): %q", name, spoilt, toClient, tell(d.events))
				}
			}
		}
	}
}

// TestFloods sends a megabyte that means nothing, and then swipes.
func TestFloods(t *testing.T) {
	for _, name := range DeviceNames() {
		for i, unit := range []string{"\x00", "\xff", "0", "%B4", "\x02", "\x1b", "\x1bs", "\x1bs\x1b\x01%", "\x16", "\x16GCR", "\x01\x00\x00\xff", "\x02\xff\x01", "1D4", "ViVOtech2\x00\x02\x00\x10\x00", "RD \x0f\xff", "\x06\x02", "\x03\x06"} {
			d := newDesk(t, name)
			size := 1 << 20
			if testing.Short() || i%6 != 0 {
				size = 1 << 16
			}
			flood := bytes.Repeat([]byte(unit), size/len(unit))
			d.client.Feed(flood)
			if h, ok := d.client.(interface{ held() int }); ok && h.held() > 1<<15 {
				t.Errorf("%s: %d bytes of %q are kept", name, h.held(), unit)
			}
			d.device.Receive(d.now, flood)
			d.now += time.Minute
			d.client.Flush()
			d.answer()
			got := d.swipe(t, swipeOf([3]reader.Track{t1, t2, blank}))
			if got == nil {
				got = d.swipe(t, swipeOf([3]reader.Track{t1, t2, blank}))
			}
			if got == nil || got.Tracks[1] != t2 {
				t.Errorf("%s: no swipe after a flood of %q: %q", name, unit, tell(d.events))
			}
		}
	}
}

// fuzz holds the client of a protocol to what every Parser promises: the same
// whatever the cut, no track without data, a good message read after any bytes, and
// the device beside it to answering any client.
func fuzz(f *testing.F, name string) {
	d := newDesk(f, name)
	for range 3 {
		d.turn()
	}
	frame := d.device.Swipe(swipeOf([3]reader.Track{t1, t2, t3}))
	f.Add(frame, 3)
	f.Add([]byte(strings.Repeat("\x02\xff", 20)), 3)
	if dialog, ok := d.client.(Dialog); ok {
		f.Add(append(dialog.Ask(), frame...), 1)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		whole, _ := New(name)
		cutUp, _ := New(name)
		cut = max(0, min(cut, len(in)))
		got := append(whole.Feed(in), whole.Flush()...)
		pieces := append(append(cutUp.Feed(in[:cut]), cutUp.Feed(in[cut:])...), cutUp.Flush()...)
		if !reflect.DeepEqual(tell(got), tell(pieces)) {
			t.Fatalf("%q reads differently cut at %d: %q, %q", in, cut, tell(got), tell(pieces))
		}
		for _, e := range got {
			for i := 0; e.Swipe != nil && i < 3; i++ {
				if track := e.Swipe.Tracks[i]; (track.Status == magstripe.StatusOK) != (track.Data != "") {
					t.Fatalf("%q: track %d is %v with %d characters", in, i+1, track.Status, len(track.Data))
				}
			}
		}
		d := newDesk(t, name)
		d.client = whole
		d.device.Receive(d.now, in)
		d.device.Swipe(swipeOf([3]reader.Track{t1, t2, t3}))
		d.now += time.Minute
		d.answer()
		if !isDialog(d.client) && d.device.Wants() == WantNothing {
			d.device, _ = NewDevice(name) // a client told it to keep still: it is plugged in again
		}
		read := d.swipe(t, swipeOf([3]reader.Track{t1, t2, blank}))
		if read == nil { // a client whose question was garbled asks again
			read = d.swipe(t, swipeOf([3]reader.Track{t1, t2, blank}))
		}
		if read == nil {
			t.Fatalf("no swipe after %q: %q", in, tell(d.events))
		}
	})
}

// isDialog reports whether a client ever says anything.
func isDialog(p Parser) bool {
	if _, text := p.(*idtech); text {
		return false
	}
	_, ok := p.(Dialog)
	return ok
}

func FuzzMSR605(f *testing.F)       { fuzz(f, "msr605") }
func FuzzMSR206(f *testing.F)       { fuzz(f, "msr206") }
func FuzzUIC(f *testing.F)          { fuzz(f, "uic") }
func FuzzUIC1(f *testing.F)         { fuzz(f, "uic1") }
func FuzzUIC2(f *testing.F)         { fuzz(f, "uic2") }
func FuzzOmron(f *testing.F)        { fuzz(f, "omron") }
func FuzzIDTech(f *testing.F)       { fuzz(f, "idtech") }
func FuzzIDTechBinary(f *testing.F) { fuzz(f, "idtech-binary") }
func FuzzMRS100(f *testing.F)       { fuzz(f, "mrs100") }
func FuzzABECS(f *testing.F)        { fuzz(f, "abecs") }
func FuzzMAKStripe(f *testing.F)    { fuzz(f, "makstripe") }
func FuzzVivotech(f *testing.F)     { fuzz(f, "vivotech2") }
func FuzzBuffered(f *testing.F)     { fuzz(f, "magtek-buffered") }
