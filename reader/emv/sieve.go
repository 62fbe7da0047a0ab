package emv

import (
	"iter"
	"math/big"
	"math/bits"
	"sync"
)

// sieveTo bounds the primes that are tried as factors. Nine of ten odd numbers have one
// below it, and need no costlier test; a higher bound costs more than it spares.
const sieveTo = 1 << 16

// sieveWindow is how many odd numbers are looked at together: so many that there is a
// prime of any length among them, as a rule.
const sieveWindow = 2048

// factors is some primes and their product, as many as one word takes: a long number is
// divided by all of them at once, and what is left of it by each.
type factors struct {
	product *big.Int
	primes  []uint64
}

// smallFactors are the odd primes below sieveTo. Most processes make no key, and never
// ask for them.
var smallFactors = sync.OnceValue(func() (all []factors) {
	var composite [sieveTo]bool
	var primes []uint64
	product := uint64(1)
	pack := func() {
		all = append(all, factors{new(big.Int).SetUint64(product), primes})
		primes, product = nil, 1
	}
	for n := uint64(3); n < sieveTo; n += 2 {
		if composite[n] {
			continue
		}
		for m := n * n; m < sieveTo; m += 2 * n {
			composite[m] = true
		}
		if over, _ := bits.Mul64(product, n); over > 0 {
			pack()
		}
		primes, product = append(primes, n), product*n
	}
	pack()
	return all
})

// candidates yields the odd numbers from start on, which is odd and far above sieveTo,
// that have no factor below it and from which less one exponent, a prime, has none: what
// may be a prime of an RSA key with that exponent. A number yielded is the caller's until
// the next one.
func candidates(start *big.Int, exponent uint64) iter.Seq[*big.Int] {
	return func(yield func(*big.Int) bool) {
		low, p := new(big.Int).Set(start), new(big.Int)
		for step := new(big.Int); ; low.Add(low, step.SetUint64(2*sieveWindow)) {
			struck := sieved(low, exponent)
			for i := range struck {
				if !struck[i] && !yield(p.Add(low, step.SetUint64(2*uint64(i)))) {
					return
				}
			}
		}
	}
}

// sieved strikes out what candidates passes over among low, low+2 and so on.
func sieved(low *big.Int, exponent uint64) *[sieveWindow]bool {
	struck, rest := new([sieveWindow]bool), new(big.Int)
	// strike strikes out each low+2i that is one of a multiple of f, when low is r of it.
	strike := func(f, r, one uint64) {
		i := (one + f - r) % f
		if i%2 == 1 {
			i += f
		}
		for i /= 2; i < sieveWindow; i += f {
			struck[i] = true
		}
	}
	for _, g := range smallFactors() {
		of := rest.Mod(low, g.product).Uint64()
		for _, f := range g.primes {
			strike(f, of%f, 0)
		}
	}
	strike(exponent, rest.Mod(low, rest.SetUint64(exponent)).Uint64(), 1)
	return struck
}
