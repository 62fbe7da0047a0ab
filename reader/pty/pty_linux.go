package pty

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// PTY is a pseudo-terminal: a line with the reader at one end, and a path at which
// clients open the other.
type PTY struct {
	path   string
	master int
	watch  int // inotify's, of the path; -1 without
	link   string
}

// Open makes a pseudo-terminal in raw mode.
func Open() (*PTY, error) {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("no pseudo-terminal: /dev/ptmx: %w: is devpts mounted?", err)
	}
	p := &PTY{master: master, watch: -1}
	if err := p.raw(); err != nil {
		unix.Close(master)
		return nil, fmt.Errorf("no pseudo-terminal: %w", err)
	}
	p.watchOpens()
	return p, nil
}

// watchOpens has the kernel tell of each client: the master alone does not say that
// one left and another came within a turn. Without inotify it goes without.
func (p *PTY) watchOpens() {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return
	}
	if _, err := unix.InotifyAddWatch(fd, p.path, unix.IN_OPEN); err != nil {
		unix.Close(fd)
		return
	}
	p.watch = fd
}

// opened reports whether the path was opened since it was last asked.
func (p *PTY) opened() bool {
	var events [4096]byte
	n, err := unix.Read(p.watch, events[:])
	return p.watch >= 0 && err == nil && n > 0
}

// raw unlocks the slave and makes it raw. That opens and closes it once: from then on
// the master tells whether somebody has it open.
func (p *PTY) raw() error {
	if err := unix.IoctlSetPointerInt(p.master, unix.TIOCSPTLCK, 0); err != nil {
		return err
	}
	n, err := unix.IoctlGetInt(p.master, unix.TIOCGPTN)
	if err != nil {
		return err
	}
	p.path = fmt.Sprintf("/dev/pts/%d", n)
	return p.reset()
}

// reset opens the slave for a moment, drops what nobody read, and sets it to eight
// bits as they are, without echo.
func (p *PTY) reset() error {
	slave, err := unix.Open(p.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer p.opened() // that was no client
	defer unix.Close(slave)
	t, err := unix.IoctlGetTermios(slave, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | unix.B9600
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(slave, unix.TCSETS, t); err != nil {
		return err
	}
	return unix.IoctlSetInt(slave, unix.TCFLSH, unix.TCIFLUSH)
}

// Path is where clients open the line.
func (p *PTY) Path() string { return p.path }

// Link gives the line a name of the user's choice: a symbolic link, which Close takes
// away. A link that is there, of an earlier run that was killed, is replaced; anything
// else is left alone and an error.
func (p *PTY) Link(name string) error {
	if info, err := os.Lstat(name); err == nil {
		if info.Mode()&os.ModeSymlink == 0 {
			return fmt.Errorf("%s is there and no link: choose another --link", name)
		}
		if err := os.Remove(name); err != nil {
			return err
		}
	}
	if err := os.Symlink(p.path, name); err != nil {
		return err
	}
	p.link = name
	return nil
}

// Close hangs the line up and removes the link. It first gives a client the time to
// read what was sent: a line that hangs up loses it.
func (p *PTY) Close() error {
	for turns, empty := 0, 0; turns < drainTurns && empty < 2; turns++ { // twice: some may be on its way still
		if _, open, err := p.ready(0, 0); err != nil || !open {
			break
		}
		left, err := p.unread()
		if err != nil {
			break
		}
		if empty++; left > 0 {
			empty = 0
		}
		pause()
	}
	var err error
	if target, readErr := os.Readlink(p.link); p.link != "" && readErr == nil && target == p.path {
		err = os.Remove(p.link)
	}
	if p.watch >= 0 {
		unix.Close(p.watch)
	}
	return errors.Join(err, unix.Close(p.master))
}

// unread is how many bytes the client has not read. The master does not know that.
func (p *PTY) unread() (int, error) {
	slave, err := unix.Open(p.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(slave)
	return unix.IoctlGetInt(slave, unix.TIOCINQ)
}

// drainTurns bounds how long Close waits for the client, in turns.
const drainTurns = 50

// pause lets a turn pass.
func pause() { unix.Poll(nil, int(turn.Milliseconds())) }

// ready waits for an event of the master, at most for ms milliseconds, and says
// whether a client has the line open.
func (p *PTY) ready(events int16, ms int) (got int16, open bool, err error) {
	fds := []unix.PollFd{{Fd: int32(p.master), Events: events}}
	_, err = unix.Poll(fds, ms)
	if errors.Is(err, unix.EINTR) {
		err = nil
	}
	return fds[0].Revents, fds[0].Revents&unix.POLLHUP == 0, err
}

func (p *PTY) read(b []byte, wait time.Duration) (int, attendance, error) {
	got, open, err := p.ready(unix.POLLIN, int(wait.Milliseconds()))
	a := attendance{open: open, opened: p.opened()}
	if err != nil {
		return 0, a, err
	}
	if got&unix.POLLIN != 0 {
		n, err := unix.Read(p.master, b)
		switch {
		case err == nil:
			return n, a, nil
		case errors.Is(err, unix.EIO), errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
		default:
			return 0, a, err
		}
	}
	if !open { // poll returns at once while nobody is there
		pause()
	}
	return 0, a, nil
}

// write sends all of b. While the client does not read, it waits; when the client
// closes, the rest is dropped, and so is what it left unread.
func (p *PTY) write(ctx context.Context, b []byte) error {
	for len(b) > 0 && ctx.Err() == nil {
		got, open, err := p.ready(unix.POLLOUT, int(turn.Milliseconds()))
		switch {
		case err != nil:
			return err
		case !open:
			return nil
		case got&unix.POLLOUT == 0:
			continue
		}
		n, err := unix.Write(p.master, b)
		switch {
		case err == nil:
			b = b[n:]
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EINTR):
			pause()
		case errors.Is(err, unix.EIO):
			return nil
		default:
			return err
		}
	}
	return nil
}
