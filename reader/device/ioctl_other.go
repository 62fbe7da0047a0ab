//go:build !linux

package device

import "errors"

var errLinux = errors.New("only Linux has such devices")

// Grab works on Linux alone.
func (d *File) Grab() error { return errLinux }

// SetFeature works on Linux alone.
func (d *File) SetFeature([]byte) error { return errLinux }
