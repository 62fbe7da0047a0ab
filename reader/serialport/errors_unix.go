//go:build unix

package serialport

import (
	"errors"
	"syscall"
)

// Debian, Ubuntu and most others give serial ports to the group dialout.
const permissionHint = "add yourself to its group with «sudo usermod -aG dialout $USER», then log in again"

func isBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }
func isNotSerial(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.EISDIR)
}

// isNoDevice: the node is there and its device is not.
func isNoDevice(err error) bool {
	return errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.EIO)
}

func inUse(error) bool { return false }
