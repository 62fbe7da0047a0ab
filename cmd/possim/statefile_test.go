package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"possim/emulator"
)

var anHour = time.Date(2026, time.June, 1, 9, 0, 0, 0, time.UTC)

func TestStateFile(t *testing.T) {
	dir := t.TempDir()
	s, err := openState(dir, "127.0.0.1:8583", "00000001", anHour)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.load(); err != nil || !reflect.DeepEqual(got, emulator.State{}) {
		t.Fatalf("a terminal out of the box: got %+v, %v", got, err)
	}
	want := emulator.State{LastSTAN: 41, Batch: "000002", Queue: []emulator.Pending{{STAN: "000040", Amount: 1234}}}
	if err := s.save(want); err != nil {
		t.Fatal(err)
	}
	_, err = openState(dir, "127.0.0.1:8583", "00000001", anHour)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("process %d since 2026-06-01T09:00:00Z", os.Getpid())) {
		t.Fatalf("a locked state: got %v, want one that says who", err)
	}
	other, err := openState(dir, "127.0.0.1:8583", "00000002", anHour)
	if err != nil {
		t.Fatalf("another TID: %v", err)
	}
	if err := errors.Join(other.close(), s.close()); err != nil {
		t.Fatal(err)
	}
	s, err = openState(dir, "127.0.0.1:8583", "00000001", anHour)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if got, err := s.load(); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestStateFileDamaged: a state that cannot be read is said to be so, at its place,
// and stays on disk.
func TestStateFileDamaged(t *testing.T) {
	for name, content := range map[string]string{
		"torn":    "{\n  \"possim_state\": 1,\n  \"state\": {\"queue\": [",
		"foreign": "{\n  \"hello\": 1}",
		"version": `{"possim_state": 99}`,
		"empty":   "",
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openState(t.TempDir(), "h:1", "00000001", anHour)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			if err := os.WriteFile(s.path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = s.load()
			var exit exitError
			if !errors.As(err, &exit) || exit.code != exitFile || !strings.HasPrefix(err.Error(), s.path+":") {
				t.Fatalf("got %v, want exit 3 with the place", err)
			}
			if left, _ := os.ReadFile(s.path); string(left) != content {
				t.Errorf("the file changed: %q", left)
			}
		})
	}
}

// TestSameHost: one terminal has one state towards this machine, however its name
// is spelt.
func TestSameHost(t *testing.T) {
	for spelt, want := range map[string]string{
		"localhost:8583": "127.0.0.1:8583", "[::1]:8583": "127.0.0.1:8583", ":8583": "127.0.0.1:8583",
		"127.0.0.1:8583": "127.0.0.1:8583", "Acquirer.example:8583": "acquirer.example:8583", "10.0.0.7:1": "10.0.0.7:1", "odd": "odd",
	} {
		if got := sameHost(spelt); got != want {
			t.Errorf("%s: got %s, want %s", spelt, got, want)
		}
	}
}
