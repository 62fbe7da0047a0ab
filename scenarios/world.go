package scenarios

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/reader/scripted"
	"possim/scenarios/fault"
	"possim/scenarios/journal"
)

// China is the zone of scenarios and of their host's business day: no summer time
// since 1991, so no time zone database is needed.
var China = time.FixedZone("CST", 8*60*60)

// Start is when every scenario begins (RULES: scenarios).
var Start = time.Date(2026, 6, 1, 9, 0, 0, 0, China)

// latency is how long a frame takes one way in the simulation.
const latency = 20 * time.Millisecond

// world is one scenario's: terminal, reader, link and, unless the host is a real
// one, the host and its clock.
type world struct {
	sc      *Scenario
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	dial    wire.Dialer
	dialect *wire.Dialect
	inside  *inside // nil with a real host

	faults  *fault.Injector
	placed  []placed
	reader  *scripted.Reader
	current *order          // under way
	done    map[string]done // by the labels of their steps
	tmk     hsm.Key
	dukpt   emulator.DUKPT // in its place, where the run injects it
	saved   emulator.State
	kept    *kept              // where it outlives the scenario; nil in the simulation
	batches batches            // that a scenario towards a real host has met
	ring    *emv.Keyring       // the RSA keys of cards, of the whole run
	chips   map[string]*memory // what the chips of cards remember
	chipOf  func(card string, p icc.Profile) (*memory, error)
	term    *emulator.Terminal // nil while the power is off
	power   power
	vars    map[string]string

	view     *view
	typed    []Typed // answers of the confirm steps not used yet
	failures []Failure
	started  time.Time
	log      []string        // the wire, masked
	record   *journal.Writer // nil records nothing
	logger   zerolog.Logger  // of terminal and host
	config   emulator.Config // of the terminal
	readRand *rand.Rand      // the hand's and the head's randomness
	random   io.Reader       // the terminal's
}

// placed is an ordered fault with its place in the file.
type placed struct {
	Fault
	rule *fault.Rule
}

// seedOf derives a scenario's seed from the run's, so that neither the order nor
// the number of jobs changes what happens in it.
func seedOf(run uint64, sc *Scenario) uint64 {
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, run) // a hash takes everything
	fmt.Fprintf(h, "%s\x00%s", path.Base(sc.File), sc.Name)
	return binary.BigEndian.Uint64(h.Sum(nil)) >> 11 // 53 bits: a JSON number that everybody reads alike
}

// newWorld builds a scenario's world.
func newWorld(ctx context.Context, sc *Scenario, seed uint64, o *Options) (*world, error) {
	w := &world{sc: sc, dialect: o.dialect(), vars: map[string]string{}, done: map[string]done{}, logger: o.Log,
		ring: o.ring, chips: map[string]*memory{}, chipOf: o.chip}
	w.install(o)
	if err := w.equip(); err != nil {
		return nil, err
	}
	if o.Real != nil {
		if err := w.attach(o); err != nil {
			return nil, err
		}
	} else if err := w.simulate(ctx, seed, o); err != nil {
		return nil, err
	}
	w.started = w.now()
	w.faults = fault.New(w.now, w.mti, rand.New(rand.NewPCG(seed, 1)))
	if w.inside != nil {
		w.faults.After = w.inside.clock.After
	}
	w.faults.Forge, w.faults.Alter = w.forge, w.alter
	w.readRand = rand.New(rand.NewPCG(seed, 2))
	w.random = randomness(seed, "terminal")
	if err := w.inject(o); err != nil {
		return nil, err
	}
	if sc.Terminal.LastSTAN > 0 {
		w.saved.LastSTAN = sc.Terminal.LastSTAN
	}
	w.look()
	w.boot()
	return w, nil
}

// attach points the world at a real host. The terminal's clock is China's, as a
// UnionPay terminal's is.
func (w *world) attach(o *Options) error {
	w.now = func() time.Time { return o.Real.Now().In(China) }
	w.sleep, w.dial = o.Real.Sleep, o.Real.Dial
	w.config.TID, w.config.MID = cmp.Or(o.Real.TID, w.config.TID), cmp.Or(o.Real.MID, w.config.MID)
	k, err := o.terminal(w.config.TID)
	if err != nil {
		return fmt.Errorf("the state of terminal %s: %w", w.config.TID, err)
	}
	w.kept, w.saved = k, k.fresh()
	w.batches.open(w.saved.Batch)
	return nil
}

// order puts a fault into force.
func (w *world) order(f Fault) { w.placed = append(w.placed, placed{f, w.faults.Add(f.Rule)}) }

// mti tells the type of a frame for the faults.
func (w *world) mti(frame []byte) wire.MTI {
	var m wire.Message
	if _, err := w.dialect.Decode(frame, &m); err != nil {
		return ""
	}
	return m.MTI
}

// boot starts the terminal from its saved state.
func (w *world) boot() {
	w.term = emulator.New(w.config, emulator.World{
		Reader: readerOf{w}, Face: face{w}, Dial: w.terminalLink(), Dialect: w.dialect,
		Now: func() time.Time { return w.now().Add(w.sc.Terminal.Clock) }, Save: w.save, Print: w.print, Log: w.logger, TMK: w.tmk, DUKPT: w.dukpt, Random: w.random,
	}, w.saved)
}

// look begins a new view.
func (w *world) look() { w.view = &view{world: w} }
