package device

import (
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The parts of an ioctl's number (asm-generic/ioctl.h); MIPS, POWER and SPARC have the
// direction elsewhere.
const (
	write     = 1
	readWrite = 3
)

func number(direction, group, command, size uint) uint {
	if strings.HasPrefix(runtime.GOARCH, "mips") || strings.HasPrefix(runtime.GOARCH, "ppc64") {
		return map[uint]uint{write: 4, readWrite: 6}[direction]<<29 | size<<16 | group<<8 | command
	}
	return direction<<30 | size<<16 | group<<8 | command
}

// Grab keeps what an input device says from every other program, the kernel's console
// included, until the device is closed (EVIOCGRAB, linux/input.h).
func (d *File) Grab() error {
	return d.control(func(fd int) error {
		return unix.IoctlSetInt(fd, number(write, 'E', 0x90, 4), 1)
	})
}

// SetFeature sends a feature report without a number (HIDIOCSFEATURE, linux/hidraw.h).
func (d *File) SetFeature(report []byte) error {
	numbered := append([]byte{0}, report...)
	return d.control(func(fd int) error {
		request := number(readWrite, 'H', 0x06, uint(len(numbered)))
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(unsafe.Pointer(&numbered[0]))); errno != 0 {
			return errno
		}
		return nil
	})
}

// control calls do with the descriptor of what is really a device.
func (d *File) control(do func(fd int) error) error {
	f, ok := d.handle.(*os.File)
	if !ok {
		return unix.ENOTTY
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	failed := raw.Control(func(fd uintptr) { err = do(int(fd)) })
	if failed != nil {
		return failed
	}
	return err
}
