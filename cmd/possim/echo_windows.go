package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// noEcho has a console no longer show what is typed, until restore is called.
func noEcho(f *os.File) (restore func(), err error) {
	var was uint32
	if err := windows.GetConsoleMode(windows.Handle(f.Fd()), &was); err != nil {
		return nil, err
	}
	if err := windows.SetConsoleMode(windows.Handle(f.Fd()), was&^windows.ENABLE_ECHO_INPUT); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(windows.Handle(f.Fd()), was) }, nil // a console that went away has nothing to restore
}
