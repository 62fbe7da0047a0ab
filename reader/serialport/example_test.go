package serialport_test

import (
	"fmt"

	"possim/reader/serialport"
)

func ExampleParseURL() {
	c, err := serialport.ParseURL("serial:/dev/ttyUSB0?baud=19200")
	fmt.Println(c.Path, c.Protocol, c.Baud, err)
	_, err = serialport.ParseURL("serial:/dev/ttyUSB0?parity=odds")
	fmt.Println(err)
	// Output:
	// /dev/ttyUSB0 ascii 19200 <nil>
	// reader URL: parity: "odds" (did you mean "odd"?); allowed are none, odd, even
}

func ExampleOpen() {
	c, err := serialport.ParseURL("serial:/dev/serial/by-id/no-such-reader")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = serialport.Open(c, func(note string) { fmt.Println(note) })
	fmt.Println(err)
	// Output: cannot open /dev/serial/by-id/no-such-reader: there is no such port: plug the reader in; possim doctor lists the ports there are
}
