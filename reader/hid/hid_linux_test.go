package hid

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"possim/reader"
	"possim/reader/device"
	"possim/reader/protocol"
)

// desk is a HID reader on a socket that keeps reports apart, as hidraw does.
type desk struct {
	t      *testing.T
	reader *Reader
	other  *os.File
	sent   chan []byte // what the reader was sent
	notes  []string
}

func newDesk(t *testing.T, kind string) *desk {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, other: os.NewFile(uintptr(pair[1]), "reader"), sent: make(chan []byte, 99)}
	reports, err := protocol.NewReports(kind)
	if err != nil {
		t.Fatal(err)
	}
	send := func(report []byte) error {
		d.sent <- bytes.Clone(report)
		return nil
	}
	host := os.NewFile(uintptr(pair[0]), "host")
	d.reader = New(device.New(host, "hidraw0", time.Now), reports, send, func(text string) { d.notes = append(d.notes, text) })
	t.Cleanup(func() { d.reader.Close(); d.other.Close() })
	return d
}

func (d *desk) report(b []byte) {
	d.t.Helper()
	if _, err := d.other.Write(b); err != nil {
		d.t.Fatal(err)
	}
}

const track2 = "6222020000000015=2912101"

func (d *desk) wantTrack2() {
	d.t.Helper()
	p, err := d.reader.Next(d.t.Context(), reader.Ask{})
	if err != nil {
		d.t.Fatal(err)
	}
	if got := p.(*reader.Swipe).Tracks[1].Data.Reveal(); got != track2 {
		d.t.Errorf("track 2 is %q", got)
	}
}

// magtek is a swipe reader's report of track 2.
func magtek() []byte {
	report := make([]byte, 337)
	report[4] = byte(copy(report[117:], ";"+track2+"?"))
	return report
}

func TestMagTek(t *testing.T) {
	d := newDesk(t, "magtek")
	d.report(magtek())
	d.report(magtek()[:100])
	d.report(magtek())
	d.wantTrack2()
	d.wantTrack2()
	if len(d.notes) != 1 || !strings.HasPrefix(d.notes[0], "hidraw0: a report of 100 bytes") {
		t.Errorf("%q", d.notes)
	}
	d.other.Close()
	for range 2 {
		if _, err := d.reader.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrGone) || !strings.Contains(err.Error(), "hidraw0") {
			t.Error(err)
		}
	}
}

// TestMSR605X arms the reader, takes its swipe in pieces, and leaves it disarmed.
func TestMSR605X(t *testing.T) {
	d := newDesk(t, "msr605x")
	last := make(chan []byte)
	go func() {
		var was []byte
		for sent := range d.sent {
			switch {
			case sent == nil:
				last <- was
				return
			case bytes.HasPrefix(sent, []byte{0xC2, 0x1B, 'e'}):
				d.report(packet(0xC0, "\x1by"))
			case bytes.HasPrefix(sent, []byte{0xC2, 0x1B, 'r'}):
				d.report(packet(0x80, "\x1bs\x1b\x01%B6222020000000015^DOE/JOHN^2912101?\x1b\x02;622202"))
				d.report(packet(0x40, "0000000015=2912101?\x1b\x03\x1b+?\x1c\x1b0"))
			}
			was = sent
		}
	}()
	d.wantTrack2()
	d.reader.Close()
	d.sent <- nil
	if was := <-last; !bytes.HasPrefix(was, []byte{0xC2, 0x1B, 'a'}) || len(was) != 64 {
		t.Errorf("the last command was % x", was)
	}
}

// packet is a report of 64 bytes with its header.
func packet(flags byte, text string) []byte {
	report := make([]byte, 64)
	report[0] = flags | byte(copy(report[1:], text))
	return report
}

func TestNextEnds(t *testing.T) {
	d := newDesk(t, "magtek")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := d.reader.Next(ctx, reader.Ask{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	d.report(magtek())
	d.wantTrack2()
	result := make(chan error)
	go func() { _, err := d.reader.Next(t.Context(), reader.Ask{}); result <- err }()
	d.reader.Close()
	if err := <-result; !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
	if _, err := d.reader.Next(t.Context(), reader.Ask{Accept: []reader.Kind{reader.KindTap}}); err == nil {
		t.Error("a stripe reader took an order for a tap")
	}
}

func TestCommandsRefused(t *testing.T) {
	d := newDesk(t, "msr605x")
	d.reader.send = func([]byte) error { return syscall.EPIPE }
	if _, err := d.reader.Next(t.Context(), reader.Ask{}); !errors.Is(err, syscall.EPIPE) || !strings.Contains(err.Error(), "protocol=") {
		t.Error(err)
	}
}

func TestOpenErrors(t *testing.T) {
	if _, err := Open("nowhere", "magtek", time.Now, nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "possim doctor") {
		t.Error(err)
	}
	if _, err := Open("nowhere", "magteck", time.Now, nil); err == nil || !strings.Contains(err.Error(), "magtek, msr605x") {
		t.Error(err)
	}
}
