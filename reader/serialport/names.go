package serialport

import (
	"path/filepath"
	"slices"
)

// Lasting returns the name below dev (/dev) under which a port comes back after a replug:
// its link in serial/by-id, which follows the reader, or else in serial/by-path, which
// follows the socket. A number such as ttyUSB0 goes to whatever is plugged in first. A
// port that udev gave no such name keeps the one it has.
func Lasting(dev, path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return path
	}
	for _, dir := range []string{"serial/by-id", "serial/by-path"} {
		if filepath.Dir(path) == filepath.Join(dev, dir) {
			return path
		}
		links, _ := filepath.Glob(filepath.Join(dev, dir, "*"))
		slices.Sort(links)
		for _, link := range links {
			if target, err := filepath.EvalSymlinks(link); err == nil && target == real {
				return link
			}
		}
	}
	return path
}
