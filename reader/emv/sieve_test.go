package emv

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"math/big"
	"testing"
)

// The sieve passes over what has a small factor and what the exponent does not suit, and
// nothing else, in its second window as in its first.
func TestSieve(t *testing.T) {
	start, _ := new(big.Int).SetString("C9F2C9CD04674EDEA40E3C0C5D6B3A1F", 16)
	for _, exponent := range []uint64{3, 65537} {
		next, stop := iter.Pull(candidates(start, exponent))
		defer stop()
		p, n := new(big.Int).Set(start), 0
		for range 2 * sieveWindow {
			if !hasSmallFactor(p) && new(big.Int).Mod(p, new(big.Int).SetUint64(exponent)).Uint64() != 1 {
				if got, _ := next(); got.Cmp(p) != 0 {
					t.Fatalf("exponent %d: got %v, want %v", exponent, got, p)
				}
				n++
			}
			p.Add(p, big.NewInt(2))
		}
		if n == 0 {
			t.Errorf("exponent %d: nothing is left", exponent)
		}
	}
}

// hasSmallFactor divides by every odd number below sieveTo.
func hasSmallFactor(p *big.Int) bool {
	var rest, f big.Int
	for n := uint64(3); n < sieveTo; n += 2 {
		if rest.Mod(p, f.SetUint64(n)).Sign() == 0 {
			return true
		}
	}
	return false
}

// The seed's keys stay what they were: certificates on cards and golden files stand on
// them. The moduli were made by a walk over every odd number, one prime test each.
func TestKeysStay(t *testing.T) {
	for _, c := range []struct {
		bits, exponent int
		want           string // of SHA-256 of the modulus
	}{
		{512, 3, "05f8548cb3c8f1b4"}, {1024, 3, "8b3f9df3f1a2ba17"}, {1152, 3, "12885324fcea7fdb"}, {1408, 3, "e87ff2c71df17cd3"}, {1024, 65537, "213e735b00a9f1e7"}, {1984, 3, "b5d8efb95e2a8180"},
	} {
		k, err := NewPrivateKey(c.bits, c.exponent, Seeded("keys stay", "a label"))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(k.Public().Modulus)); got[:16] != c.want {
			t.Errorf("%d bits, exponent %d: %s, want %s", c.bits, c.exponent, got[:16], c.want)
		}
	}
}

func BenchmarkCardKey(b *testing.B) {
	for i := range b.N {
		if _, err := NewPrivateKey(1024, 3, Seeded("bench", string(rune('a'+i%26)))); err != nil {
			b.Fatal(err)
		}
	}
}
