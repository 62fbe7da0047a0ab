package load_test

import (
	"os"
	"syscall"
	"time"
)

// fdatasync is how SQLite flushes.
func fdatasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// cpu is the processor time that this process has had.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
