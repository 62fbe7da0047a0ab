//go:build unix

package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"possim/reader/serialport"
)

// serialPorts lists the serial ports below dev: USB adapters by the name that
// lasts across a replug where udev gives one, macOS call-out devices, and those
// built-in ports that have a chip behind them.
func serialPorts(dev string) []port {
	var ports []port
	seen := map[string]bool{}
	for _, link := range glob(dev, "serial/by-id/*") {
		real, err := filepath.EvalSymlinks(link)
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		ports = append(ports, port{path: link, real: real, what: strings.TrimPrefix(link, dev+"/serial/by-id/") + " on " + real})
	}
	for _, path := range glob(dev, "ttyUSB*", "ttyACM*", "cu.usb*") {
		if !seen[path] {
			ports = append(ports, port{path: path, real: path, what: path})
		}
	}
	for _, path := range glob(dev, "ttyS*") {
		if chip(path) {
			ports = append(ports, port{path: path, real: path, what: path + " (built in)"})
		}
	}
	return ports
}

func glob(dev string, patterns ...string) []string {
	var all []string
	for _, p := range patterns {
		found, _ := filepath.Glob(filepath.Join(dev, p))
		slices.Sort(found)
		all = append(all, found...)
	}
	return all
}

// chip reports whether a built-in port is more than a name: Linux gives ttyS0 to
// ttyS31 to ports that do not exist, with UART type 0.
func chip(path string) bool {
	kind, err := os.ReadFile("/sys/class/tty/" + filepath.Base(path) + "/type")
	return err == nil && strings.TrimSpace(string(kind)) != "0"
}

// usable says what keeps this user from opening the port, and what to do.
func (p port) usable() error {
	err := unix.Access(p.real, unix.R_OK|unix.W_OK)
	if !errors.Is(err, unix.EACCES) {
		return err
	}
	return errors.New("no permission: " + serialport.PermissionHint(p.real))
}
