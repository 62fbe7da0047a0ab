package main

import (
	"possim/reader/icc"
)

// chipSeed is what the keys of emulated chip cards come from.
const chipSeed = "possim"

// emulatedChip makes the chip of a card of the catalog, with the applications of a profile.
func emulatedChip(profile, name string) (*icc.Card, error) {
	if name == "" {
		return nil, usage("whose chip? say --card, a card of the catalog")
	}
	c, err := catalogCard(name)
	if err != nil {
		return nil, err
	}
	sequence := c.PSN
	if sequence == "" {
		sequence = "01"
	}
	p, err := icc.Shipped(profile, icc.Person{Seed: chipSeed, Holder: icc.Holder{
		PAN: c.Entry.PAN, Sequence: sequence, Expiry: c.Entry.Expiry, ServiceCode: c.Entry.ServiceCode,
		PIN: icc.Secret(c.Entry.PIN.Reveal()),
	}})
	if err != nil {
		return nil, usage("--chip: %w", err)
	}
	made, err := icc.New(p, icc.State{})
	if err != nil {
		return nil, usage("--chip: %w", err)
	}
	return made, nil
}
