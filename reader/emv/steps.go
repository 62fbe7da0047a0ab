package emv

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
)

// Steps says of keys how many odd numbers lie between where the search for each of their
// two primes begins and where it ends. Written down, they spare a process that needs keys
// of a seed it knows the search, which takes some milliseconds a key; without the seed
// they say nothing. Keyring.Searched makes them.
type Steps map[[8]byte][2]uint32

// String returns the steps as ReadSteps takes them: a line for each key, in order.
func (s Steps) String() string {
	var lines []string
	for name, n := range s {
		lines = append(lines, fmt.Sprintf("%x %d %d\n", name, n[0], n[1]))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// ReadSteps reads what String wrote.
func ReadSteps(r io.Reader) (Steps, error) {
	s := Steps{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		var name []byte
		var steps [2]uint32
		if _, err := fmt.Sscanf(lines.Text(), "%x %d %d", &name, &steps[0], &steps[1]); err != nil || len(name) != len([8]byte{}) {
			return nil, fmt.Errorf("steps to primes, line %d: want 16 hex digits and two numbers", n)
		}
		s[[8]byte(name)] = steps
	}
	return s, lines.Err()
}

// walked is NewPrivateKey where the steps to the primes are known. Steps of another key
// lead to numbers that are not prime, as a rule: known is then false.
func walked(bits, exponent int, random io.Reader, steps [2]uint32) (k PrivateKey, known bool) {
	var found [2]*big.Int
	two, rest := big.NewInt(2), new(big.Int)
	for i, n := range steps {
		p, err := drawn(bits/2, random)
		if err != nil {
			return PrivateKey{}, false
		}
		p.Add(p, rest.SetUint64(2*uint64(n)))
		less := new(big.Int).Sub(p, big.NewInt(1))
		if p.BitLen() != bits/2 || rest.Mod(less, big.NewInt(int64(exponent))).Sign() == 0 || rest.Exp(two, less, p).Cmp(big.NewInt(1)) != 0 {
			return PrivateKey{}, false
		}
		found[i] = p
	}
	return keyOf(found[0], found[1], exponent), found[0].Cmp(found[1]) != 0
}

// stepsTo returns the steps of a key that was made from what random gives, or false where
// a search did not end in the stretch it began.
func stepsTo(k PrivateKey, random io.Reader) (steps [2]uint32, ok bool) {
	for i, p := range []*big.Int{k.in.in.p, k.in.in.q} {
		start, err := drawn(p.BitLen(), random)
		if err != nil {
			return steps, false
		}
		n := start.Sub(p, start).Rsh(start, 1)
		if n.Sign() < 0 || n.BitLen() > 32 {
			return steps, false
		}
		steps[i] = uint32(n.Uint64())
	}
	return steps, true
}
