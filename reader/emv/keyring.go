package emv

import (
	"crypto/sha256"
	"fmt"
	"sync"
)

// Keyring makes the RSA keys of test issuers and cards and remembers them: a key takes
// some tens of milliseconds, and a seed and a label always give the same one. The zero
// value is ready; a nil Keyring remembers nothing. It is safe for concurrent use.
type Keyring struct {
	mu   sync.Mutex
	made map[[sha256.Size]byte]func() (PrivateKey, error)
}

// key makes a key from seed and label, or returns the one made before.
func (r *Keyring) key(seed Seed, label string, bits, exponent int) (PrivateKey, error) {
	label = fmt.Sprintf("%s %d %d", label, bits, exponent)
	produce := func() (PrivateKey, error) { return NewPrivateKey(bits, exponent, Seeded(seed, label)) }
	if r == nil {
		return produce()
	}
	sum := sha256.Sum256([]byte(seed))
	name := sha256.Sum256(append(sum[:], label...))
	r.mu.Lock()
	once := r.made[name]
	if once == nil {
		if r.made == nil {
			r.made = map[[sha256.Size]byte]func() (PrivateKey, error){}
		}
		once = sync.OnceValues(produce)
		r.made[name] = once
	}
	r.mu.Unlock()
	return once()
}
