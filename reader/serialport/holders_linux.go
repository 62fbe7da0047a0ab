package serialport

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// holders names the other programs that have a device open, as far as proc (/proc) shows
// this user: «screen (process 4711)».
func holders(proc, path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	entries, _ := os.ReadDir(proc)
	var found []string
	for _, e := range entries {
		pid := e.Name()
		if strings.Trim(pid, "0123456789") != "" || pid == fmt.Sprint(os.Getpid()) || !hasOpen(filepath.Join(proc, pid, "fd"), real) {
			continue
		}
		name, _ := os.ReadFile(filepath.Join(proc, pid, "comm"))
		found = append(found, fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), pid))
	}
	slices.Sort(found)
	return strings.Join(found, ", ")
}

// hasOpen reports whether one of a process's descriptors is the device.
func hasOpen(fds, device string) bool {
	entries, _ := os.ReadDir(fds)
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(fds, e.Name())); err == nil && target == device {
			return true
		}
	}
	return false
}
