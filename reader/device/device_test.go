package device

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/reader"
)

func pipe(t *testing.T) (*File, *os.File) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close(); in.Close() })
	return New(out, "/dev/x", time.Now), in
}

func TestReadWaits(t *testing.T) {
	f, in := pipe(t)
	b := make([]byte, 9)
	if n, err := f.Read(t.Context(), 5*time.Millisecond, b); n != 0 || err != nil {
		t.Errorf("nothing came: %d, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := f.Read(ctx, 0, b); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	in.WriteString("swipe")
	if n, err := f.Read(t.Context(), 0, b); n != 5 || err != nil { // the deadline of before is none of this Read's
		t.Errorf("%d, %v", n, err)
	}
	in.Close()
	if _, err := f.Read(t.Context(), 0, b); !errors.Is(err, reader.ErrGone) || !strings.Contains(err.Error(), "/dev/x") {
		t.Error(err)
	}
}

// late is a handle of a program that had no processor until its deadline was over: the
// bytes are there.
type late struct {
	Handle
	reads int
}

func (l *late) SetReadDeadline(time.Time) error { return nil }

func (l *late) Read(p []byte) (int, error) {
	if l.reads++; l.reads == 1 {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(p, "swipe"), nil
}

func TestReadIsLate(t *testing.T) {
	f := New(&late{}, "/dev/x", func() time.Time { return time.Unix(1_800_000_000, 0) })
	if n, err := f.Read(t.Context(), time.Second, make([]byte, 9)); n != 5 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestCloseEndsRead(t *testing.T) {
	f, _ := pipe(t)
	result := make(chan error)
	go func() {
		_, err := f.Read(t.Context(), 0, make([]byte, 9))
		result <- err
	}()
	f.Close()
	if err := <-result; !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{filepath.Join(dir, "none"): "possim doctor", dir: "directory"} {
		if _, err := Open(path, time.Now); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
	denied := &fs.PathError{Op: "open", Path: "/dev/input/event3", Err: fs.ErrPermission}
	if err := openError("/dev/input/event3", denied); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "usermod -aG input") {
		t.Error(err)
	}
	if err := openError("/dev/hidraw0", denied); !strings.Contains(err.Error(), "uaccess") {
		t.Error(err)
	}
}

// TestRecording reads what a device said once, which ends.
func TestRecording(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recording")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, time.Now)
	if err != nil || !f.Recorded() {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 9)
	if n, err := f.Read(t.Context(), time.Second, b); n != 1 || err != nil {
		t.Error(n, err)
	}
	if _, err := f.Read(t.Context(), 0, b); !errors.Is(err, reader.ErrEnd) {
		t.Error(err)
	}
}
