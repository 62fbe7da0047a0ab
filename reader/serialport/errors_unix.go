//go:build unix

package serialport

import (
	"errors"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// PermissionHint says how to be allowed to open a port: Debian, Ubuntu and most others
// give serial ports to a group, dialout or uucp.
func PermissionHint(path string) string {
	group := "dialout"
	if info, err := os.Stat(path); err == nil {
		stat, ok := info.Sys().(*syscall.Stat_t)
		switch {
		case !ok:
		case info.Mode()&0o060 != 0o060:
			return "its group may not open it either: have its owner change that, with «sudo chmod g+rw " + path + "» until it is plugged in again"
		default:
			if g, err := user.LookupGroupId(strconv.Itoa(int(stat.Gid))); err == nil {
				group = g.Name
			}
		}
	}
	return "add yourself to its group with «sudo usermod -aG " + group + " $USER», then log in again"
}

func isBusy(err error) bool { return errors.Is(err, syscall.EBUSY) }
func isNotSerial(err error) bool {
	return errors.Is(err, syscall.ENOTTY) || errors.Is(err, syscall.EISDIR)
}

// isNoDevice: the node is there and its device is not.
func isNoDevice(err error) bool {
	return errors.Is(err, syscall.ENXIO) || errors.Is(err, syscall.ENODEV) || errors.Is(err, syscall.EIO)
}

func inUse(error) bool { return false }
