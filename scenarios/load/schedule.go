package load

import (
	"context"
	"math"
	"time"
)

// at is when order number n of an open loop is due, counted from the start. During the
// ramp the rate grows evenly from nothing, so that the number of orders grows with the
// square of the time.
func (c *Config) at(n int64) time.Duration {
	ramp := c.Ramp.Seconds()
	inRamp := c.Rate * ramp / 2
	s := ramp + (float64(n)-inRamp)/c.Rate
	if float64(n) < inRamp {
		s = math.Sqrt(2 * float64(n) * ramp / c.Rate)
	}
	return time.Duration(s * float64(time.Second))
}

// due is how many orders of an open loop are due before d.
func (c *Config) due(d time.Duration) int64 {
	s, ramp := d.Seconds(), c.Ramp.Seconds()
	n := c.Rate * (s - ramp/2)
	if s < ramp {
		n = c.Rate * s * s / (2 * ramp)
	}
	k := max(int64(n)-1, 0) // floating point may be off by one
	for c.at(k) < d {
		k++
	}
	if c.Count > 0 {
		k = min(k, c.Count)
	}
	return k
}

// take waits for the next order that nobody has taken. ok is false when there is none
// any more.
func (l *Load) take(ctx context.Context) (intended time.Time, ok bool) {
	n := l.next.Add(1) - 1
	if l.Count > 0 && n >= l.Count || ctx.Err() != nil {
		return time.Time{}, false
	}
	now := l.Now()
	intended = now
	if l.Rate > 0 {
		intended = l.tally.started.Add(l.at(n))
		if l.Duration > 0 && l.at(n) >= l.Duration {
			return time.Time{}, false
		}
		if wait := intended.Sub(now); wait > 0 {
			if l.Sleep(ctx, wait) != nil {
				return time.Time{}, false
			}
			now = l.Now()
		}
	}
	if l.Duration > 0 && now.Sub(l.tally.started) >= l.Duration {
		return time.Time{}, false
	}
	l.begun.Add(1)
	return intended, true
}

// enter is when terminal i of a closed loop begins: they come in one after the other.
func (c *Config) enter(i int) time.Duration {
	if c.Rate > 0 {
		return 0
	}
	return c.Ramp * time.Duration(i) / time.Duration(c.Terminals)
}
