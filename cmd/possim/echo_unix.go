//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// keyByKey has a terminal hand over what is typed at once, and show none of it, until
// restore is called. Ctrl-C stays what it is; Ctrl-Z and Ctrl-\ would leave a mute
// terminal to whoever comes next, and are keys like others.
func keyByKey(f *os.File) (restore func(), err error) {
	return setTerminal(f, func(s *unix.Termios) {
		s.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.IEXTEN
		s.Cc[unix.VMIN], s.Cc[unix.VTIME] = 1, 0
		s.Cc[unix.VSUSP], s.Cc[unix.VQUIT] = noKey, noKey
	})
}

// noEcho has a terminal no longer show what is typed, until restore is called.
func noEcho(f *os.File) (restore func(), err error) {
	return setTerminal(f, func(s *unix.Termios) { s.Lflag &^= unix.ECHO })
}

// setTerminal changes how a terminal treats what is typed, until restore is called.
func setTerminal(f *os.File, change func(*unix.Termios)) (restore func(), err error) {
	was, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	if err != nil {
		return nil, err
	}
	changed := *was
	change(&changed)
	if err := unix.IoctlSetTermios(int(f.Fd()), setTermios, &changed); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(int(f.Fd()), setTermios, was) }, nil // a terminal that went away has nothing to restore
}
