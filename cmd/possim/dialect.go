package main

import (
	"strings"

	"possim/host/wire"
)

// dialectUsage is the help of every --dialect.
var dialectUsage = "message dialect: " + strings.Join(wire.Names(), ", ")

// dialect returns the dialect that a flag names.
func dialect(name string) (*wire.Dialect, error) {
	d, err := wire.ByName(name)
	if err != nil {
		return nil, usage("--dialect: %w", err)
	}
	return d, nil
}
