// Package sim is a simulated world: a clock that moves only when somebody waits,
// and a network in which two sides talk without sockets.
//
// There is one queue of events, in the order of (time, sequence), and one actor
// runs at a time. Waiting - Clock.Sleep, or Receive on a Link - passes the turn:
// events up to the moment waited for happen, the clock jumps from one to the
// next. A wait of 60 s costs microseconds, no goroutine is started, and the same
// calls give the same order of events.
//
//	clock := sim.NewClock(start)
//	net := &sim.Net{Clock: clock, Latency: 20 * time.Millisecond, Serve: host}
//	link, err := net.Dial(ctx)
//	link.Send(ctx, frame)                        // arrives after the latency
//	answer, err := link.Receive(ctx, time.Minute) // the clock moves to the answer
package sim

import (
	"container/heap"
	"context"
	"time"
)

// Clock is simulated time with a queue of what will happen.
type Clock struct {
	now   time.Time
	next  uint64
	queue events
}

// NewClock returns a clock that stands at start.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now returns the simulated time.
func (c *Clock) Now() time.Time { return c.now }

// At calls f when the clock reaches t, at once in the next wait when t has passed.
// What is due at the same time happens in the order it was asked for.
func (c *Clock) At(t time.Time, f func()) {
	c.next++
	heap.Push(&c.queue, event{t, c.next, f})
}

// After calls f once d has passed.
func (c *Clock) After(d time.Duration, f func()) { c.At(c.now.Add(d), f) }

// Sleep lets d pass, with everything that happens meanwhile.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	end := c.now.Add(max(d, 0))
	for c.step(end) {
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// step lets the next event up to end happen and reports true, or moves the clock to end.
func (c *Clock) step(end time.Time) bool {
	if len(c.queue) == 0 || c.queue[0].at.After(end) {
		if end.After(c.now) {
			c.now = end
		}
		return false
	}
	e := heap.Pop(&c.queue).(event)
	if e.at.After(c.now) {
		c.now = e.at
	}
	e.do()
	return true
}

// Daily calls f at each midnight of the zone, offset later, for ever.
func (c *Clock) Daily(zone *time.Location, offset time.Duration, f func()) {
	y, m, d := c.now.In(zone).Date()
	at := time.Date(y, m, d, 0, 0, 0, 0, zone).Add(offset)
	if !at.After(c.now) {
		at = time.Date(y, m, d+1, 0, 0, 0, 0, zone).Add(offset)
	}
	c.At(at, func() {
		f()
		c.Daily(zone, offset, f)
	})
}

// event is something that will happen.
type event struct {
	at  time.Time
	seq uint64
	do  func()
}

// events is a heap by time, then by the order of asking.
type events []event

func (q events) Len() int { return len(q) }
func (q events) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].seq < q[j].seq
	}
	return q[i].at.Before(q[j].at)
}
func (q events) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *events) Push(x any) { *q = append(*q, x.(event)) }

// Pop implements heap.Interface.
func (q *events) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return last
}
