package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/host/hsm"
	"possim/host/registry"
)

var _ registry.Store = (*Store)(nil)

// loaded returns what LoadTerminals says.
func loaded(t *testing.T, s *Store) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := s.LoadTerminals(t.Context(), func(mid, tid, state string) error {
		got[mid+"/"+tid] = state
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTerminals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	s := mustOpen(t, path)
	if got := loaded(t, s); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			commit(t, s, fmt.Sprint("tx", i), 1)
			if err := s.SaveTerminal(t.Context(), "m", fmt.Sprint(i%4), fmt.Sprint(i%4)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := s.SaveTerminal(t.Context(), "m", "0", "last"); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"m/0": "last", "m/1": "1", "m/2": "2", "m/3": "3"}
	if got := loaded(t, s); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := mustOpen(t, path)
	if got := loaded(t, again); !maps.Equal(got, want) {
		t.Errorf("after opening again: got %v", got)
	}
	if got, err := again.Read(t.Context(), shop); err != nil || got[0] != 40 {
		t.Errorf("got %v, %v", got, err)
	}
	if err := s.SaveTerminal(t.Context(), "m", "0", "x"); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

// TestTerminalNotSaved: the error of one save reaches its caller and leaves the
// ledger as it is.
func TestTerminalNotSaved(t *testing.T) {
	var fail error
	s := fragile(t, func(step string) error {
		if step == "terminal" {
			return fail
		}
		return nil
	})
	fail = errors.New("broken")
	if err := s.SaveTerminal(t.Context(), "m", "1", "x"); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	commit(t, s, "a", 5)
	fail = nil
	if got := loaded(t, s); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if err := s.SaveTerminal(t.Context(), "m", "1", "x"); err != nil {
		t.Fatal(err)
	}
}

// TestNoKeyInTheFile signs a terminal on and looks for its keys in every file of
// the database, as bytes and as hex.
func TestNoKeyInTheFile(t *testing.T) {
	dir := t.TempDir()
	s := mustOpen(t, filepath.Join(dir, "books.db"))
	master, err := hsm.ParseMaster(strings.Repeat("5A", 32))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := hsm.DoubleAndTrack.Make(strings.NewReader("any sixty-four characters that look random enough to be the keys"))
	if err != nil {
		t.Fatal(err)
	}
	tmk, _ := hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210")
	r := registry.New()
	ctx := context.Background()
	if err := r.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	if err := r.InjectTMK(ctx, registry.DefaultMID, "00000001", tmk); err != nil {
		t.Fatal(err)
	}
	if _, err := r.SignOn(ctx, registry.DefaultMID, "00000001", keys, time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	var all []byte
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text...)
	}
	if !bytes.Contains(all, []byte("kw1:")) {
		t.Fatal("no key is there at all")
	}
	upper := bytes.ToUpper(all)
	for _, k := range []hsm.Key{keys.TPK, keys.TAK, keys.TDK, tmk, master} {
		if bytes.Contains(all, k.Reveal()) || bytes.Contains(upper, fmt.Appendf(nil, "%X", k.Reveal())) {
			t.Errorf("%v is in the file in clear", k)
		}
	}
	after := registry.New()
	if err := after.Keep(ctx, s, master); err != nil {
		t.Fatal(err)
	}
	if got, _ := after.Terminal(registry.DefaultMID, "00000001"); !got.Working.TAK.Equal(keys.TAK) || !got.TMK.Equal(tmk) || got.Batch != 1 {
		t.Errorf("got %+v", got)
	}
}
