package serialport

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"possim/reader"
	"possim/reader/protocol"
)

// armed makes a Reader of a protocol whose reader has to be spoken to.
func armed(t *testing.T, name string, reads ...fakeRead) (*Reader, *fakePort, *[]string) {
	t.Helper()
	r, p, said := fake(reads...)
	parser, err := protocol.New(name)
	if err != nil {
		t.Fatal(err)
	}
	r.parser = parser
	r.dialog = parser.(protocol.Dialog)
	return r, p, said
}

// TestTheReaderIsArmed: tested, armed, read, armed for the next card, disarmed.
func TestTheReaderIsArmed(t *testing.T) {
	const card = "\x1bs\x1b\x01\x1b+\x1b\x02;4111111111111111=2912101?\x1b\x03\x1b+?\x1c\x1b0"
	r, p, said := armed(t, "msr605", fakeRead{"\x1by", nil}, fakeRead{"", io.EOF}, fakeRead{card[:20], nil}, fakeRead{card[20:], nil}, fakeRead{card, nil})
	for range 2 {
		s, err := r.Next(context.Background(), reader.Ask{})
		if err != nil || s.(*reader.Swipe).Tracks[1].Data.Reveal() != "4111111111111111=2912101" {
			t.Fatal(err)
		}
	}
	r.Close()
	if want := []string{"\x1ba\x1be", "\x1br", "\x1br", "\x1ba"}; !reflect.DeepEqual(p.wrote, want) || len(*said) > 0 {
		t.Errorf("wrote %q, said %q", p.wrote, *said)
	}
}

// TestNoAnswer: what is wrong is told after a second, and the reader is armed all the same.
func TestNoAnswer(t *testing.T) {
	var reads []fakeRead
	for range 14 {
		reads = append(reads, fakeRead{"", io.EOF})
	}
	r, p, said := armed(t, "msr605", append(reads, fakeRead{"", syscall.EIO})...)
	if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrGone) {
		t.Error(err)
	}
	if len(*said) != 1 || !strings.Contains((*said)[0], "9600 baud") || p.wrote[len(p.wrote)-1] != "\x1br" {
		t.Errorf("said %q, wrote %q", *said, p.wrote)
	}
}

// TestUnpluggedWhileArming: a write that fails is a reader that is gone.
func TestUnpluggedWhileArming(t *testing.T) {
	r, p, _ := armed(t, "uic")
	p.dead = syscall.EIO
	if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrGone) {
		t.Error(err)
	}
	if err := r.Close(); err != nil || p.closed != 1 {
		t.Error(err, p.closed)
	}
}
