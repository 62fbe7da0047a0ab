//go:build !linux

package vpcdtest

import (
	"context"
	"errors"
	"net"
	"testing"
)

// Daemon is a running pcscd. There is none outside Linux.
type Daemon struct{ log *log }

// Start skips the test.
func (l Lab) Start(t testing.TB) *Daemon {
	t.Helper()
	l.absent(t, "a pcscd for tests needs Linux")
	return nil
}

// Inside runs f in pcscd's network namespace.
func (d *Daemon) Inside(f func() error) error { return f() }

// StartSerial skips the test.
func (l Lab) StartSerial(t testing.TB, _ string) *Daemon { return l.Start(t) }

// Dial is a net.Dialer's DialContext in pcscd's network namespace.
func (d *Daemon) Dial(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("a pcscd for tests needs Linux")
}
