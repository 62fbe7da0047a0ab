package scenarios

import (
	"context"
	"errors"
	"fmt"

	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/catalog"
	"possim/scenarios/journal"
)

// Rebuild builds the world of a scenario again from what its journal says of it, for a
// replay: the same host with the same books, clock and faults. sources are the
// journal's, by their paths.
func Rebuild(ctx context.Context, w journal.World, sources map[string]string, d *wire.Dialect) (journal.Stage, error) {
	sc, err := reread(w, sources)
	if err != nil {
		return journal.Stage{}, err
	}
	o := Options{Dialect: d, MAC: w.MAC, Method: hsm.MACAlgorithm(w.Method), kept: map[string]*kept{}, chips: map[string]*memory{}, ring: Keyring()}
	built, err := newWorld(ctx, sc, w.Seed, &o)
	if err != nil {
		return journal.Stage{}, err
	}
	return journal.Stage{
		Dial: func(ctx context.Context) (wire.Link, error) { return built.faults.Dial(ctx, built.dial) },
		Now:  built.now, Sleep: built.sleep, TMK: built.tmk, BDK: sc.Terminal.BDK, PIN: sc.Terminal.PIN, Simulated: true, Step: built.replay, Card: built.secrets,
	}, nil
}

// reread finds a scenario in the sources of its journal.
func reread(w journal.World, sources map[string]string) (*Scenario, error) {
	text, ok := sources[w.File]
	if !ok {
		return nil, fmt.Errorf("its file %s is not in the journal, as it names real cards or keys: say --host, or --cards", w.File)
	}
	list := catalogDir + catalog.CardsFile
	cards, err := ParseCards(list, []byte(sources[list]))
	if err != nil {
		return nil, err
	}
	file, err := Parse(w.File, []byte(text), byName(cards))
	if err != nil {
		return nil, err
	}
	for _, sc := range file.Scenarios {
		if sc.Name == w.Scenario && sc.Line == w.Line {
			return sc, nil
		}
	}
	return nil, errors.New("it is not in the journal's copy of " + w.File)
}

// replay does a step of the scenario that a journal names.
func (w *world) replay(_ context.Context, s journal.Step) error {
	if s.Verb == journal.StepFaults {
		for _, f := range w.sc.Faults {
			w.order(f)
		}
		return nil
	}
	for _, step := range flatten(w.sc.Steps) {
		if step.Line == s.Line && step.Column == s.Column && step.Verb == s.Verb {
			return w.arrange(step.Action)
		}
	}
	return fmt.Errorf("there is none at %d:%d of %s", s.Line, s.Column, w.sc.File)
}

// Secrets are what a replay puts in again: a journal never has them.
func (c *Card) Secrets() journal.Secrets {
	return journal.Secrets{PIN: c.Entry.PIN, CVN: string(c.Entry.CVN), Issuer: c.Entry.Issuer}
}

// secrets are what the holder of one of the scenario's cards knows.
func (w *world) secrets(pan card.PAN) (journal.Secrets, bool) {
	for i := len(w.sc.cards) - 1; i >= 0; i-- {
		for _, c := range w.sc.cards[i] {
			if c.PAN() == pan {
				return c.Secrets(), true
			}
		}
	}
	return journal.Secrets{}, false
}
