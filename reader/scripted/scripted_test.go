package scripted_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/scripted"
)

func stripe(t testing.TB) magstripe.Stripe {
	s, err := magstripe.NewStripe("B6222020000000015^ZHANG/SAN^29121010000000000", "6222020000000015=29121010000000000", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func Example() {
	s, _ := magstripe.NewStripe("", "6222020000000015=29121010000000000", "")
	r := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	r.Add(scripted.Swipe{Stripe: s, Hand: magstripe.Hand{Speed: 600}}, scripted.Swipe{Stripe: s})
	for {
		p, err := r.Next(context.Background(), reader.Ask{})
		if err != nil {
			fmt.Println(err)
			return
		}
		swipe := p.(*reader.Swipe)
		fmt.Println(swipe.Verdict)
	}
	// Output:
	// too-fast
	// ok
	// the recording or script has no further presentation
}

// TestTimePasses: a swipe takes as long as a hand does, and a stall its pause.
func TestTimePasses(t *testing.T) {
	for _, tt := range []struct {
		hand magstripe.Hand
		want time.Duration
	}{
		{magstripe.Hand{}, 214 * time.Millisecond},
		{magstripe.Hand{Speed: 85.6}, 100 * time.Millisecond},
		{magstripe.Hand{Speed: 85.6, Profile: magstripe.ProfileStall}, 500 * time.Millisecond},
		{magstripe.Hand{Speed: 85.6, Profile: magstripe.ProfileStall, Pause: time.Second}, 1100 * time.Millisecond},
	} {
		var got time.Duration
		r := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2)), Sleep: func(_ context.Context, d time.Duration) error { got += d; return nil }}
		r.Add(scripted.Swipe{Stripe: stripe(t), Hand: tt.hand})
		if _, err := r.Next(t.Context(), reader.Ask{}); err != nil {
			t.Fatal(err)
		}
		if got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.hand, got, tt.want)
		}
	}
}

// TestHooks: the owner hears of every time the terminal asks, and may end it.
func TestHooks(t *testing.T) {
	stop := errors.New("stop")
	var asked, delivered []int
	r := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2)),
		Before: func(i int) error {
			if asked = append(asked, i); i == 2 {
				return stop
			}
			return nil
		},
		After: func(i int, _ reader.Presentation) { delivered = append(delivered, i) },
	}
	for range 3 {
		r.Add(scripted.Swipe{Stripe: stripe(t)})
	}
	var err error
	for err == nil {
		_, err = r.Next(t.Context(), reader.Ask{})
	}
	if !errors.Is(err, stop) || fmt.Sprint(asked, delivered, r.Played()) != "[0 1 2] [0 1] 2" {
		t.Errorf("got %v: %v %v %d", err, asked, delivered, r.Played())
	}
}

// TestSameSeedSameRead: the randomness is the caller's.
func TestSameSeedSameRead(t *testing.T) {
	read := func(seed uint64) string {
		r := &scripted.Reader{Rand: rand.New(rand.NewPCG(seed, 2))}
		r.Add(scripted.Swipe{Stripe: stripe(t), Hand: magstripe.Hand{Speed: 70}})
		p, err := r.Next(t.Context(), reader.Ask{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(p.(*reader.Swipe).Speed)
	}
	if read(1) != read(1) {
		t.Error("the same seed reads differently")
	}
	if read(1) == read(2) {
		t.Error("another seed reads the same to the last digit")
	}
}

func TestCloseAndCancel(t *testing.T) {
	r := &scripted.Reader{Rand: rand.New(rand.NewPCG(1, 2))}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Next(ctx, reader.Ask{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
