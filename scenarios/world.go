package scenarios

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"path"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/reader/scripted"
	"possim/scenarios/fault"
	"possim/scenarios/journal"
	"possim/scenarios/sim"
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
	saved   emulator.State
	kept    *kept              // where it outlives the scenario; nil in the simulation
	term    *emulator.Terminal // nil while the power is off
	power   power
	vars    map[string]string

	view     *view
	typed    []Typed // answers of the confirm steps not used yet
	failures []Failure
	started  time.Time
	log      []string        // the wire, masked
	types    []string        // of the messages that went over it
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

// inside is what only a simulated host shows.
type inside struct {
	clock   *sim.Clock
	net     *sim.Net
	host    *host.Host
	opening map[string]int64 // balance of each card at the start
	due     error            // what Host.Due failed with
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
	w := &world{sc: sc, dialect: o.dialect(), vars: map[string]string{}, done: map[string]done{}, logger: o.Log}
	w.install(o)
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
	if sc.Terminal.LastSTAN > 0 {
		w.saved.LastSTAN = sc.Terminal.LastSTAN
	}
	w.look()
	w.boot()
	return w, nil
}

// install configures the terminal.
func (w *world) install(o *Options) {
	t := w.sc.Terminal
	w.tmk = registry.TestTMK
	if o.Real != nil && !o.Real.TMK.Zero() {
		w.tmk = o.Real.TMK
	}
	if !t.TMK.Zero() {
		w.tmk = t.TMK
	}
	w.config = emulator.Config{TID: t.TID, MID: t.MID, MerchantName: t.Merchant,
		ChipReader: t.ChipReader, AnswerWait: t.ReversalAfter, Tries: t.Tries,
		PINEntry: t.PINEntry, NoPINUpTo: t.NoPINUpTo, EncryptTracks: t.EncryptTracks, Operator: t.Operator, Currency: t.Currency}
	switch {
	case t.MAC == NoMAC:
	case t.MAC != "":
		w.config.MAC = t.MAC
	case o.sealed():
		w.config.MAC = cmp.Or(o.Method, hsm.MACECB)
	}
}

// begin switches the terminal on and has it sign on, which existing expectations
// of messages and numbers of messages are not about; then the ordered faults are
// in force. A terminal that the host does not want finds out at its first order.
func (w *world) begin(ctx context.Context) error {
	t := w.sc.Terminal
	switch {
	case t.Off:
		w.saved.Keys = "" // a terminal towards a real host may have kept some
		w.boot()
		w.power.failed = true
	case w.saved.Keys == "" && (w.config.MAC != "" || t.PINEntry || t.EncryptTracks):
		if _, err := w.term.Do(ctx, emulator.Order{Kind: emulator.SignOn}); err != nil {
			return err
		}
	}
	if t.Batch != "" {
		w.saved.Batch = t.Batch
		w.boot()
	}
	for _, f := range w.sc.Faults {
		w.order(f)
	}
	return nil
}

// randomness is what keys and fillings are drawn from.
func randomness(seed uint64, whose string) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(binary.BigEndian.AppendUint64([]byte("possim randomness of the "+whose), seed)))
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
	w.kept, w.saved = k, k.state
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

// simulate builds the host and the clock.
func (w *world) simulate(ctx context.Context, seed uint64, o *Options) error {
	clock := sim.NewClock(Start)
	key := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("possim token key"), seed))
	h := &host.Host{Now: clock.Now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: key[:], Zone: China, Log: w.logger,
		StatusCodes: w.sc.Host.statusCodes(), MAC: host.MACOff, Random: randomness(seed, "host")}
	if w.sc.Host.MAC == "require" || w.sc.Host.MAC == "" && o.sealed() {
		h.MAC = host.MACRequire
	}
	var err error
	if h.Downloads, err = CatalogDownloads(); err != nil {
		return err
	}
	in := &inside{clock: clock, host: h, opening: map[string]int64{}}
	handle := h.Handler(w.dialect)
	in.net = &sim.Net{Clock: clock, Latency: latency, Serve: func(ctx context.Context, frame []byte) []byte {
		if answer, ok := handle(ctx, frame); ok {
			return answer
		}
		return nil
	}}
	w.inside, w.now, w.sleep, w.dial = in, clock.Now, clock.Sleep, in.net.Dial
	if err := w.register(h.Registry); err != nil {
		return err
	}
	if err := h.Due(ctx); err != nil {
		return fmt.Errorf("the host opens its books: %w", err)
	}
	clock.Daily(China, h.CutOver, func() { in.due = errors.Join(in.due, h.Due(context.WithoutCancel(ctx))) })
	for name, c := range w.sc.cards.all() {
		a, err := h.Account(ctx, c.PAN())
		if err != nil {
			return err
		}
		in.opening[name] = a.Balance
	}
	return nil
}

// statusCodes is the host's table with what a scenario has otherwise.
func (h Host) statusCodes() map[registry.Status]wire.Code {
	all := host.DefaultStatusCodes()
	maps.Copy(all, h.Codes)
	return all
}

// register makes the host know the scenario's cards and terminal. Of two cards
// with one number the inner one counts: the scenario's before its file's before
// the catalog's.
func (w *world) register(r *registry.Registry) error {
	known := map[card.PAN]*Card{}
	for i := len(w.sc.cards) - 1; i >= 0; i-- {
		for _, name := range words(w.sc.cards[i]) {
			c := w.sc.cards[i][name]
			known[c.PAN()] = c
		}
	}
	for _, c := range known {
		if entry, ok := c.Known(); ok {
			if err := r.PutCard(entry); err != nil {
				return fmt.Errorf("card %s: %w", c.Name, err)
			}
		}
	}
	t := w.sc.Terminal
	if t.MerchantLimit != nil {
		if err := r.PutMerchant(registry.Merchant{MID: t.MID, DayAmount: t.MerchantLimit}); err != nil {
			return err
		}
	}
	if _, there := r.Terminal(t.MID, t.TID); t.DayLimit == nil && (!there || w.config.MAC == "") {
		return nil
	}
	return r.PutTerminal(registry.Terminal{TID: t.TID, MID: t.MID, DayAmount: t.DayLimit, MACAlgorithm: w.config.MAC})
}

// boot starts the terminal from its saved state.
func (w *world) boot() {
	w.term = emulator.New(w.config, emulator.World{
		Reader: readerOf{w}, Face: face{w}, Dial: w.terminalLink(), Dialect: w.dialect,
		Now: func() time.Time { return w.now().Add(w.sc.Terminal.Clock) }, Save: w.save, Print: w.print, Log: w.logger, TMK: w.tmk, Random: w.random,
	}, w.saved)
}

// look begins a new view.
func (w *world) look() { w.view = &view{world: w} }

// taken returns what the books took from a card since the scenario began.
func (w *world) taken(name string) (int64, error) {
	now, err := w.balance(name)
	if err != nil {
		return 0, err
	}
	return w.inside.opening[name] - now, nil
}

// balance returns what the books hold for a card.
func (w *world) balance(name string) (int64, error) {
	a, err := w.account(name)
	return a.Balance, err
}

// account reads the books of a card.
func (w *world) account(name string) (host.Account, error) {
	c := w.sc.cards.find(name)
	if c == nil || w.inside == nil {
		return host.Account{}, fmt.Errorf("the books of card %q cannot be read", name)
	}
	return w.inside.host.Account(w.ctx(), c.PAN())
}

// pinTries returns how often a PIN of a card may still be wrong.
func (w *world) pinTries(name string) (int, error) {
	h := w.inside.host
	wrong, err := h.Book.Read(w.ctx(), ledger.Reg{Kind: ledger.PINTries, Owner: h.Token(w.sc.cards.find(name).PAN())})
	if err != nil {
		return 0, err
	}
	return max(0, cmp.Or(h.PINTries, host.DefaultPINTries)-int(wrong[0])), nil
}

// ctx is for reading the books once a step is over: nothing waits in it.
func (w *world) ctx() context.Context { return context.Background() }
