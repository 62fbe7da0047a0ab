package magstripe

import (
	"math"
	"testing"
)

// FuzzFlux gives the decoder intervals and samples made of any bytes. Whatever it
// calls right must be a track that could have been written.
func FuzzFlux(f *testing.F) {
	f.Add([]byte{}, byte(0))
	f.Add([]byte{10, 10, 10, 10, 10, 10, 5, 5, 5, 5, 10, 5, 5, 10, 10, 255, 0, 0, 1}, byte(1))
	f.Add([]byte(foreignBits(foreign2, 5, 12)), byte(2))
	f.Fuzz(func(t *testing.T, b []byte, how byte) {
		if len(b) > 1<<13 {
			return
		}
		values := make([]float64, len(b))
		for i, v := range b {
			values[i] = float64(v) - 128*float64(how&1)
		}
		opts := Options{Track: int(how >> 1 & 3), Tick: float64(how>>3&1) * 1e-6, ForwardOnly: how&16 != 0}
		check(t, DecodeIntervals(values, opts))
		check(t, DecodeBits(b, opts))
		rates := []float64{8000, 22050, 192000, 0}
		for _, r := range DecodeSamples([][]float64{values, backwards(values)}, rates[how>>5&3], opts) {
			for _, track := range r.Tracks {
				check(t, track)
			}
		}
	})
}

func check(t *testing.T, track Track) {
	t.Helper()
	if track.Number < 1 || track.Number > 3 {
		t.Fatalf("track number %d", track.Number)
	}
	for _, v := range []float64{track.Speed, track.Slowest, track.Fastest, track.Amplitude} {
		if math.IsNaN(v) || v < 0 {
			t.Fatalf("measured %v: %+v", v, track)
		}
	}
	if (track.Status == StatusOK) != (track.Data != "") {
		t.Fatalf("%v with %d characters", track.Status, len(track.Data))
	}
	if track.Status != StatusOK {
		return
	}
	for i := range layouts {
		if bits, err := layouts[i].encode(i+1, track.Data.Reveal()); err == nil {
			if again := DecodeBits(append(make([]byte, 12), bits...), Options{Track: i + 1}); again.Data == track.Data {
				return
			}
		}
	}
	t.Fatal("a track that nobody could have written was called right")
}
