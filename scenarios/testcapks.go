package scenarios

import (
	"bytes"
	_ "embed"
	"slices"
	"sync"

	"possim/reader/emv"
)

// testcapks.json holds the public keys of the authorities of registry.TestSeed. They are
// written down because to make them takes longer than a sale does.
//
//go:embed testcapks.json
var testCAPKs []byte

// TestCAPKs returns the authorities' keys that a test terminal knows: those of the cards
// of the list, and the published ones of the payment systems.
func TestCAPKs() (emv.CAPKs, error) {
	all, err := loadTestCAPKs()
	return slices.Clone(all), err
}

var loadTestCAPKs = sync.OnceValues(func() (emv.CAPKs, error) {
	own, err := emv.LoadCAPKs(bytes.NewReader(testCAPKs))
	return append(emv.PublicCAPKs(), own...), err
})
