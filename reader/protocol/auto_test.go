package protocol

import (
	"strings"
	"testing"

	"possim/reader"
)

// TestAuto puts a client that knows nothing before every emulated reader.
func TestAuto(t *testing.T) {
	same := map[string]string{"magtek": "ascii", "mrs100": "ascii", "uic1": "ascii uic1", "uic2": "ascii uic2", "uic": "ascii uic", "msr206": "msr605", "idtech-binary": "idtech"}
	for _, name := range DeviceNames() {
		if name == "magtek-buffered" {
			continue // it says nothing until it is asked in a way that others might take amiss
		}
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, name)
			d.client = newAuto()
			for turns := 0; d.device.Wants() == WantNothing && turns < 300; turns++ {
				d.turn()
			}
			told := strings.Join(tell(d.events), "\n")
			var got [2]string
			for i := range got {
				if s := d.swipe(t, swipeOf([3]reader.Track{t1, t2, blank})); s != nil {
					got[i] = s.Tracks[0].Data.Reveal() + s.Tracks[1].Data.Reveal()
				}
				told += strings.Join(tell(d.events), "\n")
			}
			want := same[name]
			if want == "" {
				want = name
			}
			known := false
			for _, w := range strings.Fields(want) {
				known = known || strings.Contains(told, "note: protocol "+w+" ")
			}
			if !known {
				t.Errorf("not recognised: %s", told)
			}
			for i := range got {
				if got[i] != t1.Data.Reveal()+t2.Data.Reveal() {
					t.Errorf("swipe %d: %q", i, got[i])
				}
			}
		})
	}
}

// FuzzAuto: anything may come before a reader is known, and nothing is kept of it.
func FuzzAuto(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("\x06\x04\x16OPN000\x17w^\x1by:^"))
	f.Fuzz(func(t *testing.T, in []byte) {
		a := newAuto().(*auto)
		a.Feed(in)
		a.Flush()
		if a.chosen != nil {
			return
		}
		if got := tell(append(a.Feed([]byte(good)), a.Flush()...)); len(got) != 2 || got[1] != want {
			t.Errorf("after %q: %q", in, got)
		}
	})
}

// TestAutoWithAChip: the chip of a pinpad that was recognised is read like its stripe.
func TestAutoWithAChip(t *testing.T) {
	d := newChipDesk(t, "abecs", t0ATR)
	d.client = newAuto()
	d.slot.Insert()
	if e := d.event(t); e.Chip == nil || string(e.Chip.ATR) != t0ATR {
		t.Fatalf("%+v %q", e, tell(d.events))
	}
	if a := d.transmit(t, []byte{0, 0x84, 0, 0, 8}); a.Err != nil || len(a.Data) != 7 {
		t.Errorf("%+v", a)
	}
}
