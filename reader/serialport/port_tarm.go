//go:build linux || windows || cgo

package serialport

import (
	"io"
	"time"

	"github.com/tarm/serial"
)

// readTimeout is the longest a Read may hold up Close, and the least tarm/serial
// can do: it counts in tenths of a second.
const readTimeout = 100 * time.Millisecond

func openPort(c Config) (io.ReadWriteCloser, error) {
	parity := serial.ParityNone
	switch c.Parity {
	case "odd":
		parity = serial.ParityOdd
	case "even":
		parity = serial.ParityEven
	}
	p, err := serial.OpenPort(&serial.Config{
		Name: c.Path, Baud: c.Baud, ReadTimeout: readTimeout,
		Size: byte(c.Bits), Parity: parity, StopBits: serial.StopBits(c.Stop),
	})
	if err != nil {
		return nil, err // and not a nil *serial.Port inside a non-nil interface
	}
	return p, nil
}
