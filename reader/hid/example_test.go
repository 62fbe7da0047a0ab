package hid_test

import (
	"fmt"
	"time"

	"possim/reader/hid"
)

func ExampleOpen() {
	_, err := hid.Open("/dev/no-such-reader", "magtek", time.Now, nil)
	fmt.Println(err)
	_, err = hid.Open("/dev/hidraw0", "magteck", time.Now, nil)
	fmt.Println(err)
	// Output:
	// cannot open /dev/no-such-reader: there is no such device: plug the reader in; possim doctor lists what there is
	// there is no HID reader protocol "magteck"; known are magtek, msr605x
}
