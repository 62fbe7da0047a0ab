package sim_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"possim/host/wire"
	"possim/scenarios/sim"
)

var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// echo is a network whose host answers a frame with itself.
func echo(clock *sim.Clock) *sim.Net {
	return &sim.Net{Clock: clock, Latency: 20 * time.Millisecond,
		Serve: func(_ context.Context, frame []byte) []byte { return frame }}
}

func Example() {
	ctx := context.Background()
	clock := sim.NewClock(start)
	link, _ := echo(clock).Dial(ctx)
	_ = link.Send(ctx, []byte("hello"))
	answer, _ := link.Receive(ctx, time.Minute)
	fmt.Printf("%s after %s\n", answer, clock.Now().Sub(start))
	_, err := link.Receive(ctx, time.Minute)
	fmt.Println(err, "after", clock.Now().Sub(start))
	// Output:
	// hello after 40ms
	// nothing came after 1m0.04s
}

// TestOrder: what is due at one moment happens in the order it was asked for, and
// what an event orders for the same moment happens in the same wait.
func TestOrder(t *testing.T) {
	clock, got := sim.NewClock(start), ""
	say := func(s string) func() { return func() { got += s } }
	clock.After(2*time.Second, say("c"))
	clock.After(time.Second, func() { got += "a"; clock.After(time.Second, say("e")); clock.After(0, say("b")) })
	clock.After(2*time.Second, say("d"))
	clock.After(3*time.Second, say("x"))
	if err := clock.Sleep(t.Context(), 2*time.Second); err != nil {
		t.Fatal(err)
	}
	if got != "abcde" || !clock.Now().Equal(start.Add(2*time.Second)) {
		t.Errorf("got %q at %s, want abcde at +2s", got, clock.Now().Sub(start))
	}
}

// TestLongWaitIsFree: years of simulated time with a daily event pass at once,
// and no day is left out.
func TestLongWaitIsFree(t *testing.T) {
	clock, days := sim.NewClock(start), 0
	zone := time.FixedZone("CST", 8*60*60)
	clock.Daily(zone, 0, func() {
		if h, m, s := clock.Now().In(zone).Clock(); h+m+s != 0 {
			t.Fatalf("called at %s", clock.Now().In(zone))
		}
		days++
	})
	if err := clock.Sleep(t.Context(), 365*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if days != 365 {
		t.Errorf("got %d midnights, want 365", days)
	}
}

// TestCutOver: a cut-over after midnight, asked for before it and after it.
func TestCutOver(t *testing.T) {
	for _, offset := range []time.Duration{2 * time.Hour, 23 * time.Hour} {
		clock := sim.NewClock(start)
		var first time.Time
		clock.Daily(time.UTC, offset, func() {
			if first.IsZero() {
				first = clock.Now()
			}
		})
		_ = clock.Sleep(t.Context(), 48*time.Hour)
		want := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).Add(offset)
		if !want.After(start) {
			want = want.Add(24 * time.Hour)
		}
		if !first.Equal(want) {
			t.Errorf("offset %s: got %s, want %s", offset, first, want)
		}
	}
}

func TestHostDown(t *testing.T) {
	clock := sim.NewClock(start)
	net := echo(clock)
	link, err := net.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := link.Send(t.Context(), []byte("lost")); err != nil {
		t.Fatal(err)
	}
	net.Down()
	if _, err := link.Receive(t.Context(), time.Minute); !errors.Is(err, wire.ErrLinkClosed) {
		t.Errorf("got %v, want ErrLinkClosed", err)
	}
	if err := link.Send(t.Context(), []byte("x")); !errors.Is(err, wire.ErrNotSent) {
		t.Errorf("got %v, want ErrNotSent", err)
	}
	if _, err := net.Dial(t.Context()); !errors.Is(err, wire.ErrNotSent) {
		t.Errorf("got %v, want ErrNotSent", err)
	}
	net.Up()
	if _, err := net.Dial(t.Context()); err != nil {
		t.Errorf("after Up: %v", err)
	}
}

// TestClosedLinkStillDelivers: a request that was sent arrives although its
// sender hung up, as with TCP; the answer finds nobody.
func TestClosedLinkStillDelivers(t *testing.T) {
	clock, served := sim.NewClock(start), 0
	net := echo(clock)
	net.Serve = func(context.Context, []byte) []byte { served++; return []byte("late") }
	link, _ := net.Dial(t.Context())
	_ = link.Send(t.Context(), []byte("x"))
	_ = link.Close()
	_ = clock.Sleep(t.Context(), time.Second)
	if served != 1 {
		t.Errorf("served %d, want 1", served)
	}
	if _, err := link.Receive(t.Context(), 0); !errors.Is(err, wire.ErrLinkClosed) {
		t.Errorf("got %v, want ErrLinkClosed", err)
	}
}

// TestCancelled: a wait ends with its context.
func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	clock := sim.NewClock(start)
	link, _ := echo(clock).Dial(ctx)
	clock.After(time.Second, cancel)
	if _, err := link.Receive(ctx, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	if err := clock.Sleep(ctx, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
}

// TestFramesAreTheCallers: neither side sees what the other does to its bytes.
func TestFramesAreTheCallers(t *testing.T) {
	clock := sim.NewClock(start)
	net := echo(clock)
	kept := []byte("answer")
	net.Serve = func(context.Context, []byte) []byte { return kept }
	link, _ := net.Dial(t.Context())
	frame := []byte("request")
	_ = link.Send(t.Context(), frame)
	frame[0] = 'X'
	got, _ := link.Receive(t.Context(), time.Second)
	got[0] = 'X'
	if string(kept) != "answer" {
		t.Error("the host's bytes changed")
	}
}
