package catalog_test

import (
	"fmt"

	"possim/scenarios/catalog"
)

func Example() {
	entries, _ := catalog.FS.ReadDir(".")
	for _, e := range entries {
		fmt.Println(e.Name())
	}
	// Output:
	// cards.yaml
	// chip.yaml
	// day.yaml
	// decline.yaml
	// downloads.yaml
	// inquiry.yaml
	// limits.yaml
	// link.yaml
	// mac.yaml
	// malformed.yaml
	// pin.yaml
	// power.yaml
	// preauth.yaml
	// qr.yaml
	// reader.yaml
	// session.yaml
	// settle.yaml
	// tap.yaml
	// void.yaml
}
