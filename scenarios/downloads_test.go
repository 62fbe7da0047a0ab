package scenarios

import (
	"strings"
	"testing"

	"possim/host/wire"
	"possim/scenarios/catalog"
)

// TestCatalogDownloads: every entry can be asked for, fits field 62, and a key that
// was changed is refused.
func TestCatalogDownloads(t *testing.T) {
	d, err := CatalogDownloads()
	if err != nil || len(d.CAPKs) != 5 || len(d.AIDs) != 4 {
		t.Fatalf("got %d keys and %d applications: %v", len(d.CAPKs), len(d.AIDs), err)
	}
	seen := map[wire.Entry]bool{}
	for _, e := range append(d.CAPKs, d.AIDs...) {
		names, err := wire.Entries(e)
		if err != nil || len(names) != 1 || seen[names[0]] {
			t.Errorf("got %v, %v: want one name, once", names, err)
			continue
		}
		seen[names[0]] = true
		if len(e) > 511 { // F62: 512 bytes, the first of which says that it is there
			t.Errorf("%v: %d bytes", names[0], len(e))
		}
	}
	if !seen[wire.Entry{AID: "A000000333", Index: "0B"}] || !seen[wire.Entry{AID: "A000000333010101"}] {
		t.Errorf("got %v", seen)
	}
	data, err := catalog.FS.ReadFile(catalog.DownloadsFile)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readDownloads([]byte(strings.Replace(string(data), "B61645ED", "B61645EE", 1))); err == nil || !strings.Contains(err.Error(), "key 08") {
		t.Errorf("got %v, want the key that was changed", err)
	}
}
