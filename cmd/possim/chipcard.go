package main

import (
	"possim/reader/icc"
	"possim/scenarios"
)

// emulatedChip makes the chip of a card of the catalog, with the applications of a
// profile, and keys that possim host verifies with. What the card's entry says of a chip
// of that profile holds.
func emulatedChip(profile, name string) (*icc.Card, error) {
	if name == "" {
		return nil, usage("whose chip? say --card, a card of the catalog")
	}
	entry, err := catalogCard(name)
	if err != nil {
		return nil, err
	}
	c := *entry
	if c.Chip == nil || c.Chip.Profile != profile {
		c.Chip = &scenarios.Chip{Profile: profile}
	}
	p, err := c.Profile(nil)
	if err != nil {
		return nil, usage("--chip: %w", err)
	}
	made, err := icc.New(p, icc.State{})
	if err != nil {
		return nil, usage("--chip: %w", err)
	}
	return made, nil
}
