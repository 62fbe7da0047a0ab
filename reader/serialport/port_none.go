//go:build !linux && !windows && !cgo

package serialport

import "io"

// openPort: outside Linux and Windows tarm/serial needs cgo.
func openPort(Config) (io.ReadWriteCloser, error) { return nil, ErrUnsupported }
