//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// noEcho has a terminal no longer show what is typed, until restore is called.
func noEcho(f *os.File) (restore func(), err error) {
	was, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	unseen := *was
	unseen.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermios, &unseen); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(int(f.Fd()), setTermios, was) }, nil // a terminal that went away has nothing to restore
}
