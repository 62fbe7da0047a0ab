package protocol

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"possim/reader"
)

// misread is what a port at another speed makes of bytes: 8N1 bits as they stand on the
// line, sampled ratio times as often.
func misread(in []byte, ratio float64) []byte {
	var line []byte
	for _, b := range in {
		line = append(line, 1, 0) // idle, start
		for i := range 8 {
			line = append(line, b>>i&1)
		}
		line = append(line, 1)
	}
	at := func(t float64) byte {
		if i := int(t); i < len(line) {
			return line[i]
		}
		return 1
	}
	var out []byte
	for t := 0.0; t < float64(len(line)); t += 0.1 {
		if at(t) != 0 {
			continue
		}
		var b byte
		for i := range 8 {
			b |= at(t+(1.5+float64(i))/ratio) << i
		}
		out = append(out, b)
		t += 9.5 / ratio
	}
	return out
}

// spoilers are what a line, a port or a reader may do to a good message.
var spoilers = []struct {
	name  string
	spoil func(frame []byte, rng *rand.Rand) []byte
}{
	{"noise", func(_ []byte, rng *rand.Rand) []byte {
		b := make([]byte, 4096)
		for i := range b {
			b[i] = byte(rng.UintN(256))
		}
		return b
	}},
	{"at half the baud", func(f []byte, _ *rand.Rand) []byte { return misread(f, 0.5) }},
	{"at twice the baud", func(f []byte, _ *rand.Rand) []byte { return misread(f, 2) }},
	{"at a baud beside", func(f []byte, _ *rand.Rand) []byte { return misread(f, 1.25) }},
	{"a bit flipped", func(f []byte, rng *rand.Rand) []byte {
		f[rng.IntN(len(f))] ^= 1 << rng.IntN(8)
		return f
	}},
	{"the check wrong", func(f []byte, _ *rand.Rand) []byte { f[len(f)-1] ^= 0x55; return f }},
	{"the length lies", func(f []byte, _ *rand.Rand) []byte {
		for i := 1; i < min(len(f), 14); i++ {
			f[i] |= 0x40
		}
		return f
	}},
	{"cut off", func(f []byte, rng *rand.Rand) []byte { return f[:1+rng.IntN(len(f))] }},
	{"its beginning lost", func(f []byte, rng *rand.Rand) []byte { return f[rng.IntN(len(f)):] }},
	{"a byte lost", func(f []byte, rng *rand.Rand) []byte { i := rng.IntN(len(f)); return slices.Delete(f, i, i+1) }},
	{"its end never", func(f []byte, _ *rand.Rand) []byte { return bytes.Repeat(f[:max(1, len(f)-2)], 1+1<<16/len(f)) }},
}

// TestBadInput: what is no message of a reader costs nothing that comes after it: the
// client keeps little of it, and reads the next swipe.
func TestBadInput(t *testing.T) {
	for _, name := range DeviceNames() {
		for _, s := range spoilers {
			t.Run(name+"/"+s.name, func(t *testing.T) {
				for seed := range uint64(8) {
					d := newDesk(t, name)
					for range 3 {
						d.turn()
					}
					good := swipeOf([3]reader.Track{t1, t2, blank})
					frame := d.device.Swipe(good)
					if len(frame) == 0 {
						frame = []byte("\x1b%B6222020000000015^A/B^2912101?;6222020000000015=2912101?\r")
					}
					spoilt := s.spoil(slices.Clone(frame), rand.New(rand.NewPCG(seed, 1)))
					if len(spoilt) == 0 && name == "uic" {
						continue // its word of a card is one character: that it is lost shows nowhere
					}
					d.hear(spoilt)
					if h, ok := d.client.(interface{ held() int }); ok && h.held() > 1<<15 {
						t.Errorf("%d bytes are kept", h.held())
					}
					d.now += time.Minute
					d.client.Flush()
					d.answer()
					if got := d.swipe(t, good); got == nil || got.Tracks[1] != t2 {
						t.Fatalf("seed %d: the swipe behind it is lost: %q", seed, tell(d.events))
					}
				}
			})
		}
	}
}
