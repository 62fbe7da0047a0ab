package emv

import "math/big"

// smallPrimes are the odd primes below 2048: what has one for a factor needs no costlier
// test, and six of seven odd numbers have.
var smallPrimes = func() (all []uint32) {
	for n := uint32(3); n < 2048; n += 2 {
		prime := true
		for _, f := range all {
			prime = prime && n%f != 0
		}
		if prime {
			all = append(all, n)
		}
	}
	return all
}()

// sieve walks up the odd numbers from one, and knows of each whether a small prime
// divides it.
type sieve struct {
	rest []uint32 // of the number at hand, by each small prime
	next bool     // the first was looked at
}

func newSieve(p *big.Int) *sieve {
	s := &sieve{rest: make([]uint32, len(smallPrimes))}
	r, f := new(big.Int), new(big.Int)
	for i, n := range smallPrimes {
		s.rest[i] = uint32(r.Mod(p, f.SetUint64(uint64(n))).Uint64())
	}
	return s
}

// composite reports whether the number at hand, p the first time and the next odd one
// after that, has a small factor.
func (s *sieve) composite() (found bool) {
	for i, n := range smallPrimes {
		if s.next {
			if s.rest[i] += 2; s.rest[i] >= n {
				s.rest[i] -= n
			}
		}
		found = found || s.rest[i] == 0
	}
	s.next = true
	return found
}
