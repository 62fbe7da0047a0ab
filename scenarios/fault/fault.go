// Package fault is Links that spoil conversations as ordered: a request or an
// answer is lost, late, damaged, forged or doubled, a connection refused.
//
// A Rule names what it waits for by message type ("0210", or Connect for a new
// connection), what it does, how often, and how many it lets pass first. An
// Injector holds the rules of one world and counts their use, so that a fault
// that was ordered and never happened can be told:
//
//	in := fault.New(now, mti, rand, fault.Rule{On: "0210", Do: fault.Drop, Times: 1})
//	link, err := in.Dial(ctx, dial)   // every Link it opens is spoiled
//	left := in.Unused()
//
// It works on any wire.Link, in process or over TCP. It starts no goroutine: what
// is delayed is handed over when the owner of the Link next waits for an answer,
// or by After where the world has one.
package fault

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"possim/host/wire"
)

// Kind is what a fault does.
type Kind string

// The faults.
const (
	Drop      Kind = "drop"      // the frame never arrives
	Delay     Kind = "delay"     // it arrives later
	Garble    Kind = "garble"    // it arrives damaged
	Duplicate Kind = "duplicate" // it arrives twice
	Tamper    Kind = "tamper"    // its MAC is changed on the way, and nothing else
	Alter     Kind = "alter"     // fields of it are changed on the way
	Refuse    Kind = "refuse"    // the connection is refused
)

// Connect is what a rule waits for that refuses connections.
const Connect = "connect"

// Rule orders one fault.
type Rule struct {
	On    string // a message type such as "0210", or Connect
	Do    Kind
	Times int           // how many it spoils
	After int           // how many it lets pass first
	Delay time.Duration // of Delay

	Fields map[int]string // of Alter: their new content
	seen   int
	used   int
}

// Used returns how many frames or connections the rule has spoilt.
func (r *Rule) Used() int { return r.used }

// String says what was ordered: "drop 0210 once".
func (r Rule) String() string {
	s := fmt.Sprintf("%s %s", r.Do, r.On)
	if r.Do == Delay {
		s += " by " + r.Delay.String()
	}
	if r.Times == 1 {
		return s + " once"
	}
	return fmt.Sprintf("%s %d times", s, r.Times)
}

// Injector holds the rules of one world.
type Injector struct {
	// After calls f once d has passed. It lets a delayed request arrive after its
	// sender stopped listening; without it such a request goes out when the sender
	// next waits.
	After func(d time.Duration, f func())
	// Forge changes the MAC of a frame; ok is false for a frame without one, which a
	// Tamper then lets pass. Without it nothing is tampered with.
	Forge func(frame []byte) (forged []byte, ok bool)
	// Alter changes fields of a frame; ok is false when it cannot be written so. An
	// Alter then lets it pass, and without it always.
	Alter func(frame []byte, fields map[int]string) (altered []byte, ok bool)

	now   func() time.Time
	mti   func(frame []byte) wire.MTI
	rng   *rand.Rand
	rules []*Rule
}

// New returns an Injector. mti tells the type of a frame, "" when it cannot.
func New(now func() time.Time, mti func(frame []byte) wire.MTI, rng *rand.Rand, rules ...Rule) *Injector {
	in := &Injector{now: now, mti: mti, rng: rng}
	for _, r := range rules {
		in.Add(r)
	}
	return in
}

// Add orders one more fault and returns its rule, for its use to be asked.
func (in *Injector) Add(r Rule) *Rule {
	r.Times = max(r.Times, 1)
	in.rules = append(in.rules, &r)
	return &r
}

// Unused returns the rules that did not happen as often as ordered.
func (in *Injector) Unused() []*Rule {
	var out []*Rule
	for _, r := range in.rules {
		if r.used < r.Times {
			out = append(out, r)
		}
	}
	return out
}

// spoil returns the rule that spoils a frame, or nil, and the frame as a rule that
// alters it leaves it.
func (in *Injector) spoil(frame []byte) (*Rule, []byte) {
	var forged []byte
	sealed := false
	if in.Forge != nil {
		forged, sealed = in.Forge(frame)
	}
	rule := in.pick(string(in.mti(frame)), sealed)
	switch {
	case rule == nil:
	case rule.Do == Tamper:
		return rule, forged
	case rule.Do == Garble:
		return rule, in.garble(frame)
	case rule.Do == Alter && in.Alter != nil:
		if altered, ok := in.Alter(frame, rule.Fields); ok {
			return rule, altered
		}
		rule.used--
	}
	return rule, frame
}

// pick returns the rule that spoils what comes now, or nil. Every rule that waits
// for it counts it; the first one that is due acts. A Tamper waits for what is
// sealed alone.
func (in *Injector) pick(on string, sealed bool) *Rule {
	var act *Rule
	for _, r := range in.rules {
		if r.On != on || r.Do == Tamper && !sealed {
			continue
		}
		if r.seen++; act == nil && r.seen > r.After && r.used < r.Times {
			r.used++
			act = r
		}
	}
	return act
}

// Dial opens a connection that is spoiled as ordered.
func (in *Injector) Dial(ctx context.Context, dial wire.Dialer) (wire.Link, error) {
	if in.pick(Connect, false) != nil {
		return nil, fmt.Errorf("connection refused (ordered fault): %w", wire.ErrNotSent)
	}
	l, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	return &link{in: in, next: l}, nil
}

// garble returns a frame that no dialect can read: its end is missing and what
// is left of its second half is noise.
func (in *Injector) garble(frame []byte) []byte {
	out := append([]byte(nil), frame[:len(frame)*2/3]...)
	for i := len(out) / 2; i < len(out); i++ {
		out[i] ^= byte(1 + in.rng.IntN(255))
	}
	return out
}
