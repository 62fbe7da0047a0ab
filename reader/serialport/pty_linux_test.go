package serialport

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// device is the far end of a line: the master of a pseudo-terminal, whose slave is
// the port under test. Its pauses are real, as a reader's are.
type device struct {
	t      testing.TB
	master *os.File
	slave  int // kept open, or the master could not write while no port is open
	path   string
	once   sync.Once
}

// newDevice makes a pseudo-terminal in raw mode.
func newDevice(t testing.TB) *device {
	t.Helper()
	d := newCookedDevice(t)
	tio, err := unix.IoctlGetTermios(d.slave, unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	tio.Iflag, tio.Oflag, tio.Lflag = 0, 0, 0
	if err := unix.IoctlSetTermios(d.slave, unix.TCSETS, tio); err != nil {
		t.Fatal(err)
	}
	return d
}

// newCookedDevice makes one as the kernel hands it out: line by line, with echo.
func newCookedDevice(t testing.TB) *device {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{t: t, master: master, path: fmt.Sprintf("/dev/pts/%d", n)}
	if d.slave, err = unix.Open(d.path, unix.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.unplug)
	return d
}

// say writes at once.
func (d *device) say(s string) {
	d.t.Helper()
	if _, err := d.master.WriteString(s); err != nil {
		d.t.Errorf("the device cannot write: %v", err)
	}
}

// unplug hangs the line up.
func (d *device) unplug() {
	d.once.Do(func() {
		unix.Close(d.slave)
		d.master.Close()
	})
}

// link gives the device a name that survives a replug, as udev does.
func (d *device) link(name string) string {
	d.t.Helper()
	if name == "" {
		name = filepath.Join(d.t.TempDir(), "reader0")
	}
	os.Remove(name)
	if err := os.Symlink(d.path, name); err != nil {
		d.t.Fatal(err)
	}
	return name
}

// watch sees what a reader reads of its ports. What a test does at a turn, or after so many
// bytes, happens then however slow the machine is.
type watch struct {
	turn func(idle int) // called before each read, with how many in a row had brought nothing

	mu   sync.Mutex
	more *sync.Cond
	read int // bytes
	idle int
	all  int // reads that began
}

func newWatch() *watch {
	w := &watch{}
	w.more = sync.NewCond(&w.mu)
	return w
}

// on has the reader read through the watch; none of it may have been read yet.
func (w *watch) on(r *Reader) { r.port = watched{r.port, w} }

// bytes waits until n were read, and begun until n reads began.
func (w *watch) bytes(n int) { w.until(func() bool { return w.read >= n }) }
func (w *watch) begun(n int) { w.until(func() bool { return w.all >= n }) }

func (w *watch) until(done func() bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !done() {
		w.more.Wait()
	}
}

func (w *watch) reads() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all
}

// watched is a port with somebody who watches it.
type watched struct {
	io.ReadWriteCloser
	w *watch
}

func (p watched) Read(b []byte) (int, error) {
	w := p.w
	w.mu.Lock()
	w.all++
	idle := w.idle
	w.more.Broadcast()
	w.mu.Unlock()
	if w.turn != nil {
		w.turn(idle)
	}
	n, err := p.ReadWriteCloser.Read(b)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.idle++; n > 0 {
		w.idle = 0
	}
	w.read += n
	w.more.Broadcast()
	return n, err
}

// prompt is how soon Close comes back: a turn of a tenth of a second, and some.
const prompt = 300 * time.Millisecond

// promptly wants one of some tries not to take longer than prompt: a machine is busy now and
// then, a reader that is slow is slow always.
func promptly(t *testing.T, try func() time.Duration) {
	t.Helper()
	best := time.Hour
	for n := 0; n < 30 && best > prompt; n++ {
		best = min(best, try())
	}
	if best > prompt {
		t.Errorf("it took %v at least, want less than %v", best, prompt)
	}
}

// pause is time that passes on the line.
func pause(d time.Duration) { unix.Poll(nil, int(d.Milliseconds())) }
