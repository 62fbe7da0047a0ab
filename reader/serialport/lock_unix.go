//go:build unix

package serialport

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps a second possim off the port: the system lets any number of programs
// open one, and each then gets some of the bytes. The lock is advisory (flock on
// the device) and goes with the process. A file system without locks is let pass.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		f.Close()
		return nil, ErrBusy
	}
	return func() { f.Close() }, nil
}
