package pcsc

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/reader"
)

func slotWith(state uint32, atr string) fakeSlot {
	return fakeSlot{name: "ACME CCID 00 00", events: 1, state: state, atr: atr, proto: 1}
}

func TestChip(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	d.answer = func(apdu []byte) ([]byte, uint32) { return []byte{0x61, 0x10}, 0 }
	r := d.open(nil)
	chip := next(t, r).(*reader.Chip)
	if got := strings.ToUpper(hex.EncodeToString(chip.ATR)); got != contactATR {
		t.Errorf("ATR %s", got)
	}
	answer, err := chip.Card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0, 2, 0xA0, 0, 0})
	if err != nil || !bytes.Equal(answer, []byte{0x61, 0x10}) {
		t.Errorf("got %X, %v", answer, err)
	}
	nothing(t, r)
	if err := errors.Join(chip.Release(), chip.Release()); err != nil {
		t.Error(err)
	}
	if _, err := chip.Card.Transmit(t.Context(), []byte{0, 0xB2, 1, 0xC, 0}); !errors.Is(err, ErrReleased) {
		t.Errorf("after Release: %v", err)
	}
	nothing(t, r) // it is still in
	d.saw("connect begin transmit:00A4040002A000 disconnect2")
	d.remove()
	d.insert(statePresent, contactATR) // between two looks: the counter tells
	next(t, r).(*reader.Chip).Release()
	d.remove()
	nothing(t, r)
	d.insert(stateAsleep, "") // a card whose power was taken is a card
	next(t, r).(*reader.Chip).Release()
}

// ending is a session each of whose looks ends by calling end.
type ending struct {
	session
	end func()
}

func (e ending) slots() ([]Slot, error) {
	defer e.end()
	return e.session.slots()
}

// A Next that is ended just as its look succeeds leaves the count of insertions as it was:
// another card is seen by the one after it.
func TestEndedInALook(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	end := func() {}
	r := d.open(func(o *Options) {
		o.dial = func() (session, error) {
			s, err := d.dial()
			return ending{s, func() { end() }}, err
		}
	})
	next(t, r).(*reader.Chip).Release()
	ctx, cancel := context.WithCancel(t.Context())
	end = cancel
	if p, err := r.Next(ctx, reader.Ask{}); err != context.Canceled {
		t.Fatalf("got %v, %v", p, err)
	}
	end = func() {}
	d.remove()
	d.insert(statePresent, contactATR)
	next(t, r).(*reader.Chip).Release()
}

// taking is a session that ends by calling end: in the look at a card that it is connected
// to, or in the first command.
type taking struct {
	session
	end     string // slots, transmit
	call    func()
	hasCard bool
}

func (s *taking) connect(name string) (protocol, error) {
	s.hasCard = true
	return s.session.connect(name)
}

func (s *taking) slots() ([]Slot, error) {
	if s.hasCard && s.end == "slots" {
		defer s.call()
	}
	return s.session.slots()
}

func (s *taking) transmit(apdu []byte) ([]byte, error) {
	if s.end == "transmit" {
		defer s.call()
	}
	return s.session.transmit(apdu)
}

// A Next that is ended just as it has taken the card gives none that is lost already, and
// leaves it to the one after it.
func TestEndedInATake(t *testing.T) {
	for end, atr := range map[string]string{"slots": contactATR, "transmit": tapATR} {
		t.Run(end, func(t *testing.T) {
			d := newDaemon(t, slotWith(statePresent, atr))
			ctx, cancel := context.WithCancel(t.Context())
			r := d.open(func(o *Options) {
				o.dial = func() (session, error) {
					s, err := d.dial()
					return &taking{session: s, end: end, call: cancel}, err
				}
			})
			if p, err := r.Next(ctx, reader.Ask{}); err != context.Canceled {
				t.Fatalf("got %v, %v", p, err)
			}
			var card reader.Transceiver
			var release func() error
			switch p := next(t, r).(type) {
			case *reader.Chip:
				card, release = p.Card, p.Release
			case *reader.Tap:
				card, release = p.Card, p.Release
			}
			if _, err := card.Transmit(t.Context(), []byte{0, 0xB2, 1, 0xC, 0}); err != nil {
				t.Error(err)
			}
			if err := release(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTap(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, tapATR))
	d.slots[0].proto = 2
	d.answer = func(apdu []byte) ([]byte, uint32) { return []byte{4, 1, 2, 3, 0x90, 0}, 0 }
	r := d.open(nil)
	nothing(t, r, reader.KindSwipe, reader.KindChip)
	tap := next(t, r, reader.KindTap).(*reader.Tap)
	if !bytes.Equal(tap.UID, []byte{4, 1, 2, 3}) || CardType(tap.ATR) != "MIFARE Classic 1K (ISO/IEC 14443 A part 3)" {
		t.Errorf("UID %X, type %q", tap.UID, CardType(tap.ATR))
	}
	tap.Release()
	d.saw("transmit:FFCA000000 disconnect1")
	d.remove()
	d.set(func() { d.answer = func([]byte) ([]byte, uint32) { return []byte{0x6A, 0x81}, 0 } })
	d.insert(statePresent, "3B80800101")
	if tap := next(t, r).(*reader.Tap); tap.UID != nil {
		t.Errorf("UID %X of a reader that does not say it", tap.UID)
	}
}

// A card whose ATR pcscd does not show is looked at once, and kept for who wants it.
func TestNotWanted(t *testing.T) {
	d := newDaemon(t, slotWith(stateAsleep, ""))
	r := d.open(nil)
	nothing(t, r, reader.KindTap)
	if got := d.saw("connect begin disconnect0"); strings.Count(got, "begin") != 1 {
		t.Errorf("pcscd saw %s", got)
	}
	next(t, r, reader.KindTap, reader.KindChip).(*reader.Chip).Release()
}

func TestMute(t *testing.T) {
	d := newDaemon(t, slotWith(stateMute, ""))
	d.results[4] = []uint32{0x80100066, 0x80100066}
	r := d.open(nil)
	chip := next(t, r).(*reader.Chip)
	if _, err := chip.Card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0}); len(chip.ATR) != 0 || !errors.Is(err, ErrMute) {
		t.Errorf("ATR %X, %v", chip.ATR, err)
	}
	nothing(t, r)
	d.remove()
	nothing(t, r)
	d.insert(stateMute, "")
	d.set(func() { d.results[4] = []uint32{0x80100066} }) // the second try does it
	if chip := next(t, r).(*reader.Chip); chip.Release == nil {
		t.Error("a card that woke up at the second try is not connected")
	}
}

func TestHeldByAnother(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	d.results[7] = []uint32{0x8010000B, 0x8010000B, 0x8010000B, 0x8010000B, 0x8010000B, 0x8010000B, 0x8010000B}
	var mu sync.Mutex
	var notes []string
	r := d.open(func(o *Options) {
		o.Note = func(s string) { mu.Lock(); defer mu.Unlock(); notes = append(notes, s) }
	})
	next(t, r)
	if len(notes) != 1 || !strings.Contains(notes[0], "another program") {
		t.Errorf("told %q", notes)
	}
}

func TestSilence(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	r := d.open(nil)
	chip := next(t, r).(*reader.Chip)
	ctx, cancel := context.WithCancel(t.Context())
	d.set(func() { d.silent[9] = cancel })
	if _, err := chip.Card.Transmit(ctx, []byte{0, 0xB2, 1, 0xC, 0}); !errors.Is(err, context.Canceled) {
		t.Errorf("a silent pcscd: %v", err)
	}
	if _, err := chip.Card.Transmit(t.Context(), []byte{0, 0xB2, 1, 0xC, 0}); !errors.Is(err, ErrLost) {
		t.Errorf("after it: %v", err)
	}
	if err := chip.Release(); err != nil {
		t.Error(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	d.set(func() { d.silent[0x12] = cancel })
	if p, err := r.Next(ctx, reader.Ask{}); !errors.Is(err, context.Canceled) {
		t.Errorf("Next: %v, %v", p, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	d.set(func() { d.silent[0x12] = cancel })
	if _, err := readers(ctx, d.dial); !errors.Is(err, context.Canceled) {
		t.Errorf("Readers: %v", err)
	}
}

func TestErrorsOfCommands(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	var code uint32
	d.answer = func([]byte) ([]byte, uint32) { return nil, code }
	chip := next(t, d.open(nil)).(*reader.Chip)
	for _, c := range []struct {
		code uint32
		out  bool
		want error
	}{
		{0, false, ErrNoAnswer}, {0x80100069, false, ErrRemoved}, {0x80100016, false, ErrNoAnswer}, {0x80100068, false, ErrReset},
		{0x80100017, false, errAbsent}, {0x80100016, true, ErrRemoved},
	} {
		d.set(func() { code = c.code })
		if c.out {
			d.remove()
		}
		if _, err := chip.Card.Transmit(t.Context(), []byte{0, 0xB2, 1, 0xC, 0}); !errors.Is(err, c.want) {
			t.Errorf("%08X: %v; want %v", c.code, err, c.want)
		}
	}
	if _, err := chip.Card.Transmit(t.Context(), []byte{0, 0xB2}); err == nil {
		t.Error("an APDU of two bytes")
	}
}

func TestUnplugged(t *testing.T) {
	d := newDaemon(t, slotWith(stateAbsent, ""))
	r := d.open(nil)
	d.set(func() { d.slots = nil })
	if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrGone) {
		t.Errorf("unplugged: %v", err)
	}
	if _, err := Open(t.Context(), "", Options{Sleep: sleep, dial: d.dial}); !errors.Is(err, ErrNoReader) {
		t.Errorf("no reader: %v", err)
	}
}

func TestKeep(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	told := make(chan string, 9)
	r := d.open(func(o *Options) { o.Keep, o.Note = true, func(s string) { told <- s } })
	next(t, r).(*reader.Chip).Release()
	d.stop()
	nothing(t, r)
	os.Remove(d.path)
	d.set(func() { d.slots[0].events = 9 })
	d.start()
	nothing(t, r) // a new pcscd, and still the card that was delivered
	d.set(func() { d.slots = nil })
	nothing(t, r)
	d.set(func() { d.slots = []fakeSlot{slotWith(statePresent, contactATR)} })
	next(t, r)
	for _, want := range []string{"pcscd is not running", "is attached", "is unplugged", "is attached"} {
		if got := <-told; !strings.Contains(got, want) {
			t.Errorf("told %q; want %q", got, want)
		}
	}
}

func TestRestart(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	r := d.open(nil)
	next(t, r).(*reader.Chip).Release()
	d.stop()
	os.Remove(d.path)
	d.set(func() { d.slots[0].events = 0 })
	d.start() // at once, as systemd's socket is
	nothing(t, r)
	d.stop()
	if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrGone) || !errors.Is(err, ErrNoService) {
		t.Errorf("without pcscd: %v", err)
	}
}

func TestCloseWakes(t *testing.T) {
	for name, silent := range map[string]bool{"asleep": false, "pcscd silent": true} {
		t.Run(name, func(t *testing.T) {
			d := newDaemon(t, slotWith(stateAbsent, ""))
			waits := make(chan struct{})
			once := sync.OnceFunc(func() { close(waits) })
			r := d.open(func(o *Options) {
				o.Sleep = func(ctx context.Context, _ time.Duration) error {
					once()
					<-ctx.Done()
					return ctx.Err()
				}
			})
			if silent {
				d.set(func() { d.silent[0x12] = once })
			}
			got := make(chan error)
			go func() {
				_, err := r.Next(context.Background(), reader.Ask{})
				got <- err
			}()
			<-waits
			r.Close()
			if err := <-got; !errors.Is(err, reader.ErrClosed) {
				t.Errorf("got %v", err)
			}
			if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		})
	}
}

func TestDenied(t *testing.T) {
	d := newDaemon(t, slotWith(statePresent, contactATR))
	d.set(func() { d.refuse = true })
	if _, err := readers(t.Context(), d.dial); !errors.Is(err, ErrDenied) {
		t.Errorf("polkit: %v", err)
	}
	d.set(func() { d.refuse, d.results[4] = false, []uint32{0x8010006A} })
	if _, err := d.open(nil).Next(t.Context(), reader.Ask{}); !errors.Is(err, ErrDenied) {
		t.Errorf("polkit, at the card: %v", err)
	}
	d.stop()
	if _, err := readers(t.Context(), d.dial); !errors.Is(err, ErrNoService) {
		t.Errorf("not running: %v", err)
	}
}
