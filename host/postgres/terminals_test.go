//go:build unix

package postgres

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"possim/host/registry"
)

var _ registry.Shared = (*Store)(nil)

// TestTerminals saves, swaps and loads, from several hosts at once.
func TestTerminals(t *testing.T) {
	_, url := newDatabase(t)
	a, b := mustOpen(t, url), mustOpen(t, url)
	if got, err := a.ReadTerminal(t.Context(), "m", "1"); got != "" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	swap := func(s *Store, old, state string, want bool) {
		t.Helper()
		if got, err := s.SwapTerminal(t.Context(), "m", "1", old, state); got != want || err != nil {
			t.Errorf("swapping %q for %q: got %v, %v, want %v", old, state, got, err, want)
		}
	}
	swap(a, "x", "y", false)
	swap(a, "", "one", true)
	swap(b, "", "other", false)
	swap(b, "one", "two", true)
	swap(a, "one", "three", false)
	if err := a.SaveTerminal(t.Context(), "m", "2", "second"); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	err := b.LoadTerminals(t.Context(), func(mid, tid, state string) error {
		got[mid+"/"+tid] = state
		return nil
	})
	if want := map[string]string{"m/1": "two", "m/2": "second"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	var wg sync.WaitGroup
	won := make(chan int, 20)
	for i := range 20 {
		wg.Go(func() {
			ok, err := []*Store{a, b}[i%2].SwapTerminal(t.Context(), "m", "2", "second", fmt.Sprint(i))
			if err != nil {
				t.Error(err)
			}
			if ok {
				won <- i
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d swapped, want 1", len(won))
	}
	if got, err := a.ReadTerminal(t.Context(), "m", "2"); got != fmt.Sprint(<-won) || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestSettle: the first value stays.
func TestSettle(t *testing.T) {
	_, url := newDatabase(t)
	var wg sync.WaitGroup
	values := make(chan string, 8)
	for i := range 8 {
		s := mustOpen(t, url)
		wg.Go(func() {
			v, err := s.Settle(t.Context(), "key", fmt.Sprint("value ", i))
			if err != nil {
				t.Error(err)
			}
			values <- v
		})
	}
	wg.Wait()
	first := <-values
	for range 7 {
		if v := <-values; v != first || v == "" {
			t.Errorf("got %q and %q", v, first)
		}
	}
}
