//go:build linux || darwin

package sqlite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func init() { tasks["room"] = commitWithoutRoom }

// TestNoRoom lets the system refuse to let the files of a process grow, again and again, a little
// further each time: wherever that meets a write, each Commit either fails and is posted by its repeat,
// or was acknowledged and is there.
func TestNoRoom(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "books.db")
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashEnv+"="+path, crashEnv+"_TASK=room")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s", out)
	sameWithoutSnapshot(t, path)
}

// commitWithoutRoom is the process.
func commitWithoutRoom(path string) error {
	s, err := open(path, disk{segment: 10})
	if err != nil {
		return err
	}
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	acknowledged, failed := int64(0), 0
	for room := uint64(0); room < 400_000; room += 7_000 {
		for i := range 12 {
			tx := tx(fmt.Sprint(room, i), 1)
			if err := limit(old, room); err != nil {
				return err
			}
			r, err := s.Commit(context.Background(), tx)
			if err := limit(old, old.Cur); err != nil {
				return err
			}
			if err != nil {
				if failed++; strings.Contains(err.Error(), "damaged") {
					return err
				}
				if r, err = s.Commit(context.Background(), tx); err != nil {
					return err
				}
			} else if r.Repeat {
				return fmt.Errorf("%s is new, and a repeat: %+v", tx.Key, r)
			}
			acknowledged++
		}
		if got, err := s.Read(context.Background(), shop); err != nil || got[0] != acknowledged {
			return fmt.Errorf("room for %d bytes: got %v, %v, want %d", room, got, err, acknowledged)
		}
	}
	if failed < 10 {
		return fmt.Errorf("only %d commits met the limit", failed)
	}
	fmt.Printf("%d of %d commits met the limit", failed, acknowledged)
	return s.Close()
}

// limit lets files grow to n bytes.
func limit(old syscall.Rlimit, n uint64) error {
	old.Cur = min(n, old.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)
}
