package scenarios

import (
	"bytes"
	_ "embed"
	"sync"

	"possim/reader/emv"
)

// primes.txt says where the primes of the list's cards, of their issuers and of the
// authorities lie, by registry.TestSeed. Like testcapks.json it is written down because
// to search for them takes longer than a sale does; another card's are searched for.
//
//go:embed primes.txt
var primes []byte

var steps = sync.OnceValues(func() (emv.Steps, error) { return emv.ReadSteps(bytes.NewReader(primes)) })

// Keyring returns a new ring for chips' keys that need not search for those of the cards
// of the list.
func Keyring() *emv.Keyring {
	known, _ := steps() // a test reads the file; without it every key is searched for
	return &emv.Keyring{Steps: known}
}
