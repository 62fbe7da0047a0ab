package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"possim/reader"
	"possim/reader/magstripe"
)

const (
	track1 = "B6222020000000015^TEST/CARD^29121010000000000"
	track2 = "6222020000000015=29121010000000000"
)

var _ reader.Reader = (*Reader)(nil)

// drain reads a recording to its end.
func drain(t testing.TB, r reader.Reader) (swipes []*reader.Swipe) {
	t.Helper()
	for range 1000 {
		p, err := r.Next(context.Background(), reader.Ask{})
		if errors.Is(err, reader.ErrEnd) {
			return swipes
		}
		if err != nil {
			t.Fatal(err)
		}
		swipes = append(swipes, p.(*reader.Swipe))
	}
	t.Fatal("the recording does not end")
	return nil
}

func swiped(t testing.TB, rate int, hands ...magstripe.Hand) []byte {
	t.Helper()
	stripe, err := magstripe.NewStripe(track1, track2, "")
	if err != nil {
		t.Fatal(err)
	}
	a := Audio{Rate: rate, Channels: make([][]float64, 2)}
	for i, hand := range hands {
		for c, samples := range magstripe.Render(stripe, hand, magstripe.Head{}, float64(rate), rand.New(rand.NewPCG(uint64(i), 0))) {
			a.Channels[c] = append(a.Channels[c], samples...)
			a.Channels[c] = append(a.Channels[c], make([]float64, rate/2)...)
		}
	}
	var b bytes.Buffer
	if err := WriteWAV(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReader(t *testing.T) {
	for _, rate := range []int{22050, 44100, 48000, 192000} {
		r, err := Open("f.wav", bytes.NewReader(swiped(t, rate, magstripe.Hand{}, magstripe.Hand{Direction: magstripe.Reverse})))
		if err != nil {
			t.Fatal(err)
		}
		swipes := drain(t, r)
		if len(swipes) != 2 {
			t.Fatalf("%d Hz: %d swipes, want 2", rate, len(swipes))
		}
		for _, s := range swipes {
			if s.Verdict != magstripe.VerdictOK || s.Tracks[0].Data.Reveal() != track1 || s.Tracks[1].Data.Reveal() != track2 {
				t.Errorf("%d Hz: %v %v %v", rate, s.Verdict, s.Tracks[0].Status, s.Tracks[1].Status)
			}
			if s.Speed < 30 || s.Speed > 50 {
				t.Errorf("%d Hz: %v cm/s", rate, s.Speed)
			}
			if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, "6222020000000015") {
				t.Error("a swipe shows its PAN")
			}
		}
	}
}

func TestReaderEnds(t *testing.T) {
	open := func() *Reader {
		r, err := Open("f.wav", bytes.NewReader(swiped(t, 48000, magstripe.Hand{})))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := open().Next(ctx, reader.Ask{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := open().Next(context.Background(), reader.Ask{Accept: []reader.Kind{reader.KindChip}}); !errors.Is(err, reader.ErrEnd) {
		t.Errorf("asked for a chip: %v", err)
	}
	r := open()
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := r.Next(context.Background(), reader.Ask{}); !errors.Is(err, reader.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestSilence: a file without flux is one swipe that gave nothing.
func TestSilence(t *testing.T) {
	var b bytes.Buffer
	if err := WriteWAV(&b, Audio{Rate: 8000, Channels: [][]float64{make([]float64, 8000)}}); err != nil {
		t.Fatal(err)
	}
	r, err := Open("f.wav", &b)
	if err != nil {
		t.Fatal(err)
	}
	swipes := drain(t, r)
	if len(swipes) != 1 || swipes[0].Verdict != magstripe.VerdictUnreadable || swipes[0].Tracks[1].Status != magstripe.StatusBlank {
		t.Errorf("got %v", swipes)
	}
}

func BenchmarkRead(b *testing.B) {
	data := swiped(b, 48000, magstripe.Hand{})
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r, err := Open("f.wav", bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		if len(drain(b, r)) != 1 {
			b.Fatal("not read")
		}
	}
}
