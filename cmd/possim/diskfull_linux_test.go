package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of so many bytes that nobody else sees, and that goes with the
// test however it ends: the test's thread has mounts of its own, as its processes then have.
func smallDisk(t *testing.T, bytes int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	runtime.LockOSThread() // for good: a thread with other mounts must not go back to the pool
	err := syscall.Unshare(syscall.CLONE_NEWNS)
	if err == nil {
		err = syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	}
	if err == nil {
		err = syscall.Mount("possim-test", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes))
	}
	if errors.Is(err, syscall.EPERM) && os.Getenv("CI") == "" {
		t.Skip("mounting a small disk needs root")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// TestDiskFull: the disk of a durable host fills up under load. From then on nothing is
// approved, the load says why its orders failed and goes on, and once there is room again
// the books have each approval once, and nothing else that stands.
func TestDiskFull(t *testing.T) {
	need(t, "sqlite3")
	disk := smallDisk(t, 3<<20)
	db := filepath.Join(disk, "books.db")
	h := startHost(t, "--walk-in", "--db", db, "--log", "warn")
	code, out, errs := possim(t, "load", "--host", h.addr, "--terminals", "8", "--pool", "20", "--duration", "6s", "--timeout", "1s", "--json")
	var got struct {
		loadLine
		Approved int64
		Causes   map[string]int64
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if got.Approved == 0 || got.Causes["no-answer"] == 0 || got.Answered+got.Errors < got.Sent {
		t.Errorf("%s", out)
	}
	h.logged("full")
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	// The host that lived through it serves on.
	if code, sale := saleJSON(t, "5.00", "--swipe", "good", "--host", h.addr, "--tid", "00000099", "--state", t.TempDir()); code != exitOK || sale.Outcome != "approved" {
		t.Errorf("with room again: exit %d, %+v\n%s", code, sale, h.log)
	}
	h.stop()
	stands := query(t, db, `SELECT count(*) FROM postings p WHERE json_extract(memo, '$.kind') = 'sale' AND coalesce(refused, '') = ''
		AND NOT EXISTS (SELECT 1 FROM postings r WHERE r.undoes = p.key AND r.undo = 'undone')`)
	// A sale that was posted in the last batch and never answered is reversed, as soon as its
	// terminal is heard again: at most one a terminal is not.
	n := int64(0)
	if _, err := fmt.Sscan(stands, &n); err != nil {
		t.Fatal(err)
	}
	if n < got.Approved+1 || n > got.Approved+1+8 {
		t.Errorf("%d sales stand in the books; the load had %d approved and one came after\n%s", n, got.Approved, out)
	}
	if sum := query(t, db, `SELECT sum(balance) FROM balances`); sum != "0" {
		t.Errorf("all accounts come to %s", sum)
	}
}
