package vpcdtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// driver is what Debian's vsmartcard-vpcd brings.
const driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

// virtual is the only reader of Start's pcscd. A device of that form makes the driver listen.
const virtual = `FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      ` + driver + `
CHANNELID    0x8C7B
`

// twin is what Debian's libccid brings for serial readers, and serial the reader of
// StartSerial's pcscd.
const (
	twin   = "/usr/lib/pcsc/drivers/serial/libccidtwin.so"
	serial = `FRIENDLYNAME "GemPCTwin serial"
DEVICENAME   %s:GemPCTwin
LIBPATH      ` + twin + `
`
)

// keeper runs pcscd for as long as its standard input is open, which is as long as the
// test's process lives. timeout bounds that, and kills a pcscd that does not obey.
const keeper = `exec 4<&0
timeout -k 5 300 pcscd --foreground --info --config "$1" 4<&- & daemon=$!
(read -r none; kill $daemon) <&4 >/dev/null 2>&1 3>&- & keeper=$!
wait $daemon
kill $keeper`

// Daemon is a running pcscd.
type Daemon struct {
	stdin io.Closer
	log   *log     // it ends when pcscd does
	netns *os.File // nil: the machine allows none
}

// Start runs pcscd until the end of the test. See the package for when it does not.
func (l Lab) Start(t testing.TB) *Daemon {
	t.Helper()
	l.Need(t, driver, "vsmartcard-vpcd")
	return l.start(t, virtual)
}

// StartSerial runs pcscd with the Linux driver of the GemPC Twin, a serial reader, at the
// path of a serial port, in place of the virtual slots. Its name is SerialReader.
func (l Lab) StartSerial(t testing.TB, port string) *Daemon {
	t.Helper()
	l.Need(t, twin, "libccid")
	return l.start(t, fmt.Sprintf(serial, port))
}

func (l Lab) start(t testing.TB, config string) *Daemon {
	t.Helper()
	l.Need(t, "pcscd", "pcscd")
	if os.Geteuid() != 0 {
		l.absent(t, "only root may start a pcscd")
	}
	lock := acquire(t)
	defer lock.Close() // pcscd has it too, and keeps it
	d, err := start(t.TempDir(), config, lock, true)
	if errors.Is(err, syscall.EPERM) {
		d, err = start(t.TempDir(), config, lock, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	if _, ok := d.log.await(0, "daemon ready."); !ok {
		if d.log.has("already exists") {
			l.absent(t, "another pcscd is running on this machine: stop it for this test")
		}
		t.Fatalf("pcscd does not start:\n%s", d.log.text())
	}
	d.settle(t)
	return d
}

// socket is where pcscd takes clients.
const socket = "/run/pcscd/pcscd.comm"

// settle waits until pcscd has looked at its slots once: it says nothing of a card that is
// in by then, and Insert would wait for ever for what it says. Asked for the states of its
// readers (CMD_GET_READERS_STATE), it answers after that look. It makes its socket just
// after it said that it is ready.
func (d *Daemon) settle(t testing.TB) {
	t.Helper()
	for !d.log.over() {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			runtime.Gosched()
			continue
		}
		defer conn.Close()
		if _, err = conn.Write(binary.NativeEndian.AppendUint32(make([]byte, 4), 0x12)); err == nil {
			_, err = io.ReadFull(conn, make([]byte, 1))
		}
		if err != nil {
			t.Fatalf("pcscd does not say what readers it has: %v\n%s", err, d.log.text())
		}
		return
	}
	t.Fatalf("pcscd ended:\n%s", d.log.text())
}

// acquire waits for the machine's lock.
func acquire(t testing.TB) *os.File {
	t.Helper()
	f, err := os.OpenFile("/run/possim-pcscd.lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func start(dir, config string, lock *os.File, apart bool) (*Daemon, error) {
	if err := os.WriteFile(filepath.Join(dir, "reader"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	d := &Daemon{log: newLog()}
	cmd := exec.Command("sh", "-c", keeper, "sh", dir)
	cmd.ExtraFiles = []*os.File{lock}
	cmd.Stdout, cmd.Stderr = d.log, d.log
	if apart {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	}
	var err error
	if d.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if apart {
		err = d.enter(cmd.Process.Pid)
	}
	go func() {
		_ = cmd.Wait() // by a signal of keeper, as a rule
		d.log.end()
	}()
	if err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

// enter opens the namespace of a process and brings it up.
func (d *Daemon) enter(pid int) (err error) {
	if d.netns, err = os.Open("/proc/" + strconv.Itoa(pid) + "/ns/net"); err != nil {
		return err
	}
	return d.Inside(loopbackUp)
}

// stop ends pcscd and waits for it.
func (d *Daemon) stop() {
	_ = d.stdin.Close()
	d.log.wait()
	if d.netns != nil {
		_ = d.netns.Close()
	}
}

// Dial is a net.Dialer's DialContext in pcscd's network namespace.
func (d *Daemon) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var conn net.Conn
	err := d.Inside(func() (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Inside runs f on a thread that is in pcscd's namespace, and ends with it: a locked
// thread whose goroutine returns is not used again. A process that f starts is in it
// too. f may start no goroutine that opens a socket; dialling a literal address starts
// none.
func (d *Daemon) Inside(f func() error) error {
	if d.netns == nil {
		return f()
	}
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(d.netns.Fd()), unix.CLONE_NEWNET); err != nil {
			result <- err
			return
		}
		result <- f()
	}()
	return <-result
}

// loopbackUp brings up the loopback interface, which a new namespace has down.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}
