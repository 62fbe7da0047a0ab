package keyboard

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"possim/reader"
)

const ms = time.Millisecond

var hands = Options{Hands: true}

func TestSwipes(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"Enter", track1 + track2 + "\r", []string{both}},
		{"line feed", track1 + track2 + "\n", []string{both}},
		{"Enter and line feed", track1 + track2 + "\r\n", []string{both}},
		{"Tab", track1 + track2 + "\t", []string{both}},
		{"nothing at the end", track1 + track2, []string{both}},
		{"a line for each track", track1 + "\r" + track2 + "\r", []string{both}},
		{"track 2 alone", track2 + "\r", []string{second}},
		{"two cards, line by line", track2 + "\r" + track2 + "\r", []string{second, second}},
		{"two cards in one line", track1 + track2 + track1 + track2 + "\r", []string{both, both}},
		{"a bad track 1", "%E?" + track2 + "\r", []string{"error | ok 6222020000000015=29121010000000000 | blank | unreadable"}},
		{"all bad", "%E?;E?+E?\r", []string{"error | error | error | unreadable"}},
		{"a bad track alone", ";E?\r", []string{"blank | error | blank | unreadable"}},
		{"Caps Lock", swapped(track1 + track2 + "\r"), []string{"note: Caps Lock", both}},
		{"a club card", ";1234567?\r", []string{"blank | ok 1234567 | blank | ok"}},
		{"an LRC behind each", track1 + "4" + track2 + ">\r", []string{both}},
		{"no sentinels", "6222020000000015=29121010000000000\r", []string{"note: a line of 34 characters"}},
		{"noise, then a card", "abcdefghijkl\r" + track2 + "\r", []string{"note: a line of 12 characters", second}},
		{"a track without an end", "%B6222020000000015^DOE\r" + track2 + "\r", []string{"note: a line of 22 characters", second}},
		{"Enter alone", "\r\r\n\t", nil},
		{"1 MB without an end", strings.Repeat("%B62220", 150_000) + "\r" + track2 + "\r", []string{"note: 1050000 characters without an end", second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			want(t, readAll(t, newScript().types(c.text, 4*ms, 0), hands), c.want...)
		})
	}
}

func swapped(text string) string {
	return strings.Map(func(r rune) rune { return swapCase(r) }, text)
}

// Bytes of a pipe come all at once, in pieces, and stop anywhere; they have no speed.
func TestStreams(t *testing.T) {
	text := track1 + track2 + "\n" + track2 + "\n"
	for _, pace := range []time.Duration{0, 4 * ms, 90 * ms, 190 * ms} {
		s := newScript().types(text, pace, 0)
		s.end = reader.ErrEnd
		want(t, readAll(t, s, Options{}), both, second)
	}
	s := newScript().types(track2, time.Second, 0)
	s.end = reader.ErrEnd
	want(t, readAll(t, s, Options{}), second)
}

// A person is no reader, whatever is typed, and however fast for a person.
func TestHands(t *testing.T) {
	for _, pace := range []time.Duration{60 * ms, 100 * ms, 190 * ms, 240 * ms, 900 * ms} {
		for _, end := range []string{"\r", ""} {
			got := readAll(t, newScript().types(track1+track2+end, pace, 0), hands)
			want(t, got, "note: somebody types by hand")
		}
	}
	s := newScript().types("good morning, this is no card\r", 180*ms, 0)
	s.types("nor is this\r", 120*ms, time.Second).types(track1+track2+"\r", 3*ms, 2*time.Second)
	want(t, readAll(t, s, hands), "note: somebody types by hand", both)
	want(t, readAll(t, newScript().types("y\r", 80*ms, 0), hands))
	slow := Options{Hands: true, Typing: 150 * ms}
	want(t, readAll(t, newScript().types(track1+track2+"\r", 100*ms, 0), slow), both)
}

// A reader may pause between tracks for less than the pause that ends a line.
func TestPauses(t *testing.T) {
	s := newScript().types(track1, 4*ms, 0).types(track2, 4*ms, 150*ms).types(track2, 4*ms, 2*time.Second)
	want(t, readAll(t, s, hands), both, second)
	s = newScript().types(track1[:30], 4*ms, 0).types(track2+"\r", 4*ms, time.Second)
	want(t, readAll(t, s, hands), "note: a line of 30 characters", second)
}

// From Enter to the swipe no more than 30 ms may pass.
func TestSwipesAreNotHeldBack(t *testing.T) {
	for _, pace := range []time.Duration{2 * ms, 8 * ms} {
		s := newScript().types(track1+track2+"\r", pace, 0)
		enter := s.typed[len(s.typed)-1].At
		if _, err := New(s, hands).Next(t.Context(), reader.Ask{}); err != nil {
			t.Fatal(err)
		}
		if late := s.now.Sub(enter); late > 30*ms {
			t.Errorf("typed at %v: %v after Enter", pace, late)
		}
	}
}

func TestUnplugged(t *testing.T) {
	s := newScript().types(track2+"\r"+track2[:20], 4*ms, 0)
	s.end = reader.ErrGone
	want(t, readAll(t, s, hands), "note: disappeared in the middle", second)
	s = newScript().types(track2+"\r", 4*ms, 0)
	s.end = reader.ErrGone
	r := New(s, hands)
	if p, err := r.Next(t.Context(), reader.Ask{}); err != nil || tell(p) != second {
		t.Fatal(p, err)
	}
	for range 2 {
		if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrGone) {
			t.Error(err)
		}
	}
}

// waiting is a Source that nothing comes from.
type waiting struct{ read chan struct{} }

func (w waiting) Read(ctx context.Context, _ time.Duration) ([]Typed, error) {
	w.read <- struct{}{}
	<-ctx.Done()
	return nil, ctx.Err()
}
func (waiting) Close() error { return nil }

func TestNextEnds(t *testing.T) {
	w := waiting{make(chan struct{})}
	r := New(w, hands)
	result := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { _, err := r.Next(ctx, reader.Ask{}); result <- err }()
	<-w.read
	cancel()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	go func() { _, err := r.Next(t.Context(), reader.Ask{}); result <- err }()
	<-w.read
	r.Close()
	if err := <-result; !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
	if _, err := r.Next(t.Context(), reader.Ask{}); !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
	if _, err := r.Next(t.Context(), reader.Ask{Accept: []reader.Kind{reader.KindChip}}); err == nil {
		t.Error("a keyboard took an order for a chip")
	}
}
