package pty_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/protocol"
	"possim/reader/pty"
	"possim/reader/scripted"
)

// program is a client that knows nothing of this project: a file and its settings, as
// pyserial and other serial libraries make them.
type program struct {
	t  *testing.T
	fd int
}

func dial(t *testing.T, link string) *program {
	t.Helper()
	fd, err := unix.Open(link, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	tio, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	tio.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG | unix.IEXTEN
	tio.Iflag &^= unix.ICRNL | unix.IXON
	tio.Oflag &^= unix.OPOST
	tio.Cc[unix.VMIN], tio.Cc[unix.VTIME] = 0, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, tio); err != nil {
		t.Fatal(err)
	}
	unix.IoctlSetPointerInt(fd, unix.TIOCMBIS, unix.TIOCM_DTR) // fails: there are no modem lines
	unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCIFLUSH)
	p := &program{t, fd}
	t.Cleanup(p.close)
	return p
}

func (p *program) close() {
	if p.fd >= 0 {
		unix.Close(p.fd)
	}
	p.fd = -1
}

func (p *program) write(s string) {
	p.t.Helper()
	for len(s) > 0 {
		unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLOUT}}, 1000)
		n, err := unix.Write(p.fd, []byte(s))
		if err != nil && err != unix.EAGAIN {
			p.t.Fatal(err)
		}
		s = s[max(n, 0):]
	}
}

// read waits for n bytes.
func (p *program) read(n int) string {
	p.t.Helper()
	var got []byte
	for until := time.Now().Add(time.Minute); len(got) < n && time.Now().Before(until); {
		got = append(got, p.once(n-len(got), 100)...)
	}
	if len(got) < n {
		p.t.Fatalf("%q, want %d bytes", got, n)
	}
	return string(got)
}

// once reads what is there, after at most so many milliseconds.
func (p *program) once(n, ms int) []byte {
	unix.Poll([]unix.PollFd{{Fd: int32(p.fd), Events: unix.POLLIN}}, ms)
	b := make([]byte, n)
	got, _ := unix.Read(p.fd, b)
	return b[:max(got, 0)]
}

func (p *program) until(end byte) string {
	var got []byte
	for {
		c := p.read(1)[0]
		if c == end {
			return string(got)
		}
		got = append(got, c)
	}
}

func (p *program) expect(want string) {
	p.t.Helper()
	if got := p.read(len(want)); got != want {
		p.t.Fatalf("got %q, want %q", got, want)
	}
}

// endless is a card that is swiped again and again.
func endless(t *testing.T) reader.Reader {
	stripe, err := magstripe.NewStripe(track1, track2, "")
	if err != nil {
		t.Fatal(err)
	}
	source := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	for range 100 {
		source.Add(scripted.Swipe{Stripe: stripe})
	}
	return source
}

// TestClientInOrderOfLibMSRx05 does what Doridian/libMSRx05's libmsr.py does to read a
// card, call by call: it reads to the next ESC, and takes the byte behind an ESC at once
// for what became of an empty track.
func TestClientInOrderOfLibMSRx05(t *testing.T) {
	link := emulate(t, "msr605", endless(t))
	for range 2 {
		p := dial(t, link)
		p.write("\x1ba") // reset: no answer
		p.write("\x1be")
		p.expect("\x1by")
		p.write("\x1bt")
		p.expect("\x1b3S")
		p.write("\x1bv")
		p.expect("\x1bREVU1.00")
		p.write("\x1b\x87")
		p.expect("\x1b0")
		p.write("\x1bl")
		p.expect("\x1b\x3d\x16")
		p.write("\x1bd")
		p.expect("\x1bh")
		p.write("\x1ba")
		p.write("\x1br")
		p.expect("\x1bs\x1b")
		var tracks, marks [3]string
		for i := range tracks {
			p.expect(string(rune(i + 1)))
			if tracks[i] = p.until(0x1B); tracks[i] == "" {
				marks[i] = p.read(1)
				if i == 2 {
					p.expect("?\x1c")
				}
				p.expect("\x1b")
			}
		}
		p.expect("0")
		if tracks != [3]string{"%" + track1 + "?", ";" + track2 + "?"} || marks != [3]string{"", "", "+"} {
			t.Errorf("%q %q", tracks, marks)
		}
		p.close()
	}
}

// TestClientThatDrainsFirst does what a Go client, zenith110/magstripe-go, does: it reads
// until nothing is there before each command, and takes the first read that holds an ESC
// for the whole answer, its last ESC for the status.
func TestClientThatDrainsFirst(t *testing.T) {
	p := dial(t, emulate(t, "msr605", endless(t)))
	execute := func(command string) (status byte, data string) {
		for len(p.once(1024, 20)) > 0 {
		}
		p.write("\x1b" + command)
		var got []byte
		for until := time.Now().Add(time.Minute); !bytes.Contains(got, []byte{0x1B}) && time.Now().Before(until); {
			got = append(got, p.once(1024, 100)...)
		}
		at := bytes.LastIndexByte(got, 0x1B)
		if at < 0 || at+1 >= len(got) {
			t.Fatalf("%s: %q", command, got)
		}
		return got[at+1], string(got[:at])
	}
	p.write("\x1ba")
	for range 3 {
		status, data := execute("r")
		if want := "\x1bs\x1b\x01%" + track1 + "?\x1b\x02;" + track2 + "?\x1b\x03\x1b+?\x1c"; status != '0' || data != want {
			t.Errorf("%c %q", status, data)
		}
	}
	if status, _ := execute("x"); status != '0' {
		t.Errorf("coercivity: %c", status)
	}
	if status, _ := execute("o\x07\x05\x05"); status != '0' {
		t.Errorf("bits per character: %c", status)
	}
}

// TestOddClients: bytes one by one, all at once, a command inside another, a reader
// left armed, nonsense, a client that sets line mode and leaves.
func TestOddClients(t *testing.T) {
	start, later := time.Now(), atomic.Int64{}
	link := emulateBy(t, "msr605", endless(t), func() time.Duration { return time.Since(start) + time.Duration(later.Load()) })
	p := dial(t, link)
	for _, c := range "\x1be" {
		p.write(string(c))
		unix.Poll(nil, 30)
	}
	p.expect("\x1by")
	p.write("noise\x1b\x1be\x1bt\x1bQ\x1b\x83\x1bl") // in one write
	p.expect("\x1by\x1b3S\x1b4\x1b\x3d\x16")
	p.write("\x1br\x1br\x1be") // armed twice, and tested meanwhile
	p.expect("\x1by")
	p.expect("\x1bs\x1b\x01%")
	p.until(0x1C)
	p.expect("\x1b0")
	p.write("\x1bw\x1bs\x1b\x01") // half a block
	p.write("\x1br")
	p.close() // and gone

	q := dial(t, link)
	tio, _ := unix.IoctlGetTermios(q.fd, unix.TCGETS)
	tio.Lflag |= unix.ICANON | unix.ECHO
	unix.IoctlSetTermios(q.fd, unix.TCSETS, tio)
	unix.Poll(nil, 100)
	q.close()
	unix.Poll(nil, 1100)
	later.Store(int64(time.Minute)) // a command that was broken off is forgotten

	r := dial(t, link)
	r.write("\x1ba\x1be")
	r.expect("\x1by")
	r.write(strings.Repeat("\xff\x00", 1<<15))
	r.write("\x1be")
	r.expect("\x1by")
}

// TestEchoOfCookedLine: a client that sets nothing at all gets bytes as they are.
func TestEchoOfCookedLine(t *testing.T) {
	f, err := os.OpenFile(emulate(t, "ascii", endless(t)), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 4096)
	n, err := f.Read(b)
	if want := "%" + track1 + "?;" + track2 + "?\r"; err != nil || string(b[:n]) != want {
		t.Errorf("%q %v", b[:n], err)
	}
}

// once is a device whose line ends when it has answered.
type once struct {
	protocol.Device
	answered bool
	end      func()
}

func (o *once) Receive(now time.Duration, in []byte) []byte {
	if o.answered {
		o.end()
	}
	out := o.Device.Receive(now, in)
	o.answered = o.answered || len(out) > 0
	return out
}

// TestCloseDrains: what was sent before the line hangs up is there to be read.
func TestCloseDrains(t *testing.T) {
	p, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	client := dial(t, p.Path())
	device, _ := protocol.NewDevice("msr605")
	client.write("\x1be")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := time.Now()
	if err := p.Serve(ctx, pty.Reader{Device: &once{Device: device, end: cancel}, Source: &list{}, Since: func() time.Duration { return time.Since(start) }}); err != nil {
		t.Error(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- p.Close() }()
	unix.Poll(nil, 100)
	if got := client.read(2); got != "\x1by" {
		t.Errorf("%q", got)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// TestLink: a stale link is replaced, anything else is left alone, and Close takes away
// its own link only.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "reader0"), filepath.Join(dir, "file")
	os.Symlink("/nowhere", link)
	os.WriteFile(file, []byte("mine"), 0o600)
	p, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Link(file); err == nil {
		t.Error("a file was replaced")
	}
	if err := p.Link(link); err != nil {
		t.Error(err)
	}
	if to, _ := os.Readlink(link); to != p.Path() {
		t.Errorf("the link leads to %s", to)
	}
	os.Remove(link)
	os.Symlink("/another", link)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if to, _ := os.Readlink(link); to != "/another" {
		t.Error("another's link was taken away")
	}
}
