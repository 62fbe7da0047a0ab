//go:build !linux

package pty

import (
	"context"
	"time"
)

// PTY is a pseudo-terminal, which this system has not got.
type PTY struct{}

// Open returns ErrUnsupported.
func Open() (*PTY, error) { return nil, ErrUnsupported }

// Path is where clients open the line.
func (*PTY) Path() string { return "" }

// Link returns ErrUnsupported.
func (*PTY) Link(string) error { return ErrUnsupported }

// Close does nothing.
func (*PTY) Close() error { return nil }

func (*PTY) read([]byte, time.Duration) (int, attendance, error) {
	return 0, attendance{}, ErrUnsupported
}
func (*PTY) write(context.Context, []byte) error { return ErrUnsupported }
func (*PTY) reset() error                        { return ErrUnsupported }
