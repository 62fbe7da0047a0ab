package keyboard

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/device"
)

// presses is what an input device says while a reader types text: shift, key down, key
// up, each with its report and its time, as evtest shows it of a real one.
type presses struct {
	bytes []byte
	at    time.Time
	pace  time.Duration
}

func newPresses(pace time.Duration) *presses {
	return &presses{at: time.Unix(1_800_000_000, 0), pace: pace}
}

func (p *presses) event(kind, code uint16, value uint32) {
	if eventSize == 24 {
		p.bytes = binary.NativeEndian.AppendUint64(p.bytes, uint64(p.at.Unix()))
		p.bytes = binary.NativeEndian.AppendUint64(p.bytes, uint64(p.at.Nanosecond()/1000))
	} else {
		p.bytes = binary.NativeEndian.AppendUint32(p.bytes, uint32(p.at.Unix()))
		p.bytes = binary.NativeEndian.AppendUint32(p.bytes, uint32(p.at.Nanosecond()/1000))
	}
	p.bytes = binary.NativeEndian.AppendUint16(p.bytes, kind)
	p.bytes = binary.NativeEndian.AppendUint16(p.bytes, code)
	p.bytes = binary.NativeEndian.AppendUint32(p.bytes, value)
}

func (p *presses) key(code uint16, value uint32) {
	p.event(4, 4, uint32(code)) // EV_MSC, MSC_SCAN
	p.event(evKey, code, value)
	p.event(evSyn, 0, 0)
}

func (p *presses) text(text string) *presses {
	for _, r := range text {
		code, shift := keyOf(r)
		if shift {
			p.key(keyLeftShift, pressed)
		}
		p.key(code, pressed)
		p.at = p.at.Add(p.pace / 2)
		p.key(code, released)
		if shift {
			p.key(keyLeftShift, released)
		}
		p.at = p.at.Add(p.pace / 2)
	}
	return p
}

// keyOf finds the key by its code's name in input-event-codes.h, which is not the order
// of keyChars.
func keyOf(r rune) (code uint16, shift bool) {
	codes := map[rune]uint16{'1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10, '0': 11, '-': 12, '=': 13,
		'q': 16, 'w': 17, 'e': 18, 'r': 19, 't': 20, 'y': 21, 'u': 22, 'i': 23, 'o': 24, 'p': 25, '[': 26, ']': 27,
		'a': 30, 's': 31, 'd': 32, 'f': 33, 'g': 34, 'h': 35, 'j': 36, 'k': 37, 'l': 38, ';': 39, '\'': 40, '`': 41, '\\': 43,
		'z': 44, 'x': 45, 'c': 46, 'v': 47, 'b': 48, 'n': 49, 'm': 50, ',': 51, '.': 52, '/': 53, ' ': 57, '\r': 28, '\t': 15}
	over := map[rune]rune{'!': '1', '@': '2', '#': '3', '$': '4', '%': '5', '^': '6', '&': '7', '*': '8', '(': '9', ')': '0', '_': '-', '+': '=', ':': ';', '"': '\'', '<': ',', '>': '.', '?': '/'}
	if low, is := over[r]; is {
		return codes[low], true
	}
	if r >= 'A' && r <= 'Z' {
		return codes[r-'A'+'a'], true
	}
	return codes[r], false
}

// said is a device that has said what it says, in pieces, and is unplugged then: that takes
// no time, and no deadline comes before it.
type said struct {
	bytes []byte
	piece int
}

func (s *said) Read(p []byte) (int, error) {
	if len(s.bytes) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.bytes[:min(s.piece, len(s.bytes))])
	s.bytes = s.bytes[n:]
	return n, nil
}

func (s *said) Write(p []byte) (int, error)     { return len(p), nil }
func (s *said) SetReadDeadline(time.Time) error { return nil }
func (s *said) Close() error                    { return nil }

// readInput plays the bytes at a device, in pieces, and unplugs it.
func readInput(t *testing.T, bytes []byte, piece int) []string {
	t.Helper()
	var got []string
	r := NewInput(device.New(&said{bytes, piece}, "event5", time.Now), Options{Note: func(text string) { got = append(got, "note: "+text) }})
	defer r.Close()
	for {
		p, err := r.Next(t.Context(), reader.Ask{})
		switch {
		case errors.Is(err, reader.ErrGone), errors.Is(err, reader.ErrEnd):
			return got
		case err != nil:
			t.Fatal(err)
		}
		got = append(got, tell(p))
	}
}

func TestInput(t *testing.T) {
	swipe := track1 + track2 + "\r"
	for _, piece := range []int{1 << 20, eventSize, 7} {
		want(t, readInput(t, newPresses(8*ms).text(swipe+swipe).bytes, piece), both, both)
	}
	want(t, readInput(t, newPresses(150*ms).text(swipe).bytes, 999), "note: somebody types by hand")
	p := newPresses(8 * ms).text(swipe)
	p.at = p.at.Add(time.Hour)
	want(t, readInput(t, p.text("%E?;E?\r").bytes, 999), both, "error | error | blank | unreadable")
	lower := newPresses(8 * ms).text(strings.ToLower(swipe)) // it minds a Caps Lock that is on
	want(t, readInput(t, lower.bytes, 999), "note: Caps Lock", both)
}

// Alt codes, keypad digits, a key that repeats, keys that type nothing.
func TestInputKeys(t *testing.T) {
	p := newPresses(4 * ms)
	for _, code := range []string{"037", "66"} { // % and B
		p.key(keyLeftAlt, pressed)
		for _, d := range code {
			for key, r := range keypad {
				if r == d {
					p.key(key, pressed)
					p.key(key, released)
				}
			}
		}
		p.key(keyLeftAlt, released)
	}
	p.text("6222020000000015^D")
	p.key(18, 2) // a repeat
	p.key(58, pressed)
	p.key(58, released)
	p.text("OE^2912101?")
	p.key(keypadEnter, pressed)
	want(t, readInput(t, p.bytes, 999), "ok B6222020000000015^DOE^2912101 | blank | blank | ok")
}

func TestInputTrouble(t *testing.T) {
	p := newPresses(4 * ms)
	p.event(evSyn, synDropped, 0)
	want(t, readInput(t, p.text(track2+"\r").bytes, 999), "note: lost", second)
	p = newPresses(4 * ms).text(track2 + "\r")
	p.key(keyLeftCtrl, pressed)
	p.key(keyC, pressed)
	want(t, readInput(t, p.bytes, 24), second)
}

func TestOpenInput(t *testing.T) {
	dir := t.TempDir()
	recording := filepath.Join(dir, "swipe.events")
	if err := os.WriteFile(recording, newPresses(8*ms).text(track1+track2+"\r").bytes, 0o400); err != nil {
		t.Fatal(err)
	}
	r, err := OpenInput(recording, time.Now, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.Next(t.Context(), reader.Ask{}); err != nil || tell(p) != both {
		t.Fatal(p, err)
	}
	if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrEnd) {
		t.Error(err)
	}
	r.Close()
	if _, err := OpenInput("/dev/null", time.Now, Options{}); err == nil || !strings.Contains(err.Error(), "is it an input device") {
		t.Error(err)
	}
	if _, err := OpenInput(filepath.Join(dir, "none"), time.Now, Options{}); !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

func TestInputNextEnds(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := NewInput(device.New(out, "event5", time.Now), Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*ms)
	defer cancel()
	if _, err := r.Next(ctx, reader.Ask{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	result := make(chan error)
	go func() { _, err := r.Next(t.Context(), reader.Ask{}); result <- err }()
	r.Close()
	if err := <-result; !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
}
