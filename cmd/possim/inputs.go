package main

import (
	"bufio"
	"bytes"
	"io/fs"
	"path"
	"slices"
	"strings"

	"possim/reader/device"
)

// makers are the USB vendors of card readers, by their number. 0801 is MagTek's, and
// the MSR605X says it is too.
var makers = map[string]string{"0801": "MagTek", "0acd": "ID TECH", "c216": "MSR90"}

// inputDevice is one entry of /proc/bus/input/devices.
type inputDevice struct {
	bus, vendor, product string
	name                 string
	event                string // event5
	keyboard             bool
}

// inputs lists the keyboards, any of which may be a reader that types, and the HID
// readers.
func (d *doctor) inputs() []finding {
	var findings []finding
	for _, dev := range inputDevices(d.root) {
		if dev.keyboard && dev.bus == "0003" && dev.event != "" { // on USB
			findings = append(findings, d.typist(dev))
		}
	}
	return append(findings, d.hidReaders()...)
}

// typist says how a reader that types is read.
func (d *doctor) typist(dev inputDevice) finding {
	where := lasting(d.root, dev.event)
	f := finding{Check: "reader", Status: "ok", Reader: "evdev:" + where}
	f.What = dev.name + " is a keyboard, or a reader that types like one"
	if makers[dev.vendor] != "" {
		f.What = dev.name + " types like a keyboard"
	}
	if err := d.openable("/dev/input/" + dev.event); err != nil {
		f.Reader = "keyboard:"
		f.Hint = "it types into any program; to keep it for possim (evdev:" + where + "): " + err.Error()
	}
	return f
}

// inputDevices reads what the kernel knows of input devices.
func inputDevices(root fs.FS) []inputDevice {
	text, err := fs.ReadFile(root, "proc/bus/input/devices")
	if err != nil {
		return nil
	}
	var all []inputDevice
	var dev inputDevice
	lines := bufio.NewScanner(bytes.NewReader(append(text, "\n\n"...)))
	for lines.Scan() {
		kind, rest, _ := strings.Cut(lines.Text(), ": ")
		switch kind {
		case "":
			if dev.event != "" {
				all = append(all, dev)
			}
			dev = inputDevice{}
		case "I":
			for _, word := range strings.Fields(rest) {
				key, value, _ := strings.Cut(word, "=")
				switch key {
				case "Bus":
					dev.bus = value
				case "Vendor":
					dev.vendor = value
				case "Product":
					dev.product = value
				}
			}
		case "N":
			dev.name = strings.Trim(strings.TrimPrefix(rest, "Name="), `"`)
		case "H":
			for _, word := range strings.Fields(strings.TrimPrefix(rest, "Handlers=")) {
				dev.keyboard = dev.keyboard || word == "kbd"
				if strings.HasPrefix(word, "event") {
					dev.event = word
				}
			}
		}
	}
	return all
}

// lasting is the name of an input device that survives a replug, where udev gives one.
func lasting(root fs.FS, event string) string {
	const byID = "dev/input/by-id"
	links, _ := fs.ReadDir(root, byID)
	for _, link := range links {
		if to, err := fs.ReadLink(root, path.Join(byID, link.Name())); err == nil && path.Base(to) == event {
			return "/" + path.Join(byID, link.Name())
		}
	}
	return "/dev/input/" + event
}

// hidReaders lists the HID devices of readers' makers that do not type.
func (d *doctor) hidReaders() []finding {
	nodes, _ := fs.Glob(d.root, "sys/class/hidraw/hidraw*")
	slices.Sort(nodes)
	var findings []finding
	for _, node := range nodes {
		text, err := fs.ReadFile(d.root, path.Join(node, "device/uevent"))
		if err != nil {
			continue
		}
		name, vendor, product := hidIdentity(text)
		if makers[vendor] != "MagTek" || product == "0001" { // 0001 types
			continue
		}
		where := "/dev/" + path.Base(node)
		f := finding{Check: "reader", Status: "ok", What: name + " on " + where, Reader: "hidraw:" + where}
		if product == "0003" {
			f.Hint = "an MSR605X calls itself so too: hidraw:" + where + "?protocol=msr605x"
		}
		if d.openable(where) != nil {
			f.Status, f.Hint = "problem", "no permission: "+device.PermissionHint(where)
		}
		findings = append(findings, f)
	}
	return findings
}

// hidIdentity takes a hidraw device's uevent apart: HID_ID=0003:00000801:00000002.
func hidIdentity(uevent []byte) (name, vendor, product string) {
	for line := range strings.Lines(string(uevent)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "HID_NAME":
			name = value
		case "HID_ID":
			if parts := strings.Split(strings.ToLower(value), ":"); len(parts) == 3 && len(parts[1]) >= 4 && len(parts[2]) >= 4 {
				vendor, product = parts[1][len(parts[1])-4:], parts[2][len(parts[2])-4:]
			}
		}
	}
	return name, vendor, product
}
