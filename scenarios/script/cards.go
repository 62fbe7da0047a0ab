package script

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/grafana/sobek"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/scenarios"
	"possim/scenarios/load"
)

// payer is a card in a script's hand. What is on it the script does not see, and what it
// sees it may write to: nothing here goes by that.
type payer struct {
	name   string // "" for one of the run's pool
	pan    string // masked
	stripe load.Card
	entry  *scenarios.Card // nil for one of the run's pool
}

// chip reports whether it has one that the script may use.
func (p *payer) chip() bool { return p.entry != nil && p.entry.Chip != nil }

// shows makes the script's object of a card.
func (v *vm) shows(p *payer) *sobek.Object {
	o := v.rt.NewObject()
	_, _, _ = o.Set("name", p.name), o.Set("pan", p.pan), o.Set("chip", p.chip()) // a new object takes anything
	v.hide(o, p)
	return o
}

// cards is the script's object of that name.
func (v *vm) cards() *sobek.Object {
	o := v.rt.NewObject()
	set := func(name string, value any) { _ = o.Set(name, value) } // a new object takes anything
	n := 0
	if v.seat != nil {
		n = len(v.seat.Cards())
	}
	pooled := func(i int) sobek.Value {
		if v.seat == nil {
			return v.shows(&payer{name: "nobody's"})
		}
		c := v.seat.Cards()[i]
		p := &payer{stripe: c}
		if id, err := card.ParseTrack2(c.Track2); err == nil {
			p.pan = id.PAN.String()
		}
		return v.shows(p)
	}
	set("length", n)
	set("any", func() sobek.Value {
		if v.seat == nil {
			return pooled(0)
		}
		return pooled(v.seat.Rand().IntN(n))
	})
	set("at", func(call sobek.FunctionCall) sobek.Value {
		i := call.Argument(0).ToInteger()
		if v.seat != nil && (i < 0 || i >= int64(n)) {
			v.throw("cards.at(%d): there are %d, from 0", i, n)
		}
		return pooled(int(i))
	})
	set("named", v.namedCard)
	return o
}

// namedCard finds a card of the file of --cards, or of the catalog.
func (v *vm) namedCard(call sobek.FunctionCall) sobek.Value {
	name := call.Argument(0).String()
	i := slices.IndexFunc(v.script.Named, func(c *scenarios.Card) bool { return c.Name == name })
	if i < 0 {
		var names []string
		for _, c := range v.script.Named {
			names = append(names, c.Name)
		}
		slices.Sort(names)
		v.throw("cards.named(%q): there is none; there are %s", name, strings.Join(names, ", "))
	}
	c := v.script.Named[i]
	if _, err := v.script.chips.profile(c); err != nil { // now, and not while the clock runs
		v.throw("cards.named(%q): %s", name, err)
	}
	_, track2, err := c.Tracks()
	if err != nil {
		v.throw("cards.named(%q): %s", name, err)
	}
	return v.shows(&payer{name: c.Name, pan: c.PAN().String(), stripe: load.Card{Track2: track2}, entry: c})
}

// card reads an argument that is a card.
func (v *vm) card(method string, value sobek.Value) *payer {
	p, is := hidden[*payer](value)
	if !is {
		v.throw("terminal.%s: %s is no card: want one of cards.any(), cards.at(0) or cards.named('good')", method, value)
	}
	return p
}

// take takes the card in hand for one order. put presents it, and release gives it back:
// until then no other terminal has its chip.
func (p *payer) take(ctx context.Context, s *Script, by string) (put func() (reader.Presentation, error), release func(), err error) {
	if by == bySwipe {
		return func() (reader.Presentation, error) { return p.stripe.Swipe(), nil }, func() {}, nil
	}
	if !p.chip() {
		return nil, nil, fmt.Errorf("card %s has no chip to %s", p.shown(), by)
	}
	c, err := s.chips.of(p.entry)
	if err != nil {
		return nil, nil, err
	}
	if err := c.hold(ctx); err != nil {
		return nil, nil, err
	}
	if put, err = c.put(by == byTap); err != nil {
		c.release()
		return nil, nil, err
	}
	return put, c.release, nil
}

func (p *payer) shown() string {
	return cmp.Or(p.name, p.pan)
}

// ChipMemory opens what the chip of a card remembers, as scenarios.Real has it.
type ChipMemory func(card string, p icc.Profile) (icc.State, func(icc.State) error, error)

// chips are those of the cards that the script inserts or taps. Each goes on from order
// to order, whichever terminal it is in: a host takes no counter of a card twice.
type chips struct {
	open ChipMemory
	ring *emv.Keyring

	mu       sync.Mutex // guards what follows
	profiles map[string]icc.Profile
	named    map[string]*chip
}

// chip is that of one card.
type chip struct {
	free    chan struct{} // has one element while no terminal has it
	profile icc.Profile
	state   icc.State
	save    func(icc.State) error
}

// profile is that of a card's chip, made once: its keys take a while. A card without a
// chip has none.
func (cs *chips) profile(entry *scenarios.Card) (icc.Profile, error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	p, made := cs.profiles[entry.Name]
	if made || entry.Chip == nil {
		return p, nil
	}
	p, err := entry.Profile(cs.ring)
	if err == nil {
		cs.profiles[entry.Name] = p
	}
	return p, err
}

// of finds the chip of a card, or makes it.
func (cs *chips) of(entry *scenarios.Card) (*chip, error) {
	p, err := cs.profile(entry)
	if err != nil {
		return nil, err
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.named[entry.Name]; c != nil {
		return c, nil
	}
	return cs.opened(entry.Name, p)
}

// opened makes the chip of a card by its profile. cs.mu is held.
func (cs *chips) opened(name string, p icc.Profile) (*chip, error) {
	c := &chip{profile: p, free: make(chan struct{}, 1), save: func(icc.State) error { return nil }}
	if cs.open != nil {
		var err error
		if c.state, c.save, err = cs.open(name, p); err != nil {
			return nil, fmt.Errorf("card %s: %w", name, err)
		}
	}
	c.free <- struct{}{}
	cs.named[name] = c
	return c, nil
}

// hold waits for the card; the error is ctx's.
func (c *chip) hold(ctx context.Context) error {
	select {
	case <-c.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// release gives it back.
func (c *chip) release() { c.free <- struct{}{} }

// lend has the chips of some cards, by their names in order, in one hand until give. Two
// that want the same chips ask for them in the same order, and neither waits for the other
// for ever.
func (cs *chips) lend(ctx context.Context, entries []*scenarios.Card) (memory ChipMemory, give func(), err error) {
	lent, held := map[string]*chip{}, []*chip{}
	give = func() {
		for _, c := range held {
			c.release()
		}
	}
	for _, entry := range entries {
		if lent[entry.Name], err = cs.of(entry); err != nil {
			return nil, nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(lent)) {
		if err := lent[name].hold(ctx); err != nil {
			give()
			return nil, nil, err
		}
		held = append(held, lent[name])
	}
	memory = func(name string, _ icc.Profile) (icc.State, func(icc.State) error, error) {
		c := lent[name]
		if c == nil {
			return icc.State{}, nil, fmt.Errorf("card %s was not lent", name)
		}
		return c.state, func(s icc.State) error { c.state = s; return nil }, nil
	}
	return memory, give, nil
}

// close saves what they remember.
func (cs *chips) close() (err error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, c := range cs.named {
		err = errors.Join(err, c.save(c.state))
	}
	return err
}

// put makes the card ready for a reader.
func (c *chip) put(tap bool) (func() (reader.Presentation, error), error) {
	p := c.profile
	p.Contactless = tap
	made, err := icc.New(p, c.state)
	if err != nil {
		return nil, err
	}
	release := func() error { c.state = made.State(); return nil }
	return func() (reader.Presentation, error) {
		if tap {
			return &reader.Tap{Card: made, Release: release}, nil
		}
		return &reader.Chip{ATR: made.ATR(), Card: made, Release: release}, nil
	}, nil
}
