// Package load is many terminals at once, and what they measure.
//
// A Load has N terminals, each an emulator.Terminal with state, keys, numbers and batch
// of its own, on M connections to one host. It signs them on, then has them work, and
// says how long the host took and how each order ended:
//
//	l, err := load.New(load.Config{Terminals: 64, Connections: 8, Rate: 500, Duration: time.Minute, Cards: cards}, world)
//	err = l.Run(ctx)
//	report := l.Report()
//
// # Open and closed loop
//
// With a Rate orders have an intended time each, evenly spaced, whatever the host does;
// the next terminal that is free takes the next order. Latency counts from the intended
// time: an order that has to wait because the host stalls has waited, and says so
// (coordinated omission). An order that was due before the end and that no terminal was
// free to begin is counted as "behind" among the errors. With Rate 0 each terminal begins
// its next order when the last one has ended, as many as the host takes.
//
// # What counts
//
// An order the host has answered is answered, with its response code, whether it is an
// approval or a decline. Every other one is an error, by its cause; percentiles are those
// of answered orders. The rate is approvals a second. Nothing is counted as success that
// the terminal itself does not call so: its MAC is verified, it matches, it is booked.
//
// # Connections
//
// A connection carries the terminals that share it at the same time: answers are given to
// the terminal that F41 names, in whatever order they come (trunk.go). One that
// breaks ends the orders that wait on it (connection-lost), and is dialled again by the
// next order. With more connections than terminals a terminal takes turns with its own.
//
// # Numbers and batches
//
// A terminal that begins without memory would use the numbers of the run before. Before
// the clock starts each one signs on and settles the batch the host has open, so that the
// run has batches of its own; where the host will not, numbers begin at one that the time
// of day gives.
//
// # Players
//
// What terminals do is a Mix of orders with cards that are drawn; or, with Config.Player,
// what a Player of each says, such as one that plays a script (possim/scenarios/script).
// An order of Rate, Count and Duration is then an iteration of a player, with as many
// orders as it likes.
//
// # Several machines
//
// Config.Part cuts a run into parts that share no terminal, for as many processes on as
// many machines; Report.Add makes one report of theirs:
//
//	c, err := c.Part(2, 4)                  // the second of four
//	total.Add(report)
//
// It starts a goroutine for each terminal and each connection.
package load

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
)

// Config is what is to be done.
type Config struct {
	Terminals   int
	Connections int
	FirstTID    int    // the terminals are numbered on from it, eight digits
	MID         string // of all of them

	Rate     float64       // orders a second; 0 is a closed loop
	Ramp     time.Duration // in which the rate, or the number of terminals at work, grows from nothing
	Duration time.Duration // no order is begun after it; 0 is until Count
	Count    int64         // orders in all; 0 is until Duration

	First  int    // terminals of the whole run that come before these, which Part sets
	Mix    Mix    // nil is sales
	Amount int64  // of a sale, in fen
	Cards  []Card // at least one: who pays is drawn from them
	Seed   uint64 // of what is drawn

	// Player is asked for one for each terminal, in place of Mix, Amount and a swipe; an
	// order of Rate, Count and Duration is then an iteration of its. nil is nobody.
	Player func(context.Context, *Seat) (Player, error)
	Chips  *emulator.EMV // what terminals with a player know of chips; nil are terminals of stripes

	MAC        hsm.MACAlgorithm // "" seals nothing
	AnswerWait time.Duration    // how long an answer may take; 60 s when 0
}

// World is what the terminals are attached to.
type World struct {
	Dial    wire.Dialer
	Dialect *wire.Dialect
	Now     func() time.Time
	Sleep   func(context.Context, time.Duration) error
	Within  func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	TMK     hsm.Key
	Random  io.Reader // for PIN formats filled at random; no order here enters one
	Log     zerolog.Logger
}

// Load is one run.
type Load struct {
	Config
	World
	trunks []*trunk
	tills  []*till
	tally  tally
	next   atomic.Int64 // number of the next order
	begun  atomic.Int64
}

// UsualAmount is a sale of 0.01.
const UsualAmount = 1

// ErrNoCards says that nobody could pay.
var ErrNoCards = errors.New("no cards: nobody could pay")

// New returns a run that has not begun.
func New(c Config, w World) (*Load, error) {
	if len(c.Cards) == 0 {
		return nil, ErrNoCards
	}
	c.Terminals, c.Connections = max(c.Terminals, 1), max(c.Connections, 1)
	if c.Mix == nil {
		c.Mix = Mix{emulator.Sale: 1}
	}
	if c.Amount == 0 {
		c.Amount = UsualAmount
	}
	l := &Load{Config: c, World: w}
	for range c.Connections {
		l.trunks = append(l.trunks, &trunk{dial: w.Dial, dialect: w.Dialect, within: w.Within, clock: w.Now, tally: &l.tally})
	}
	for i := range c.Terminals {
		l.tills = append(l.tills, newTill(l, i))
	}
	return l, nil
}

// grace is how long orders under way may still take when a run is interrupted.
const grace = time.Second

// overtime is how long after Duration a player's iteration may go on: there may be
// no end to it.
const overtime = 30 * time.Second

// Run signs the terminals on and has them work until Duration or Count is reached, or ctx
// ends: then it returns ctx's error, and the figures are those until then. What is under
// way at the end is finished. An error before the clock starts says why no terminal can
// work.
func (l *Load) Run(ctx context.Context) error {
	// Orders under way outlive ctx by the grace.
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() {
		defer cut()
		_ = l.Sleep(work, grace)
	})
	defer stop()
	var trunks sync.WaitGroup
	for _, t := range l.trunks {
		t.run(work, &trunks)
	}
	defer func() {
		for _, t := range l.trunks {
			t.close()
		}
		cut()
		trunks.Wait()
	}()
	if err := l.seated(ctx); err != nil {
		return err
	}
	if err := l.open(ctx, work); err != nil {
		return err
	}
	l.tally.start(l.Now())
	if l.Player != nil && l.Duration > 0 {
		late, release := l.Within(work, l.Duration+overtime)
		defer release()
		context.AfterFunc(late, cut)
	}
	var tills sync.WaitGroup
	for _, t := range l.tills {
		tills.Go(func() { t.work(ctx, work) })
	}
	tills.Wait()
	l.finish(ctx.Err() == nil && (l.Count == 0 || l.begun.Load() < l.Count))
	return context.Cause(ctx)
}

// finish ends the clock, and counts what was due and never begun. A run that its
// duration ended lasted as long, and one that its count ended until its last answer.
func (l *Load) finish(timeIsUp bool) {
	ran := l.Now().Sub(l.tally.started)
	if l.Duration > 0 && (timeIsUp || ran > l.Duration) {
		ran = l.Duration
	}
	if l.Rate > 0 {
		l.tally.missed(causeBehind, l.due(ran)-l.begun.Load())
	}
	l.tally.stop(ran, l.Count > 0 && l.begun.Load() == l.Count)
}
