package protocol

import (
	"strings"
	"testing"
	"time"

	"possim/reader"
)

// idtCommand is STX, command, ETX and their LRC.
func idtCommand(command string) []byte {
	b := append(append([]byte{stx}, command...), etx)
	return append(b, lrc(b))
}

// TestIDTechSettings goes through the settings of the MiniMag RS-232 manual that shape what
// is sent, each by its printed command (section 3), and one of the line, which is kept.
func TestIDTechSettings(t *testing.T) {
	d := new(IDTechDevice)
	one, two := "%"+t1.Data.Reveal()+"?", ";"+t2.Data.Reveal()+"?"
	pan, _, _ := strings.Cut(t2.Data.Reveal(), "=")
	good := swipeOf([3]reader.Track{t1, t2, blank})
	bad := swipeOf([3]reader.Track{t1, parity, blank})
	for _, c := range []struct {
		command, answer string
		swipe           *reader.Swipe
		sent            string
	}{
		{"", "", good, one + "\r" + two + "\r"},
		{"", "", bad, one + "\r;E?\r"},
		{"S\x19\x011", "\x06", bad, one + "\r"},
		{"S\x17\x01|", "\x06", good, one + "|" + two + "\r"},
		{"S\x21\x01\n", "\x06", good, one + "|" + two + "\n"},
		{"S\x17\x01\x00", "\x06", good, one + two + "\n"},
		{"S\x19\x013", "\x06", good, one + ";" + pan + "?\n"},
		{"S\x19\x010", "\x06", good, one[1:len(one)-1] + two[1:len(two)-1] + "\n"},
		{"S\x13\x012", "\x06", good, two[1:len(two)-1] + "\n"},
		{"S\x34\x03\x02T1", "\x06", good, two[1:len(two)-1] + "\n"},
		{"S\x13\x011", "\x06", good, "T1" + one[1:len(one)-1] + "\n"},
		{"S\xd2\x02\x01<", "\x06", good, "<T1" + one[1:len(one)-1] + "\n"},
		{"S\x41\x016", "\x06", nil, ""},
		{"R\x41", "\x06\x02\x41\x016\x03" + string([]byte{lrc([]byte("\x02\x41\x016\x03"))}), nil, ""},
		{"S\x1a\x010", "\x06", good, ""},
		{"S\x99\x010", "\x16", nil, ""},
		{"S\x19\x0200", "\x15", nil, ""},
		{"8", "\x06\x02possim: an emulated card reader\x03" + string([]byte{lrc([]byte("\x02possim: an emulated card reader\x03"))}), nil, ""},
		{"I", "\x06", nil, ""},
		{"S\x18", "\x06", good, one + "\r" + two + "\r"},
	} {
		if c.command != "" {
			if got := string(d.Receive(time.Hour, idtCommand(c.command))); got != c.answer {
				t.Errorf("%q: %q, want %q", c.command, got, c.answer)
			}
		}
		if c.swipe != nil {
			if got := string(d.Swipe(c.swipe)); got != c.sent {
				t.Errorf("after %q: %q, want %q", c.command, got, c.sent)
			}
		}
	}
}

// What the vendor of the MRS100 does not say, what its BCC is of, the client decides.
func TestMRS100AnswersWithTheBCCOfItsClient(t *testing.T) {
	for _, without := range []byte{0, stx} {
		d := new(MRS100Device)
		command := []byte{stx, 2, mrsVersion, 0x30, etx, 0}
		command[5] = lrc(command[:5]) ^ without
		got := d.Receive(0, command)
		if n := len(got); n != 0x13+4 || got[1] != 0x13 || lrc(got[:n-1])^without != got[n-1] {
			t.Errorf("% x is answered with % x", command, got)
		}
	}
}

// The calls of a published program for a UIC reader in Ruby (0dayInc/pwn, msr206.rb): lights
// off, arm, a light on and a command that other models have while it waits, then the
// tracks.
func TestOrderOfAUICClient(t *testing.T) {
	d := new(UICDevice)
	var got []byte
	for _, c := range "mkPL&" {
		got = append(got, d.Receive(0, []byte(string(c)))...)
	}
	if string(got) != "^!^^!" || d.Wants() != WantCard {
		t.Fatalf("%q", got)
	}
	got = d.Swipe(swipeOf([3]reader.Track{t1, t2, blank}))
	for _, c := range "QRSlA" {
		got = append(got, d.Receive(0, []byte(string(c)))...)
	}
	one, two := framed(1, t1), framed(2, t2)
	if want := "^" + one + two + "+^" + one + two + "+"; string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing comes behind track 3: a swipe with one is over at its CR.
func TestTrack3EndsASwipe(t *testing.T) {
	p := newIDTech()
	events := p.Feed([]byte("%B1^A/B^29121010?\r;1=2912101?\r;3?\r"))
	if got := tell(events); len(got) != 1 || got[0] != "ok B1^A/B^29121010 | ok 1=2912101 | ok 3 | ok" || p.Pending() != PendingNone {
		t.Errorf("%q, pending %d", got, p.Pending())
	}
}
