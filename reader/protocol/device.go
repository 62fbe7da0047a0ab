package protocol

import (
	"fmt"
	"strings"
	"time"

	"possim/reader"
)

// Device is a reader as its client finds it. It has no line and no clock: who plays
// it writes what it returns, all of it and in that order.
type Device interface {
	// Receive takes what the client sent, and returns the answers. Now is the time
	// since any fixed moment; without bytes only the time passes.
	Receive(now time.Duration, in []byte) []byte
	// Wants says whether a card would be read now.
	Wants() Want
	// Swipe is a card that went past the head. A reader that does not want one
	// ignores it.
	Swipe(s *reader.Swipe) []byte
}

// Want says whether a Device reads a card that comes now.
type Want uint8

// What a Device may want.
const (
	WantNothing Want = iota // it waits for a command; a card that comes is lost
	WantAny                 // it reads whatever comes, unasked
	WantCard                // its client asked for a card and waits
)

// SlotNames returns the protocols of readers that NewDevice knows and that read chip
// cards alone.
func SlotNames() []string { return namesOf(slots) }

// DeviceNames returns the protocols of readers that NewDevice knows and that read stripes.
func DeviceNames() []string {
	var names []string
	for _, k := range kinds {
		if k.device != nil {
			names = append(names, k.name)
		}
	}
	return names
}

// NewDevice returns a reader just switched on, by the name of its protocol.
func NewDevice(name string) (Device, error) {
	if k, ok := kindOf(name); ok && k.device != nil {
		return k.device(), nil
	}
	return nil, fmt.Errorf("there is no emulated reader for protocol %q; known are %s", name, strings.Join(append(DeviceNames(), SlotNames()...), ", "))
}
