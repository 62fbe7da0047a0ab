package pty_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/card"
)

// soak is how many swipes TestManySwipes makes at each reader; make soak makes a day's.
var soak = flag.Int("soak", 300, "swipes of TestManySwipes at each reader")

// counted is a hand with a pile of cards that differ.
type counted struct {
	count int64
	given atomic.Int64
}

func (c *counted) Next(context.Context, reader.Ask) (reader.Presentation, error) {
	i := c.given.Load()
	if i == c.count {
		return nil, reader.ErrEnd
	}
	c.given.Add(1)
	return &reader.Swipe{Tracks: [3]reader.Track{{}, ok(numbered(int(i))), {}}}, nil
}

func (*counted) Close() error { return nil }

// day is the time between swipes when 100,000 fill one.
const day = 24 * time.Hour / 100000

// TestManySwipes: none is lost, none comes twice, and nothing grows. Time as the
// emulated reader sees it goes on by a swipe's share of a day with each.
func TestManySwipes(t *testing.T) {
	for _, name := range []string{"msr605", "abecs", "ascii"} {
		t.Run(name, func(t *testing.T) {
			source := &counted{count: int64(*soak)}
			start := time.Now()
			clock := func() time.Duration { return time.Since(start) + time.Duration(source.given.Load())*day }
			port, notes := attach(t, name, emulateBy(t, name, source, clock))
			fds, heap := 0, uint64(0)
			for i := range *soak {
				if got := next(t, port).Tracks[1].Data; got != numbered(i) {
					t.Fatalf("swipe %d is %q", i, got.Reveal())
				}
				if i == *soak/10 {
					fds, heap = descriptors(t), heapInUse()
				}
			}
			ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
			defer cancel()
			if p, err := port.Next(ctx, reader.Ask{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("behind the last swipe: %v, %v", p, err)
			}
			if n := descriptors(t); n > fds {
				t.Errorf("%d descriptors, %d after a tenth", n, fds)
			}
			if n := heapInUse(); n > heap+4<<20 {
				t.Errorf("%d bytes in use, %d after a tenth", n, heap)
			}
			if notes.Len() > 0 {
				t.Error(notes)
			}
			t.Logf("%d swipes in %v, %d descriptors, %d KB", *soak, time.Since(start).Round(time.Millisecond), fds, heapInUse()>>10)
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
