package main

import (
	"slices"

	"golang.org/x/sys/windows/registry"
)

// serialPorts lists the ports Windows has named; dev means nothing here.
func serialPorts(string) []port {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `HARDWARE\DEVICEMAP\SERIALCOMM`, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer key.Close()
	names, _ := key.ReadValueNames(0)
	slices.Sort(names)
	var ports []port
	for _, name := range names {
		if com, _, err := key.GetStringValue(name); err == nil {
			ports = append(ports, port{path: com, real: com, what: com + " (" + name + ")"})
		}
	}
	return ports
}

// usable always says yes: only opening a port on Windows tells, and it may be in use.
func (p port) usable() error { return nil }
