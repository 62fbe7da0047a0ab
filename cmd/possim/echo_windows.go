package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// noEcho has a console no longer show what is typed, until restore is called.
func noEcho(f *os.File) (restore func(), err error) {
	return without(f, windows.ENABLE_ECHO_INPUT)
}

// keyByKey has a console hand over what is typed at once, and show none of it, until
// restore is called.
func keyByKey(f *os.File) (restore func(), err error) {
	return without(f, windows.ENABLE_ECHO_INPUT|windows.ENABLE_LINE_INPUT)
}

func without(f *os.File, modes uint32) (restore func(), err error) {
	var was uint32
	if err := windows.GetConsoleMode(windows.Handle(f.Fd()), &was); err != nil {
		return nil, err
	}
	if err := windows.SetConsoleMode(windows.Handle(f.Fd()), was&^modes); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(windows.Handle(f.Fd()), was) }, nil // a console that went away has nothing to restore
}
