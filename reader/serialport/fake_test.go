package serialport

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"possim/reader"
	"possim/reader/protocol"
)

// fakePort plays reads as other systems do them.
type fakePort struct {
	reads  []fakeRead
	dead   error // what Write says
	wrote  []string
	closed int
}

type fakeRead struct {
	data string
	err  error
}

func (f *fakePort) Read(b []byte) (int, error) {
	if len(f.reads) == 0 {
		return 0, errors.New("read past the script")
	}
	r := f.reads[0]
	f.reads = f.reads[1:]
	return copy(b, r.data), r.err
}

func (f *fakePort) Write(b []byte) (int, error) {
	if len(b) > 0 {
		f.wrote = append(f.wrote, string(b))
	}
	return len(b), f.dead
}

func (f *fakePort) Close() error { f.closed++; return nil }

func fake(reads ...fakeRead) (*Reader, *fakePort, *[]string) {
	p := &fakePort{reads: reads}
	said := new([]string)
	return &Reader{config: Config{Path: "p"}, port: p, unlock: func() {}, parser: new(protocol.ASCII),
		note: func(s string) { *said = append(*said, s) }}, p, said
}

func TestOddReads(t *testing.T) {
	const m = ";4111111111111111=2912101?\r"
	idle := fakeRead{"", io.EOF}
	for name, reads := range map[string][]fakeRead{
		"time-out as nothing (Windows)": {{"", nil}, {m[:5], nil}, {"", nil}, {m[5:], nil}},
		"data together with EOF":        {{m, io.EOF}},
		"data together with EIO":        {{m, syscall.EIO}},
		"idle between pieces":           {{m[:5], nil}, idle, idle, idle, idle, idle, idle, idle, idle, idle, {m[5:], nil}},
	} {
		r, _, said := fake(reads...)
		p, err := r.Next(context.Background(), reader.Ask{})
		if err != nil || p.(*reader.Swipe).Tracks[1].Data.Reveal() != m[1:len(m)-2] || len(*said) != 0 {
			t.Errorf("%s: %v %v", name, err, *said)
		}
	}
}

func TestHangUpIsToldFromIdleByTheProbe(t *testing.T) {
	r, p, said := fake(fakeRead{";4111111", nil}, fakeRead{"", io.EOF}, fakeRead{"", io.EOF})
	p.dead = syscall.EIO
	for range 2 {
		if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrGone) {
			t.Error(err)
		}
	}
	if len(*said) != 1 || !strings.Contains((*said)[0], "middle of a swipe") || p.closed != 1 {
		t.Errorf("%v, closed %d times", *said, p.closed)
	}
	if err := r.Close(); err != nil || p.closed != 1 {
		t.Error(err, p.closed)
	}
}

func TestHalfMessageIsGivenUpAfterASecondOfIdling(t *testing.T) {
	reads := []fakeRead{{";4111", nil}}
	for range idleHalf {
		reads = append(reads, fakeRead{"", io.EOF})
	}
	r, _, said := fake(append(reads, fakeRead{"", os.ErrClosed})...)
	if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrGone) || len(*said) != 1 {
		t.Error(err, *said)
	}
}
