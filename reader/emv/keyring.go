package emv

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"sync"
)

// Keyring makes the RSA keys of test issuers and cards and remembers them: a key takes
// some milliseconds, and a seed and a label always give the same one. The zero value is
// ready; a nil Keyring remembers nothing. It is safe for concurrent use.
type Keyring struct {
	// Steps spares the search for the primes of the keys it knows.
	Steps Steps

	mu       sync.Mutex
	made     map[[sha256.Size]byte]func() (PrivateKey, error)
	searched Steps
}

// key makes a key from seed and label, or returns the one made before.
func (r *Keyring) key(seed Seed, label string, bits, exponent int) (PrivateKey, error) {
	label = fmt.Sprintf("%s %d %d", label, bits, exponent)
	if r == nil {
		return NewPrivateKey(bits, exponent, Seeded(seed, label))
	}
	sum := sha256.Sum256([]byte(seed))
	name := sha256.Sum256(append(sum[:], label...))
	r.mu.Lock()
	once := r.made[name]
	if once == nil {
		if r.made == nil {
			r.made = map[[sha256.Size]byte]func() (PrivateKey, error){}
		}
		once = sync.OnceValues(func() (PrivateKey, error) {
			return r.produce([8]byte(name[:]), bits, exponent, func() io.Reader { return Seeded(seed, label) })
		})
		r.made[name] = once
	}
	r.mu.Unlock()
	return once()
}

// produce walks to a key's primes, or searches for them.
func (r *Keyring) produce(name [8]byte, bits, exponent int, random func() io.Reader) (PrivateKey, error) {
	if steps, known := r.Steps[name]; known {
		if k, ok := walked(bits, exponent, random(), steps); ok {
			return k, nil
		}
	}
	k, err := NewPrivateKey(bits, exponent, random())
	if err != nil {
		return k, err
	}
	if steps, ok := stepsTo(k, random()); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.searched == nil {
			r.searched = Steps{}
		}
		r.searched[name] = steps
	}
	return k, nil
}

// Searched returns the steps to the primes that were searched for so far.
func (r *Keyring) Searched() Steps {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.searched)
}
