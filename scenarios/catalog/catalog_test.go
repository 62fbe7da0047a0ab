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
	// decline.yaml
	// limits.yaml
	// link.yaml
	// power.yaml
	// reader.yaml
}
