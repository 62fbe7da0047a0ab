package fault_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/host/wire"
	"possim/scenarios/fault"
	"possim/scenarios/sim"
)

var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// bench is a network whose frames are an MTI and a letter; its host answers
// "0200a" with "0210a" and notes what came.
type bench struct {
	clock *sim.Clock
	in    *fault.Injector
	net   *sim.Net
	came  []string
}

func newBench(rules ...fault.Rule) *bench {
	b := &bench{clock: sim.NewClock(start)}
	b.net = &sim.Net{Clock: b.clock, Latency: 10 * time.Millisecond, Serve: b.serve}
	b.in = fault.New(b.clock.Now, mti, rand.New(rand.NewPCG(1, 2)), rules...)
	return b
}

func mti(frame []byte) wire.MTI {
	if len(frame) < 5 {
		return ""
	}
	return wire.MTI(frame[:4])
}

func (b *bench) serve(_ context.Context, frame []byte) []byte {
	b.came = append(b.came, fmt.Sprintf("%s+%s", frame, b.clock.Now().Sub(start)))
	if mti(frame).Answer() == "" {
		return nil
	}
	return []byte(string(mti(frame).Answer()) + string(frame[4:]))
}

func (b *bench) dial(t *testing.T) wire.Link {
	t.Helper()
	l, err := b.in.Dial(t.Context(), b.net.Dial)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// talk sends frames and takes what comes within wait of the last.
func (b *bench) talk(t *testing.T, l wire.Link, wait time.Duration, frames ...string) []string {
	t.Helper()
	var got []string
	for _, f := range frames {
		if err := l.Send(t.Context(), []byte(f)); err != nil {
			t.Fatal(err)
		}
	}
	end := b.clock.Now().Add(wait)
	for {
		f, err := l.Receive(t.Context(), end.Sub(b.clock.Now()))
		if errors.Is(err, wire.ErrNoAnswer) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s+%s", f, b.clock.Now().Sub(start)))
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule fault.Rule
		came string // what reached the host
		got  string // what reached the terminal
	}{
		{"nothing", fault.Rule{On: "0400", Do: fault.Drop}, "0200a+10ms 0200b+10ms", "0210a+20ms 0210b+20ms"},
		{"drop request", fault.Rule{On: "0200", Do: fault.Drop, Times: 1}, "0200b+10ms", "0210b+20ms"},
		{"drop answer", fault.Rule{On: "0210", Do: fault.Drop, Times: 1}, "0200a+10ms 0200b+10ms", "0210b+20ms"},
		{"drop second", fault.Rule{On: "0210", Do: fault.Drop, Times: 1, After: 1}, "0200a+10ms 0200b+10ms", "0210a+20ms"},
		{"drop both", fault.Rule{On: "0210", Do: fault.Drop, Times: 2}, "0200a+10ms 0200b+10ms", ""},
		{"delay answer", fault.Rule{On: "0210", Do: fault.Delay, Times: 1, Delay: time.Second}, "0200a+10ms 0200b+10ms", "0210b+20ms 0210a+1.02s"},
		{"delay request", fault.Rule{On: "0200", Do: fault.Delay, Times: 1, Delay: time.Second}, "0200b+10ms 0200a+1.01s", "0210b+20ms 0210a+1.02s"},
		{"delay beyond the wait", fault.Rule{On: "0210", Do: fault.Delay, Times: 1, Delay: time.Hour}, "0200a+10ms 0200b+10ms", "0210b+20ms"},
		{"duplicate request", fault.Rule{On: "0200", Do: fault.Duplicate, Times: 1}, "0200a+10ms 0200a+10ms 0200b+10ms", "0210a+20ms 0210a+20ms 0210b+20ms"},
		{"duplicate answer", fault.Rule{On: "0210", Do: fault.Duplicate, Times: 1}, "0200a+10ms 0200b+10ms", "0210a+20ms 0210a+20ms 0210b+20ms"},
	} {
		for _, after := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/after=%v", tt.name, after), func(t *testing.T) {
				b := newBench(tt.rule)
				if after {
					b.in.After = b.clock.After
				}
				got := b.talk(t, b.dial(t), 10*time.Second, "0200a", "0200b")
				if s := strings.Join(b.came, " "); s != tt.came {
					t.Errorf("the host got %q, want %q", s, tt.came)
				}
				if s := strings.Join(got, " "); s != tt.got {
					t.Errorf("the terminal got %q, want %q", s, tt.got)
				}
			})
		}
	}
}

// TestGarble: what arrives is shorter, differs, and is the same for the same seed.
func TestGarble(t *testing.T) {
	long := "0200" + strings.Repeat("x", 60)
	garbled := func() string {
		b := newBench(fault.Rule{On: "0210", Do: fault.Garble})
		l := b.dial(t)
		_ = l.Send(t.Context(), []byte(long))
		f, err := l.Receive(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return string(f)
	}
	got := garbled()
	if len(got) >= len(long) || strings.HasPrefix("0210"+long[4:], got) {
		t.Errorf("got %q: not damaged", got)
	}
	if again := garbled(); again != got {
		t.Error("the same seed damages differently")
	}
}

// TestLateRequest: a delayed request arrives although its sender hung up.
func TestLateRequest(t *testing.T) {
	b := newBench(fault.Rule{On: "0200", Do: fault.Delay, Delay: time.Minute})
	b.in.After = b.clock.After
	l := b.dial(t)
	if got := b.talk(t, l, time.Second, "0200a"); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_ = b.clock.Sleep(t.Context(), time.Hour)
	if want := []string{"0200a+1m0.01s"}; !slices.Equal(b.came, want) {
		t.Errorf("the host got %v, want %v", b.came, want)
	}
}

func TestRefuse(t *testing.T) {
	b := newBench(fault.Rule{On: fault.Connect, Do: fault.Refuse, Times: 2, After: 1})
	var got []bool
	for range 4 {
		_, err := b.in.Dial(t.Context(), b.net.Dial)
		if err != nil && !errors.Is(err, wire.ErrNotSent) {
			t.Errorf("got %v, want ErrNotSent", err)
		}
		got = append(got, err == nil)
	}
	if want := []bool{true, false, false, true}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestUnused: a fault that did not happen as often as ordered can be told.
func TestUnused(t *testing.T) {
	b := newBench(fault.Rule{On: "0210", Do: fault.Drop, Times: 2}, fault.Rule{On: "0200", Do: fault.Duplicate})
	b.talk(t, b.dial(t), time.Second, "0100a")
	if got := len(b.in.Unused()); got != 2 {
		t.Errorf("got %d unused, want 2", got)
	}
	b.talk(t, b.dial(t), time.Second, "0200a")
	if got := len(b.in.Unused()); got != 0 { // both copies of the answer were dropped
		t.Errorf("got %d unused, want 0: %v", got, b.in.Unused()[0])
	}
}

func Example() {
	ctx := context.Background()
	clock := sim.NewClock(start)
	host := func(_ context.Context, frame []byte) []byte { return []byte("0210") }
	net := &sim.Net{Clock: clock, Serve: host}
	in := fault.New(clock.Now, func(f []byte) wire.MTI { return wire.MTI(f) }, rand.New(rand.NewPCG(1, 2)),
		fault.Rule{On: "0210", Do: fault.Drop}, fault.Rule{On: "0410", Do: fault.Drop})
	link, _ := in.Dial(ctx, net.Dial)
	_ = link.Send(ctx, []byte("0200"))
	_, err := link.Receive(ctx, time.Minute)
	fmt.Println(err)
	for _, r := range in.Unused() {
		fmt.Println("did not happen:", r)
	}
	// Output:
	// nothing came
	// did not happen: drop 0410 once
}

// TestTamper: only what has a MAC is tampered with, on its way there and back;
// what has none passes and does not use the rule up.
func TestTamper(t *testing.T) {
	b := newBench(fault.Rule{On: "0210", Do: fault.Tamper, Times: 1}, fault.Rule{On: "0400", Do: fault.Tamper, Times: 1})
	b.in.Forge = func(frame []byte) ([]byte, bool) {
		sealed, is := strings.CutSuffix(string(frame), "mac")
		return []byte(sealed + "xxx"), is
	}
	l := b.dial(t)
	got := b.talk(t, l, time.Second, "0200a", "0200bmac", "0200cmac", "0400dmac")
	want := []string{"0210a+20ms", "0210bxxx+20ms", "0210cmac+20ms", "0410dxxx+20ms"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if left := b.in.Unused(); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
}

// TestTamperWithoutForge: an Injector that cannot find MACs leaves them alone.
func TestTamperWithoutForge(t *testing.T) {
	b := newBench(fault.Rule{On: "0210", Do: fault.Tamper, Times: 1})
	if got := b.talk(t, b.dial(t), time.Second, "0200amac"); !slices.Equal(got, []string{"0210amac+20ms"}) || len(b.in.Unused()) != 1 {
		t.Errorf("got %v, %v left", got, b.in.Unused())
	}
}

// TestAlter: a frame is changed as the world knows how to, and one that cannot be
// passes and does not use the rule up.
func TestAlter(t *testing.T) {
	b := newBench(fault.Rule{On: "0210", Do: fault.Alter, Times: 1, Fields: map[int]string{39: "05"}}, fault.Rule{On: "0400", Do: fault.Alter, Times: 1})
	b.in.Alter = func(frame []byte, fields map[int]string) ([]byte, bool) {
		return append(frame[:4:4], fields[39]...), len(fields) > 0
	}
	got := b.talk(t, b.dial(t), time.Second, "0200a", "0200b", "0400c")
	if want := []string{"021005+20ms", "0210b+20ms", "0410c+20ms"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if left := b.in.Unused(); len(left) != 1 || left[0].On != "0400" {
		t.Errorf("%v is left", left)
	}
}
