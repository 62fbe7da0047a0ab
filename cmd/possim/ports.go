package main

// port is a serial port that a reader may be attached to.
type port struct {
	path string // as the serial: URL wants it
	real string // the device behind it, where path is a lasting name
	what string // for people
}
