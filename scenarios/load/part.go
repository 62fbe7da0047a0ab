package load

import (
	"errors"
	"fmt"
)

// ErrEmptyPart says that a run was cut into more parts than it has terminals.
var ErrEmptyPart = errors.New("there are more parts than terminals")

// Part is part i (from 1) of n of a run that several processes share: its own terminals,
// of which no other part has one, and its share of connections, rate and count. Each
// terminal draws what it would draw in the whole, so that the parts together do the same.
func (c Config) Part(i, n int) (Config, error) {
	if i < 1 || i > n {
		return Config{}, fmt.Errorf("part %d of %d: want one of 1 to %d", i, n, n)
	}
	share := func(all int64) (from, size int64) {
		from = all * int64(i-1) / int64(n)
		return from, all*int64(i)/int64(n) - from
	}
	first, terminals := share(int64(c.Terminals))
	if n > c.Terminals {
		return Config{}, fmt.Errorf("part %d of %d: %w, which are %d", i, n, ErrEmptyPart, c.Terminals)
	}
	_, connections := share(int64(c.Connections))
	if c.Count > 0 {
		if _, c.Count = share(c.Count); c.Count == 0 {
			return Config{}, fmt.Errorf("part %d of %d: there are more parts than orders", i, n)
		}
	}
	c.Rate = c.Rate * float64(terminals) / float64(c.Terminals)
	c.FirstTID, c.First = c.FirstTID+int(first), c.First+int(first)
	c.Terminals, c.Connections = int(terminals), int(max(connections, 1))
	return c, nil
}
