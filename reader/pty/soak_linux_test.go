package pty_test

import (
	"os"
	"runtime"
	"testing"

	"possim/reader"
	"possim/reader/card"
)

// TestManySwipes: none is lost, none comes twice, and nothing grows.
func TestManySwipes(t *testing.T) {
	count := 1000
	if testing.Short() {
		count = 100
	}
	for _, name := range []string{"msr605", "abecs"} {
		t.Run(name, func(t *testing.T) {
			swipes := make([]*reader.Swipe, count)
			for i := range swipes {
				swipes[i] = &reader.Swipe{Tracks: [3]reader.Track{{}, ok(numbered(i)), {}}}
			}
			port, _ := attach(t, name, emulate(t, name, &list{swipes: swipes}))
			fds, heap := 0, uint64(0)
			for i := range swipes {
				if got := next(t, port).Tracks[1].Data; got != numbered(i) {
					t.Fatalf("swipe %d is %q", i, got.Reveal())
				}
				if i == count/10 {
					fds, heap = descriptors(t), heapInUse()
				}
			}
			if n := descriptors(t); n > fds {
				t.Errorf("%d descriptors, %d after a tenth", n, fds)
			}
			if n := heapInUse(); n > heap+4<<20 {
				t.Errorf("%d bytes in use, %d after a tenth", n, heap)
			}
		})
	}
}

func numbered(i int) card.TrackData {
	digits := []byte("6222020000000000=2912101")
	for at := 15; i > 0; at, i = at-1, i/10 {
		digits[at] = byte('0' + i%10)
	}
	return card.TrackData(digits)
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
