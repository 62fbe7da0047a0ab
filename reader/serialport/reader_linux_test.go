package serialport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/reader"
)

const swipe1 = "%B4111111111111111^DOE/J^2912101?;4111111111111111=2912101?\r"

// numbered is a swipe that differs from every other.
func numbered(i int) (message, track2 string) {
	track2 = fmt.Sprintf("6222020000%06d=2912101", i)
	return fmt.Sprintf("%%B6222020000%06d^A/B^2912101?;%s?\r", i, track2), track2
}

type notes struct {
	mu  sync.Mutex
	all []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	n.all = append(n.all, s)
	n.mu.Unlock()
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.all, "\n")
}

func open(t *testing.T, path string) (*Reader, *notes) {
	t.Helper()
	return openURL(t, "serial:"+path)
}

func openURL(t *testing.T, url string) (*Reader, *notes) {
	t.Helper()
	c, err := ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	n := new(notes)
	r, err := Open(c, n.add)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r, n
}

// next asks for a swipe and returns its track 2.
func next(t *testing.T, r reader.Reader) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	p, err := r.Next(ctx, reader.Ask{})
	if err != nil {
		return "", err
	}
	return p.(*reader.Swipe).Tracks[1].Data.Reveal(), nil
}

func wantSwipe(t *testing.T, r reader.Reader, want string) {
	t.Helper()
	if got, err := next(t, r); err != nil || got != want {
		t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

const track2 = "4111111111111111=2912101"

func TestAtOnceAndInPieces(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	w := newWatch()
	w.on(r)
	d.say(swipe1)
	wantSwipe(t, r, track2)
	rest := swipe1
	w.turn = func(int) {
		d.say(rest[:1])
		rest = rest[1:]
	}
	wantSwipe(t, r, track2)
}

func TestPausesInsideAMessage(t *testing.T) {
	d := newDevice(t)
	r, n := open(t, d.path)
	w := newWatch()
	w.on(r)
	for _, gap := range []time.Duration{10, 60} { // 60: slower than any reader in the manuals
		said := make(chan struct{})
		go func() { // bursts of 5 to 6 ms at 9600 baud with 10 ms between, as old firmware sends
			defer close(said)
			for part := range slices.Chunk([]byte(swipe1), 6) {
				d.say(string(part))
				pause(gap * time.Millisecond)
			}
		}()
		wantSwipe(t, r, track2)
		<-said
	}
	rest := swipe1[45:] // a stall inside a track, of several read time-outs
	w.turn = func(idle int) {
		if idle == 4 {
			d.say(rest)
			rest = ""
		}
	}
	d.say(swipe1[:45])
	wantSwipe(t, r, track2)
	if n.String() != "" {
		t.Error(n)
	}
}

func TestIdleThenASwipe(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	go func() {
		pause(450 * time.Millisecond)
		d.say(swipe1)
	}()
	wantSwipe(t, r, track2)
}

func TestConcatenatedMessagesAreKept(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	var all strings.Builder
	for i := range 60 { // more than the 4095 bytes one read of a pseudo-terminal gives
		m, _ := numbered(i)
		all.WriteString(m)
	}
	go d.say(all.String() + ";62220200")
	for i := range 60 {
		_, t2 := numbered(i)
		wantSwipe(t, r, t2)
	}
	d.say("00999999=2912101?\r") // the rest of the message that Next had read the start of
	wantSwipe(t, r, "6222020000999999=2912101")
}

func TestNoTerminatorEndsByIdleTime(t *testing.T) {
	d := newDevice(t)
	r, n := open(t, d.path)
	d.say(strings.TrimSuffix(swipe1, "\r"))
	wantSwipe(t, r, track2)
	w := newWatch()
	w.on(r)
	w.turn = func(idle int) {
		if idle == idleHalf+3 {
			d.say(swipe1)
		}
	}
	d.say("%B4111111")
	wantSwipe(t, r, track2)
	if !strings.Contains(n.String(), "broke off") {
		t.Errorf("notes: %q", n)
	}
}

func TestCloseWhileWaitingIsPromptAndStealsNothing(t *testing.T) {
	d := newDevice(t)
	close := func(i int) (took time.Duration) {
		r, _ := open(t, d.path)
		w := newWatch()
		w.on(r)
		result := make(chan error)
		go func() {
			_, err := r.Next(context.Background(), reader.Ask{})
			result <- err
		}()
		w.begun(1)
		start := time.Now()
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		err := <-result
		took = time.Since(start)
		if !errors.Is(err, reader.ErrClosed) {
			t.Errorf("Next: %v", err)
		}
		if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrClosed) {
			t.Errorf("Next after Close: %v", err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("Close again: %v", err)
		}
		m, t2 := numbered(i)
		d.say(m) // while no port is open: the next one gets it
		r2, _ := open(t, d.path)
		wantSwipe(t, r2, t2)
		r2.Close()
		return took
	}
	for i := range 2 {
		close(i)
	}
	promptly(t, func() time.Duration { return close(2) })
}

func TestContextEndLeavesTheBytes(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	w := newWatch()
	w.on(r)
	ctx, cancel := context.WithCancel(context.Background())
	ended := 0
	w.turn = func(idle int) {
		if idle == 2 {
			ended = w.reads()
			cancel()
		}
	}
	d.say(swipe1[:20])
	if _, err := r.Next(ctx, reader.Ask{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if n := w.reads(); n != ended {
		t.Errorf("%d reads after the end of the context", n-ended)
	}
	d.say(swipe1[20:])
	wantSwipe(t, r, track2)
}

func TestHangUp(t *testing.T) {
	d := newDevice(t)
	r, n := open(t, d.path)
	go func() {
		pause(150 * time.Millisecond)
		d.unplug()
	}()
	for range 2 { // EIO first, then EOF at once for ever: both are gone
		if _, err := next(t, r); !errors.Is(err, reader.ErrGone) || !strings.Contains(err.Error(), d.path) {
			t.Fatalf("%v", err)
		}
	}
	if n.String() != "" {
		t.Errorf("nothing was lost, but: %s", n)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(Config{Path: d.path, Protocol: "ascii", Baud: 9600, Bits: 8, Stop: 1}, nil); !errors.Is(err, ErrNoPort) {
		t.Errorf("open after hang-up: %v", err)
	}
}

func TestHangUpInsideAMessage(t *testing.T) {
	for name, half := range map[string]string{"in a track": swipe1[:40], "between tracks": swipe1[:34], "before CR": swipe1[:len(swipe1)-1]} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t)
			r, n := open(t, d.path)
			w := newWatch()
			w.on(r)
			go func() {
				d.say(swipe1 + half)
				w.bytes(len(swipe1 + half)) // a line that hangs up loses what nobody has read
				d.unplug()
			}()
			wantSwipe(t, r, track2)
			if got, err := next(t, r); !errors.Is(err, reader.ErrGone) {
				t.Errorf("%q %v", got, err)
			}
			if !strings.Contains(n.String(), "middle of a swipe") || strings.Contains(n.String(), "4111") {
				t.Errorf("notes: %q", n)
			}
		})
	}
}

// Data written right before a hang-up is lost in the kernel or arrives whole.
func TestWriteThenHangUpAtOnce(t *testing.T) {
	for range 20 {
		d := newDevice(t)
		r, _ := open(t, d.path)
		d.say(swipe1)
		d.unplug()
		got, err := next(t, r)
		if err == nil && got != track2 || err != nil && !errors.Is(err, reader.ErrGone) {
			t.Fatalf("%q %v", got, err)
		}
	}
}

func TestCookedLine(t *testing.T) {
	d := newCookedDevice(t)
	d.say(swipe1) // before the port is raw: CR becomes LF
	r, _ := open(t, d.path)
	wantSwipe(t, r, track2)
}

func TestControlCharactersPass(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	d.say("\x11\x13\x00\x0c\x02" + strings.TrimSuffix(swipe1, "\r") + "\r\n\x03\x11" + swipe1)
	wantSwipe(t, r, track2)
	wantSwipe(t, r, track2)
}

// A pseudo-terminal cannot be set to seven bits: bit 7 arrives as the device sent it.
func TestSevenBitsAndParity(t *testing.T) {
	d := newDevice(t)
	r, _ := openURL(t, "serial:"+d.path+"?bits=7&parity=even&stop=2")
	with := []byte(swipe1)
	for i, b := range with {
		ones := 0
		for ; b > 0; b >>= 1 {
			ones += int(b & 1)
		}
		with[i] |= byte(ones%2) << 7
	}
	d.say(string(with))
	wantSwipe(t, r, track2)
}

func TestTwoOpeners(t *testing.T) {
	d := newDevice(t)
	link := d.link("")
	r, _ := open(t, link)
	c, _ := ParseURL("serial:" + d.path)
	if _, err := Open(c, nil); !errors.Is(err, ErrBusy) || !errors.Is(err, ErrOpen) {
		t.Errorf("second opener: %v", err)
	}
	d.say(swipe1)
	wantSwipe(t, r, track2) // through the link, and undisturbed
	r.Close()
	r2, err := Open(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	r2.Close()
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]struct {
		kind error
		text string
	}{
		dir + "/none": {ErrNoPort, "possim doctor"},
		file:          {ErrOpen, "not a serial port"},
		dir:           {ErrOpen, "cannot open"},
	} {
		c, _ := ParseURL("serial:" + path)
		_, err := Open(c, nil)
		if !errors.Is(err, want.kind) || !errors.Is(err, ErrOpen) || !strings.Contains(err.Error(), want.text) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %q", err)
		}
	}
	if err := openError(Config{Path: "p"}, os.ErrPermission); !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), "dialout") {
		t.Error(err)
	}
	d := newDevice(t)
	if _, err := Open(Config{Path: d.path, Protocol: "ascii", Baud: 12345, Bits: 8, Stop: 1}, nil); err == nil || !strings.Contains(err.Error(), "baud") {
		t.Error(err)
	}
	if _, err := Open(Config{Path: d.path, Protocol: "x"}, nil); err == nil {
		t.Error("an unknown protocol opens")
	}
}

func TestAsksForOtherThanSwipes(t *testing.T) {
	d := newDevice(t)
	r, _ := open(t, d.path)
	if _, err := r.Next(context.Background(), reader.Ask{Accept: []reader.Kind{reader.KindChip}}); err == nil {
		t.Error("a stripe reader took an order for a chip")
	}
	d.say(swipe1)
	if _, err := r.Next(context.Background(), reader.Ask{Accept: []reader.Kind{reader.KindChip, reader.KindSwipe}}); err != nil {
		t.Error(err)
	}
}

// Two thousand swipes, cut anywhere, none lost and none twice.
func TestManySwipes(t *testing.T) {
	d := newDevice(t)
	r, n := open(t, d.path)
	const count = 2000
	var all strings.Builder
	for i := range count {
		m, _ := numbered(i)
		all.WriteString(m)
	}
	rest, cuts := all.String(), rand.New(rand.NewPCG(1, 2))
	w := newWatch()
	w.on(r)
	w.turn = func(int) { // a pause of a tenth of a second at the wrong place would end a swipe
		cut := min(1+cuts.IntN(60), len(rest))
		d.say(rest[:cut])
		rest = rest[cut:]
	}
	for i := range count {
		_, t2 := numbered(i)
		wantSwipe(t, r, t2)
	}
	if n.String() != "" {
		t.Error(n)
	}
}
