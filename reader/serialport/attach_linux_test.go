package serialport

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"possim/reader"
)

// sleep is the real one: a test of real ports runs in real time.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// behind is the device that an event names behind a link.
var behind = regexp.MustCompile(` \(/dev/pts/[0-9]+\)`)

func attach(t *testing.T, path string, wait bool) (*Attached, *notes) {
	t.Helper()
	a, n, _ := attachWatched(t, path, wait)
	return a, n
}

func attachWatched(t *testing.T, path string, wait bool) (*Attached, *notes, *watch) {
	t.Helper()
	c, err := ParseURL("serial:" + path)
	if err != nil {
		t.Fatal(err)
	}
	n, w := new(notes), newWatch()
	a, err := Attach(c, AttachOptions{Sleep: sleep, Every: 20 * time.Millisecond, Wait: wait, opened: w.on,
		Event: func(e Event) { n.add(strings.ReplaceAll(behind.ReplaceAllString(e.String(), ""), path, "PORT")) }, Note: n.add})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, n, w
}

func TestUnplugAndReplug(t *testing.T) {
	d := newDevice(t)
	link := d.link("")
	a, n, w := attachWatched(t, link, false)
	const half = "%B41111"
	said := 0
	for i := range 4 {
		m, t2 := numbered(i)
		d.say(m)
		wantSwipe(t, a, t2)
		again := newDevice(t)
		go func() {
			d.say(half) // in the middle of a swipe
			w.bytes(said + len(m+half))
			os.Remove(link)
			d.unplug()
			pause(150 * time.Millisecond)
			again.link(link)
			again.say(swipe1)
		}()
		wantSwipe(t, a, track2)
		said += len(m + half + swipe1)
		d = again
	}
	one := "PORT is attached\n" + link + " disappeared in the middle of a swipe, which is dropped: swipe again\nPORT is gone: waiting for it to come back\n"
	if want := strings.Repeat(one, 4) + "PORT is attached"; n.String() != want {
		t.Errorf("told:\n%s\nwant:\n%s", n, want)
	}
}

func TestAttachWaitsForAPort(t *testing.T) {
	link := filepath.Join(t.TempDir(), "reader0")
	c, _ := ParseURL("serial:" + link)
	if _, err := Attach(c, AttachOptions{Sleep: sleep}); !errors.Is(err, ErrNoPort) {
		t.Errorf("without Wait: %v", err)
	}
	a, n := attach(t, link, true)
	d := newDevice(t)
	go func() {
		pause(100 * time.Millisecond)
		d.link(link)
		d.say(swipe1)
	}()
	wantSwipe(t, a, track2)
	if want := "PORT is not there: waiting for it\nPORT is attached"; n.String() != want {
		t.Errorf("told %q", n)
	}
}

func TestCloseAndContextWhileDetached(t *testing.T) {
	link := filepath.Join(t.TempDir(), "reader0")
	a, _ := attach(t, link, true)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Millisecond)
	defer cancel()
	if _, err := a.Next(ctx, reader.Ask{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	asleep := make(chan struct{})
	a.o.Sleep = func(ctx context.Context, _ time.Duration) error { // Close must wake it
		close(asleep)
		<-ctx.Done()
		return ctx.Err()
	}
	result := make(chan error)
	go func() {
		_, err := a.Next(context.Background(), reader.Ask{})
		result <- err
	}()
	<-asleep
	a.Close()
	if err := <-result; !errors.Is(err, reader.ErrClosed) {
		t.Error(err)
	}
}

func TestCloseWhileAttachedAndWaiting(t *testing.T) {
	d := newDevice(t)
	promptly(t, func() time.Duration {
		a, _, w := attachWatched(t, d.path, false)
		result := make(chan error)
		go func() {
			_, err := a.Next(context.Background(), reader.Ask{})
			result <- err
		}()
		w.begun(1)
		start := time.Now()
		a.Close()
		if err := <-result; !errors.Is(err, reader.ErrClosed) {
			t.Error(err)
		}
		return time.Since(start)
	})
}

func TestBusyPortIsToldOnceAndTakenWhenFree(t *testing.T) {
	d := newDevice(t)
	other, _ := open(t, d.path)
	a, n := attach(t, d.path, true)
	go func() {
		pause(200 * time.Millisecond)
		other.Close()
		d.say(swipe1)
	}()
	wantSwipe(t, a, track2)
	if got := n.String(); strings.Count(got, "in use") != 1 || !strings.HasSuffix(got, "PORT is attached") {
		t.Errorf("told %q", got)
	}
}

// socat is a pseudo-terminal of somebody else's making.
func TestSocat(t *testing.T) {
	path, err := exec.LookPath("socat")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("socat is not installed")
		}
		t.Skip("socat is not installed: apt-get install socat")
	}
	dir := t.TempDir()
	near, far := filepath.Join(dir, "near"), filepath.Join(dir, "far")
	start := func() *exec.Cmd {
		cmd := exec.Command(path, "pty,raw,echo=0,link="+near, "pty,raw,echo=0,link="+far)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	stop := func(cmd *exec.Cmd) {
		cmd.Process.Kill()
		cmd.Wait()
		os.Remove(near)
		os.Remove(far)
	}
	cmd := start()
	a, n := attach(t, near, true)
	for i := range 2 {
		m, t2 := numbered(i)
		go func() {
			var f *os.File
			for f == nil { // socat makes its links in its own time
				pause(10 * time.Millisecond)
				f, _ = os.OpenFile(far, os.O_WRONLY, 0)
			}
			defer f.Close()
			f.WriteString(m[:30])
			pause(10 * time.Millisecond)
			f.WriteString(m[30:])
			pause(300 * time.Millisecond)
		}()
		wantSwipe(t, a, t2)
		stop(cmd)
		if i == 0 {
			cmd = start()
		}
	}
	if !strings.Contains(n.String(), "PORT is gone") {
		t.Errorf("told %q", n)
	}
}
