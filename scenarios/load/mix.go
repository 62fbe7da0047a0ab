package load

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"possim/emulator"
)

// Mix says how often each kind of order comes, as weights.
type Mix map[emulator.OrderKind]int

// mixed are the kinds a mix may have, in the order in which they are drawn.
var mixed = []emulator.OrderKind{
	emulator.Sale, emulator.Void, emulator.Refund, emulator.PreAuth, emulator.Completion,
	emulator.Balance, emulator.Echo, emulator.Settle,
}

// follows names the kind of the original that a kind needs.
var follows = map[emulator.OrderKind]emulator.OrderKind{
	emulator.Void: emulator.Sale, emulator.Refund: emulator.Sale, emulator.Completion: emulator.PreAuth,
}

// ParseMix reads sale=90,void=5,balance=5.
func ParseMix(text string) (Mix, error) {
	m := Mix{}
	for part := range strings.SplitSeq(text, ",") {
		name, weight, ok := strings.Cut(strings.TrimSpace(part), "=")
		kind := emulator.OrderKind(name)
		n, err := strconv.ParseUint(weight, 10, 31)
		switch {
		case !ok:
			return nil, fmt.Errorf("%q: want kind=weight, as in sale=90,void=5,balance=5", part)
		case !slices.Contains(mixed, kind):
			return nil, fmt.Errorf("%q: the kinds are %s", name, list(mixed))
		case err != nil:
			return nil, fmt.Errorf("%s=%q: want a whole number", name, weight)
		}
		if _, twice := m[kind]; twice {
			return nil, fmt.Errorf("%q comes twice", name)
		}
		m[kind] = int(n)
	}
	if m.sum() == 0 {
		return nil, fmt.Errorf("%q: all weights are 0, and nothing would be sent", text)
	}
	return m, nil
}

func (m Mix) sum() (n int) {
	for _, weight := range m {
		n += weight
	}
	return n
}

// draw picks a kind.
func (m Mix) draw(rng *rand.Rand) emulator.OrderKind {
	n := rng.IntN(m.sum())
	for _, kind := range mixed {
		if n -= m[kind]; n < 0 {
			return kind
		}
	}
	return emulator.Sale
}
