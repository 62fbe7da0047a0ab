package serialport

import (
	"errors"
	"io/fs"
	"strings"
)

// What keeps a port from opening, for errors.Is. Every *OpenError is also
// ErrOpen: the environment is wrong, not the command line.
var (
	ErrOpen        = errors.New("the port cannot be opened")
	ErrNoPort      = errors.New("there is no such port")
	ErrPermission  = errors.New("the port may not be opened")
	ErrBusy        = errors.New("the port is in use")
	ErrUnsupported = errors.New("serial ports are not supported in this build")
)

// OpenError says in one line why a port did not open and what to do about it.
type OpenError struct {
	Path string
	Kind error  // ErrNoPort, ErrPermission, ErrBusy, ErrUnsupported, or ErrOpen
	Hint string // what to do
	Err  error  // what the system said
}

// Error implements error.
func (e *OpenError) Error() string {
	s := "cannot open " + e.Path + ": " + e.Kind.Error()
	if e.Kind == ErrOpen && e.Err != nil {
		s = "cannot open " + e.Path + ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += ": " + e.Hint
	}
	return s
}

// Unwrap gives errors.Is the kind, ErrOpen and the system's error.
func (e *OpenError) Unwrap() []error {
	all := []error{ErrOpen, e.Kind}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

func openError(c Config, err error) *OpenError {
	e := &OpenError{Path: c.Path, Kind: ErrOpen, Err: err}
	switch {
	case errors.Is(err, ErrUnsupported):
		e.Kind, e.Hint = ErrUnsupported, "build possim on this system with cgo (CGO_ENABLED=1)"
	case errors.Is(err, fs.ErrNotExist), isNoDevice(err):
		e.Kind, e.Hint = ErrNoPort, "plug the reader in; possim doctor lists the ports there are"
	case errors.Is(err, fs.ErrPermission) && !inUse(err):
		e.Kind, e.Hint = ErrPermission, PermissionHint(c.Path)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, ErrBusy), isBusy(err):
		e.Kind, e.Hint = ErrBusy, "end the other program that has it open"
		if who := holders("/proc", c.Path); who != "" {
			e.Hint = "end what has it open: " + who
		}
	case isNotSerial(err):
		e.Hint = "that is not a serial port; possim doctor lists the ports there are"
	case strings.Contains(strings.ToLower(err.Error()), "baud"):
		e.Hint = "this system cannot set that baud rate; common ones are 9600 and 19200"
	}
	return e
}
