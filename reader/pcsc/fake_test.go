//go:build linux

package pcsc

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	lite "github.com/sf1/go-card/smartcard/pcsc"

	"possim/reader"
)

// daemon is a pcscd on a socket of the test's own, as far as its protocol goes: the
// library's calls reach it as bytes. Its layouts are those of winscard_msg.h.
type daemon struct {
	t    *testing.T
	path string

	mu      sync.Mutex
	slots   []fakeSlot
	results map[uint32][]uint32 // by command: what the next of them answer
	answer  func(apdu []byte) ([]byte, uint32)
	silent  map[uint32]func() // commands that are never answered, and what is done once they came
	refuse  bool              // polkit says no
	log     []string          // what came of the commands about cards, in short
	more    *sync.Cond        // there is more of it, or it is too late
	late    bool
	conns   []net.Conn
	close   func()
}

type fakeSlot struct {
	name   string
	events uint32
	state  uint32
	atr    string // hex
	proto  uint32
}

const (
	stateAbsent  = 0x02
	statePresent = 0x14 // and powered
	stateMute    = 0x0C // present and swallowed
	stateAsleep  = 0x04 // present, power off
)

const contactATR, tapATR = "3B6500002063CBB800", "3B8F8001804F0CA000000306030001000000006A"

func newDaemon(t *testing.T, slots ...fakeSlot) *daemon {
	t.Helper()
	d := &daemon{t: t, path: filepath.Join(t.TempDir(), "s"), slots: slots, results: map[uint32][]uint32{}, silent: map[uint32]func(){},
		answer: func([]byte) ([]byte, uint32) { return []byte{0x90, 0x00}, 0 }}
	d.more = sync.NewCond(&d.mu)
	d.start()
	t.Cleanup(d.stop)
	return d
}

func (d *daemon) start() {
	l, err := net.Listen("unix", d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.close = func() { l.Close() }
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			d.mu.Lock()
			d.conns = append(d.conns, c)
			d.mu.Unlock()
			go d.serve(c)
		}
	}()
}

// stop ends the daemon as a crash would.
func (d *daemon) stop() {
	d.close()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		c.Close()
	}
	d.conns = nil
}

func (d *daemon) set(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// insert, remove: a card in the first slot.
func (d *daemon) insert(state uint32, atr string) {
	d.set(func() { d.slots[0].events++; d.slots[0].state, d.slots[0].atr = state, atr })
}

func (d *daemon) remove() {
	d.set(func() { d.slots[0].events++; d.slots[0].state, d.slots[0].atr = stateAbsent, "" })
}

// saw waits for what pcscd is to see, and returns all that it saw: who lets a card go
// does not wait for it.
func (d *daemon) saw(want string) string {
	d.t.Helper()
	late := time.AfterFunc(time.Minute, func() { d.set(func() { d.late = true }); d.more.Broadcast() })
	defer late.Stop()
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		all := strings.Join(d.log, " ")
		switch {
		case strings.Contains(all, want):
			return all
		case d.late:
			d.t.Fatalf("pcscd saw %s; want %s", all, want)
		}
		d.more.Wait()
	}
}

func (d *daemon) serve(c net.Conn) {
	defer c.Close()
	d.mu.Lock()
	refuse := d.refuse
	d.mu.Unlock()
	if refuse {
		return
	}
	for {
		header := make([]byte, 8)
		if _, err := io.ReadFull(c, header); err != nil {
			return
		}
		size, cmd := binary.NativeEndian.Uint32(header), binary.NativeEndian.Uint32(header[4:])
		body := make([]byte, size)
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		if !d.reply(c, cmd, body) {
			return
		}
	}
}

var commandNames = map[uint32]string{4: "connect", 6: "disconnect", 7: "begin", 9: "transmit"}

func (d *daemon) reply(c net.Conn, cmd uint32, body []byte) bool {
	u32 := func(at int, v uint32) { binary.NativeEndian.PutUint32(body[at:], v) }
	var apdu []byte
	if cmd == 9 {
		apdu = make([]byte, binary.NativeEndian.Uint32(body[12:]))
		if _, err := io.ReadFull(c, apdu); err != nil {
			return false
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if name := commandNames[cmd]; name != "" {
		switch cmd {
		case 6:
			name += string('0' + rune(body[4]))
		case 9:
			name += ":" + strings.ToUpper(hex.EncodeToString(apdu))
		}
		d.log = append(d.log, name)
		d.more.Broadcast()
	}
	if came := d.silent[cmd]; came != nil {
		came()
		return true
	}
	var rv uint32
	if next := d.results[cmd]; len(next) > 0 {
		rv, d.results[cmd] = next[0], next[1:]
	}
	switch cmd {
	case 1: // scope, context, rv
		u32(4, 77)
		u32(8, rv)
	case 4: // context, name 128, share, protocols, card, active protocol, rv
		u32(140, 4711)
		u32(144, d.slots[0].proto)
		u32(148, rv)
	case 6: // card, disposition, rv
		u32(8, rv)
	case 7: // card, rv
		u32(4, rv)
	case 9: // card, PCI 2, length, PCI 2, length, rv; then the answer
		out, code := d.answer(apdu)
		if code != 0 {
			out = nil
		}
		u32(24, uint32(len(out)))
		u32(28, code)
		body = append(body, out...)
	case 0x12:
		body = d.states()
	}
	_, err := c.Write(body)
	return err == nil
}

func (d *daemon) states() []byte {
	const size = 184
	b := make([]byte, 16*size)
	for i, s := range d.slots {
		e := b[i*size:]
		copy(e, s.name)
		binary.NativeEndian.PutUint32(e[128:], s.events)
		binary.NativeEndian.PutUint32(e[132:], s.state)
		atr, _ := hex.DecodeString(s.atr)
		copy(e[140:], atr)
		binary.NativeEndian.PutUint32(e[176:], uint32(len(atr)))
		binary.NativeEndian.PutUint32(e[180:], s.proto)
	}
	return b
}

// dial is the package's own, on the daemon's socket: the library knows only its own path,
// so that its connection is put in behind its back.
func (d *daemon) dial() (session, error) {
	conn, err := net.Dial("unix", d.path)
	if err != nil {
		return nil, unreachable(d.path)
	}
	client := &lite.PCSCLiteClient{}
	field := reflect.ValueOf(client).Elem().FieldByName("connection")
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(conn))
	return establish(client)
}

// sleep is the real one, and short: the daemon is in another goroutine.
func sleep(ctx context.Context, _ time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(2 * time.Millisecond):
		return nil
	}
}

func (d *daemon) open(alter func(*Options)) *Reader {
	d.t.Helper()
	o := Options{Sleep: sleep, dial: d.dial}
	if alter != nil {
		alter(&o)
	}
	r, err := Open(d.t.Context(), "", o)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { r.Close() })
	return r
}

func next(t *testing.T, r reader.Reader, kinds ...reader.Kind) reader.Presentation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := r.Next(ctx, reader.Ask{Accept: kinds})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// nothing wants no presentation in some looks at the slot.
func nothing(t *testing.T, r *Reader, kinds ...reader.Kind) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer func(sleep func(context.Context, time.Duration) error) { r.o.Sleep = sleep }(r.o.Sleep)
	looks := 0
	r.o.Sleep = func(ctx context.Context, d time.Duration) error {
		if looks++; looks == 3 {
			cancel()
		}
		return sleep(ctx, d)
	}
	if p, err := r.Next(ctx, reader.Ask{Accept: kinds}); err != context.Canceled {
		t.Fatalf("got %v, %v; want nothing", p, err)
	}
}
