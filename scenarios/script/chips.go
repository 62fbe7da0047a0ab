package script

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"possim/reader"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/scenarios"
)

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
	left    int // counters that what is saved is ahead by, at least
}

// What is saved while a run goes on counts ahead of the card: should the run be killed, the
// card has lost some counters, and uses none twice.
const (
	ahead   = 500
	perHold = 10 // counters that one order, or one scenario, uses at most
)

// reserve saves the chip ahead of itself, once in a while.
func (c *chip) reserve() error {
	if c.left -= perHold; c.left >= 0 {
		return nil
	}
	made, err := icc.New(c.profile, c.state)
	if err != nil {
		return err
	}
	saved := made.State()
	for i := range saved.Apps {
		app := &saved.Apps[i]
		if app.ATC >= math.MaxUint16-ahead { // the card is at its end
			continue
		}
		if app.ATC += ahead; app.LastOnline > 0 { // how far it is behind stays what it is
			app.LastOnline += ahead
		}
	}
	c.left = ahead - perHold
	return c.save(saved)
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
	c := &chip{profile: p, free: make(chan struct{}, 1), save: func(icc.State) error { return nil }}
	if cs.open != nil {
		if c.state, c.save, err = cs.open(entry.Name, p); err != nil {
			return nil, fmt.Errorf("card %s: %w", entry.Name, err)
		}
	}
	c.free <- struct{}{}
	cs.named[entry.Name] = c
	return c, nil
}

// hold waits for the card; the error is ctx's, or that its memory cannot be saved.
func (c *chip) hold(ctx context.Context) error {
	select {
	case <-c.free:
	case <-ctx.Done():
		return ctx.Err()
	}
	err := c.reserve()
	if err != nil {
		c.release()
	}
	return err
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
