package scenarios

import (
	"context"
	"io"
	"regexp"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/emv"
	"possim/reader/icc"
)

// Options say what to run and how. The zero value runs everything, simulated, one
// at a time, with seed 0.
type Options struct {
	Filter   *regexp.Regexp // of names; nil is all
	Tags     []string       // any of them; none is all
	Shard    Shard          // the part of them that is this run's; the zero value is all
	Again    []Identity     // these alone, in any case: what an earlier run left undone; nil is all
	Seed     uint64
	Jobs     int  // worlds at a time; less than 2 is one
	FailFast bool // after the first failure nothing more is run
	Dialect  *wire.Dialect
	MAC      string           // require or off; "" is by the dialect (RULES: security defaults)
	Method   hsm.MACAlgorithm // how MACs are made where a scenario does not say; "" is MACECB
	Inject   Injector         // DUKPT keys in place of a TMK; nil leaves terminals theirs
	BDK      hsm.Key          // that the simulated host derives them from
	PIN      hsm.PINFormat    // of field 52
	Real     *Real            // the host to talk to; nil simulates one
	Record   io.Writer        // a journal of every frame; nil is none
	Redact   bool             // record cards that are on no test list, under other numbers
	Random   io.Reader        // what the redaction's key is drawn from; nil is of the seed
	Tool     string           // what writes the journal, with its version
	Log      zerolog.Logger
	kept     map[string]*kept   // states of the terminals towards a real host
	chips    map[string]*memory // and of the chips that met it
	ring     *emv.Keyring       // RSA keys of chips, made once a run
}

// Injector returns the initial key of the terminal with a number.
type Injector func(tid string) (emulator.DUKPT, error)

// Real is a host outside: on the other side of a socket, in real time.
type Real struct {
	Dial     wire.Dialer
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	TID, MID string  // "" leaves the scenario's
	TMK      hsm.Key // of its terminals; the zero key is the published test key
	// Chip opens what the chip of a card remembers: its counter must go on too, and a
	// host takes none twice. As with State.
	Chip func(card string, p icc.Profile) (icc.State, func(icc.State) error, error)
	// State opens what a terminal keeps through power cuts and from run to run: its
	// numbers must go on, or the host takes a new sale for an old one. save makes it
	// durable. It is called once for each TID of a run; nil keeps it for this run.
	State func(tid string) (s emulator.State, save func(emulator.State) error, err error)
	// SkipUnsupported passes over scenarios that need the inside of a host; without
	// it they are errors at their lines.
	SkipUnsupported bool
}

// terminal returns what the terminal with this TID kept.
func (o *Options) terminal(tid string) (*kept, error) {
	if k := o.kept[tid]; k != nil {
		return k, nil
	}
	k := &kept{save: func(emulator.State) error { return nil }}
	if o.Real.State != nil {
		var err error
		if k.state, k.save, err = o.Real.State(tid); err != nil {
			return nil, err
		}
	}
	o.kept[tid] = k
	return k, nil
}

// chip returns what the chip of a card remembers: in the simulation nothing from before
// the scenario.
func (o *Options) chip(name string, p icc.Profile) (*memory, error) {
	if o.Real == nil || o.Real.Chip == nil {
		return &memory{save: func(icc.State) error { return nil }}, nil
	}
	m := o.chips[name]
	if m == nil {
		state, save, err := o.Real.Chip(name, p)
		if err != nil {
			return nil, err
		}
		m = &memory{state: state, save: save}
		o.chips[name] = m
	}
	return m.fresh(p)
}

// sealed reports whether terminals and the simulated host seal their messages
// where a scenario says nothing of it.
func (o *Options) sealed() bool {
	if o.MAC == "" {
		return o.dialect().Name() == wire.UnionPay().Name()
	}
	return o.MAC == string(host.MACRequire)
}

// dialect returns the dialect of the run.
func (o *Options) dialect() *wire.Dialect {
	if o.Dialect == nil {
		return wire.UnionPay()
	}
	return o.Dialect
}
