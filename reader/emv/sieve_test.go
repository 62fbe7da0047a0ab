package emv

import (
	"math/big"
	"testing"
)

// The sieve passes over what has a small factor, and nothing else.
func TestSieve(t *testing.T) {
	p, _ := new(big.Int).SetString("C9F2C9CD04674EDEA40E3C0C5D6B3A1F", 16)
	s := newSieve(p)
	for range 2000 {
		want := false
		for _, f := range smallPrimes {
			want = want || new(big.Int).Mod(p, big.NewInt(int64(f))).Sign() == 0
		}
		if got := s.composite(); got != want {
			t.Fatalf("%v: got %t, want %t", p, got, want)
		}
		p.Add(p, big.NewInt(2))
	}
	if n := len(smallPrimes); n != 308 || smallPrimes[n-1] != 2039 {
		t.Errorf("%d primes up to %d", n, smallPrimes[n-1])
	}
}

func BenchmarkCardKey(b *testing.B) {
	for i := range b.N {
		if _, err := NewPrivateKey(1024, 3, Seeded("bench", string(rune('a'+i%26)))); err != nil {
			b.Fatal(err)
		}
	}
}
