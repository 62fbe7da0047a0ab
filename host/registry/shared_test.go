package registry

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"possim/host/hsm"
)

// common is a shelf that several registries share.
type common struct{ shelf }

func (s *common) ReadTerminal(_ context.Context, mid, tid string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[[2]string{mid, tid}], s.fail
}

func (s *common) SwapTerminal(ctx context.Context, mid, tid, old, state string) (bool, error) {
	s.mu.Lock()
	same := s.rows[[2]string{mid, tid}] == old
	s.mu.Unlock()
	if !same || s.fail != nil {
		return false, s.fail
	}
	return true, s.SaveTerminal(ctx, mid, tid, state)
}

// racing is a store in which somebody else is always quicker.
type racing struct{ common }

func (s *racing) SwapTerminal(context.Context, string, string, string, string) (bool, error) {
	return false, nil
}

// pair is two hosts' registries over one store.
func pair(t *testing.T) (s *common, a, b *Registry) {
	t.Helper()
	s = &common{}
	a, b = New(), New()
	for _, r := range []*Registry{a, b} {
		if err := r.Keep(ctx, s, master); err != nil {
			t.Fatal(err)
		}
	}
	return s, a, b
}

func session(t *testing.T, r *Registry) Terminal {
	t.Helper()
	got, ok := r.Terminal(DefaultMID, "00000001")
	if !ok {
		t.Fatal("no such terminal")
	}
	return got
}

func refresh(t *testing.T, r *Registry, want bool) {
	t.Helper()
	if changed, err := r.Refresh(ctx, DefaultMID, "00000001"); err != nil || changed != want {
		t.Errorf("Refresh: got %v, %v, want %v", changed, err, want)
	}
}

// TestSharedSessions: what one host does to a terminal the other sees when it looks, and builds on.
func TestSharedSessions(t *testing.T) {
	_, a, b := pair(t)
	refresh(t, b, false)
	first := signOn(t, a, 1)
	if session(t, b).Batch != 0 {
		t.Error("b knows before it looked")
	}
	refresh(t, b, true)
	refresh(t, b, false)
	if got := session(t, b); got.Batch != 1 || !got.Working.TAK.Equal(first.Working.TAK) || !got.Working.TDK.Equal(first.Working.TDK) {
		t.Errorf("b has %+v", got.Session)
	}
	if err := a.CloseBatch(ctx, DefaultMID, "00000001", 1); err != nil {
		t.Fatal(err)
	}
	if s := signOn(t, b, 2); s.Batch != 2 { // though b never heard that 1 is closed
		t.Errorf("b opens batch %d, want 2", s.Batch)
	}
	if s := signOn(t, a, 3); s.Batch != 2 { // nor a that 2 is open
		t.Errorf("a opens batch %d, want 2", s.Batch)
	}
	if err := b.CloseBatch(ctx, DefaultMID, "00000001", 1); err != nil { // a repeat
		t.Fatal(err)
	}
	if err := b.SignOff(ctx, DefaultMID, "00000001"); err != nil {
		t.Fatal(err)
	}
	refresh(t, a, true)
	if got := session(t, a); got.Batch != 2 || got.Closed || !got.Working.TAK.Zero() {
		t.Errorf("a has %+v after the sign-off at b", got.Session)
	}
	injected := must(hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210"))
	if err := b.InjectTMK(ctx, DefaultMID, "00000001", injected); err != nil {
		t.Fatal(err)
	}
	refresh(t, a, true)
	if got := session(t, a); !got.TMK.Equal(injected) || got.Batch != 2 {
		t.Errorf("a has %v and batch %d", got.TMK, got.Batch)
	}
}

// TestSharedAtOnce closes a batch and signs on at many hosts at once: one batch follows.
func TestSharedAtOnce(t *testing.T) {
	s := &common{}
	hosts := make([]*Registry, 4)
	for i := range hosts {
		hosts[i] = New()
		if err := hosts[i].Keep(ctx, s, master); err != nil {
			t.Fatal(err)
		}
	}
	for batch := 1; batch < 30; batch++ {
		var wg sync.WaitGroup
		for i, r := range hosts {
			wg.Go(func() {
				got, err := r.SignOn(ctx, DefaultMID, "00000001", testKeys(t, byte(i)), signing)
				if err != nil || got.Batch != batch {
					t.Errorf("host %d opens batch %d, %v, want %d", i, got.Batch, err, batch)
				}
			})
		}
		wg.Wait()
		for _, r := range hosts {
			wg.Go(func() {
				if err := r.CloseBatch(ctx, DefaultMID, "00000001", batch); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

// TestSharedFails: what the store cannot do changes nothing here.
func TestSharedFails(t *testing.T) {
	s, a, _ := pair(t)
	s.fail = errors.New("the store is gone")
	if _, err := a.SignOn(ctx, DefaultMID, "00000001", testKeys(t, 1), signing); !errors.Is(err, s.fail) || session(t, a).Batch != 0 {
		t.Errorf("got %v", err)
	}
	if _, err := a.Refresh(ctx, DefaultMID, "00000001"); !errors.Is(err, s.fail) {
		t.Errorf("got %v", err)
	}
	r := New()
	if err := r.Keep(ctx, &racing{}, master); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignOn(ctx, DefaultMID, "00000001", testKeys(t, 1), signing); err == nil || !strings.Contains(err.Error(), "other hosts kept changing it") {
		t.Errorf("got %v", err)
	}
	if err := New().Keep(ctx, &common{}, hsm.Key{}); err == nil || !strings.Contains(err.Error(), "master key") {
		t.Errorf("without a master key: got %v", err)
	}
}

// TestAloneDoesNotLook: a store of one host's own is not asked again.
func TestAloneDoesNotLook(t *testing.T) {
	s := &shelf{}
	r := New()
	if err := r.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	s.rows = map[[2]string]string{{DefaultMID, "00000001"}: "nonsense"}
	refresh(t, r, false)
}
