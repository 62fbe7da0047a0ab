package protocol

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// chipDesk is a reader with a slot, its client, and a card that echoes its commands.
type chipDesk struct {
	*desk
	slot Slot
	atr  []byte
	mute bool
	dead bool
	seen [][]byte
}

func newChipDesk(t testing.TB, name string, atr string) *chipDesk {
	d := &chipDesk{desk: newDesk(t, name), atr: []byte(atr)}
	d.slot = d.device.(Slot)
	return d
}

// turn is a turn in which the card does what it is told.
func (d *chipDesk) turn() {
	d.desk.turn()
	d.obey()
}

func (d *chipDesk) obey() {
	for o := d.slot.Order(); o.Kind != OrderNone; o = d.slot.Order() {
		switch {
		case d.mute || d.dead:
			d.hear(d.slot.Answer(nil, errors.New("mute")))
		case o.Kind == OrderReset:
			d.hear(d.slot.Answer(d.atr, nil))
		default:
			d.seen = append(d.seen, o.APDU)
			d.hear(d.slot.Answer(append(bytes.Clone(o.APDU), 0x90, 0), nil))
		}
	}
}

// event waits for one that is no note.
func (d *chipDesk) event(t testing.TB) Event {
	t.Helper()
	for range 60 {
		for i, e := range d.events {
			if e.Chip != nil || e.Answer != nil || e.Swipe != nil {
				d.events = d.events[i+1:]
				return e
			}
		}
		d.turn()
	}
	return Event{}
}

// transmit exchanges a command.
func (d *chipDesk) transmit(t testing.TB, apdu []byte) Answer {
	t.Helper()
	d.send(d.client.(ChipDialog).Transmit(apdu))
	d.obey()
	if e := d.event(t); e.Answer != nil {
		return *e.Answer
	}
	t.Fatalf("no answer to % x: %q", apdu, tell(d.events))
	return Answer{}
}

const (
	t0ATR = "\x3B\x65\x00\x00\x20\x63\xCB\xB8\x00"
	t1ATR = "\x3B\xE0\x00\x00\x81\x31\xFE\x45\xEB"
	// T=1 with blocks of 16 bytes: TA3 is 10.
	shortATR = "\x3B\xE0\x00\x00\x81\x31\x10\x45\x05"
)

// chipReaders are the protocols with a slot, and the ATRs that each is tried with.
var chipReaders = map[string][]string{"gempc": {t0ATR, t1ATR, shortATR}, "abecs": {t0ATR, t1ATR}}

// TestChipConversations puts cards into every slot, and exchanges commands of all lengths.
func TestChipConversations(t *testing.T) {
	for name, atrs := range chipReaders {
		for _, atr := range atrs {
			d := newChipDesk(t, name, atr)
			for range 5 {
				d.turn()
			}
			for card := range 2 {
				d.hear(d.slot.Insert())
				if e := d.event(t); e.Chip == nil || string(e.Chip.ATR) != atr {
					t.Fatalf("%s: card %d is told as %+v: %q", name, card, e, tell(d.events))
				}
				for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 250, 255} {
					apdu := []byte{0, 0xA4, 4, 0}
					if n > 0 {
						apdu = append(append(apdu, byte(n)), bytes.Repeat([]byte{byte(n)}, n)...)
					}
					if a := d.transmit(t, apdu); a.Err != nil || !bytes.Equal(a.Data, append(bytes.Clone(apdu), 0x90, 0)) {
						t.Fatalf("%s: % x is answered % x, %v", name, apdu, a.Data, a.Err)
					}
				}
				d.send(d.client.(ChipDialog).Release())
				for range 5 {
					d.turn()
				}
				if e := d.event(t); e.Chip != nil && d.slot.Occupied() {
					t.Errorf("%s: the same card is told twice", name)
				}
				d.hear(d.slot.Remove())
				for range 5 {
					d.turn()
				}
			}
		}
	}
}

// TestMuteCard: it is told without an ATR, and one that falls silent is told so.
func TestMuteCard(t *testing.T) {
	for name := range chipReaders {
		d := newChipDesk(t, name, t0ATR)
		d.mute = true
		d.hear(d.slot.Insert())
		if e := d.event(t); e.Chip == nil || len(e.Chip.ATR) > 0 {
			t.Errorf("%s: %+v %q", name, e, tell(d.events))
		}
		d = newChipDesk(t, name, t0ATR)
		d.hear(d.slot.Insert())
		d.event(t)
		d.dead = true
		if a := d.transmit(t, []byte{0, 0x84, 0, 0, 8}); !errors.Is(a.Err, ErrMute) {
			t.Errorf("%s: %+v", name, a)
		}
		d.hear(d.slot.Remove())
		if a := d.transmit(t, []byte{0, 0x84, 0, 0, 8}); !errors.Is(a.Err, ErrNoCard) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestSpoiltChip flips a bit in each message in turn, of either side: the exchange goes
// through, or is said to have failed and goes through with the card put in anew.
func TestSpoiltChip(t *testing.T) {
	for name, atrs := range chipReaders {
		for spoilt := range 24 {
			d := newChipDesk(t, name, atrs[spoilt%len(atrs)])
			n := 0
			d.spoil = func(_ bool, b []byte) []byte {
				if n++; n-1 == spoilt {
					b[len(b)/2] ^= 0x10
				}
				return b
			}
			d.hear(d.slot.Insert())
			client, done := d.client.(ChipDialog), false
			for turns := 0; turns < 10 && !done; turns++ {
				switch e := d.event(t); {
				case e.Chip != nil && len(e.Chip.ATR) > 0:
					d.send(client.Transmit([]byte{0, 0x84, 0, 0, 8}))
					d.obey()
				case e.Answer != nil && e.Answer.Err == nil:
					done = true
				default:
					d.send(client.Release())
					d.hear(d.slot.Remove())
					for range 5 {
						d.turn()
					}
					d.hear(d.slot.Insert())
				}
			}
			if !done {
				t.Errorf("%s: no command went through with message %d spoilt: %q", name, spoilt, tell(d.events))
			}
		}
	}
}

// fuzzChip holds the client and the reader to reading a card after any bytes.
func fuzzChip(f *testing.F, name string) {
	f.Add([]byte{0x03, 0x06, 0x81, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0x87, 0x03, 0x15, 0x16, 0x50, 0x03, 0xff})
	f.Add([]byte("\x16GCR070\x17\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		d := newChipDesk(t, name, t0ATR)
		d.client.Feed(in)
		d.device.Receive(d.now, in)
		d.now += time.Minute
		d.client.Flush()
		d.answer()
		d.obey()
		d.events = nil
		if d.slot.Occupied() {
			t.Fatal("a card came of nothing")
		}
		d.hear(d.slot.Insert())
		for range 5 {
			if e := d.event(t); e.Chip != nil {
				if string(e.Chip.ATR) == t0ATR {
					return
				}
				d.send(d.client.(ChipDialog).Release())
				d.hear(d.slot.Remove())
				for range 5 {
					d.turn()
				}
				d.hear(d.slot.Insert())
			}
		}
		t.Fatalf("no card after % x: %q", in, tell(d.events))
	})
}

func FuzzABECSChip(f *testing.F) { fuzzChip(f, "abecs") }

func FuzzGemPC(f *testing.F) { fuzzChip(f, "gempc") }
