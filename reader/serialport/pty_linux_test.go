package serialport

import (
	"fmt"
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

// saySlowly writes byte by byte at the pace of 9600 baud.
func (d *device) saySlowly(s string) {
	for i := range len(s) {
		d.say(s[i : i+1])
		pause(time.Millisecond)
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

// pause is time that passes on the line.
func pause(d time.Duration) { unix.Poll(nil, int(d.Milliseconds())) }
