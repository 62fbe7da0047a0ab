package main

import (
	"strings"

	"github.com/spf13/cobra"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
	"possim/scenarios"
)

// chipFlags say which chip card is meant.
type chipFlags struct {
	name, profileName, pan, expiry, psn, holder, pin, seed string
}

func (f *chipFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "card", "", "a card of the catalog, such as chip")
	flags.StringVar(&f.profileName, "profile", "", "what the chip is: "+strings.Join(icc.Names(), ", ")+" (default unionpay-debit, or the card's)")
	flags.StringVar(&f.pan, "pan", "", "the number, if not the card's (default a published test number)")
	flags.StringVar(&f.expiry, "expiry", "", "YYMM, if not the card's (default 3012)")
	flags.StringVar(&f.psn, "psn", "", "the sequence number, two digits (default 01)")
	flags.StringVar(&f.holder, "holder", "", "the name on it (default TEST/CARD)")
	flags.StringVar(&f.pin, "pin", "", "the PIN it verifies by itself (default none, or the card's)")
	flags.StringVar(&f.seed, "seed", "", "what its keys are made from (default the published seed of test issuers)")
	offers(cmd, "profile", icc.Names()...)
}

// profile makes the card that the flags describe.
func (f *chipFlags) profile() (icc.Profile, error) {
	c, err := f.entry()
	if err != nil {
		return icc.Profile{}, err
	}
	p, err := c.Profile(scenarios.Keyring())
	if err != nil {
		return p, usage("%w", err)
	}
	return p, nil
}

// entry is the card of the catalog, or one like it, with what the flags change.
func (f *chipFlags) entry() (*scenarios.Card, error) {
	c := &scenarios.Card{Name: "of the flags", Chip: &scenarios.Chip{Profile: "unionpay-debit"}}
	c.Entry.PAN, c.Entry.Expiry = "6210947000000021", card.Expiry{Year: 2030, Month: 12}
	if strings.HasPrefix(f.profileName, "visa") {
		c.Entry.PAN = "4111111111111111"
	}
	if f.name != "" {
		listed, err := catalogCard(f.name)
		if err != nil {
			return nil, err
		}
		c = listed
	}
	if f.profileName != "" {
		c.Chip = &scenarios.Chip{Profile: f.profileName}
	}
	if !c.Entry.ServiceCode.HasChip() {
		c.Entry.ServiceCode = "201"
	}
	c.Seed = registry.TestSeed
	if f.seed != "" {
		c.Seed = emv.Seed(f.seed)
	}
	return c, f.change(c)
}

// change writes what the flags say over an entry.
func (f *chipFlags) change(c *scenarios.Card) error {
	var err error
	if f.pan != "" {
		if c.Entry.PAN, err = card.ParsePAN(f.pan); err != nil {
			return usage("--pan: %w", err)
		}
	}
	if f.expiry != "" {
		if c.Entry.Expiry, err = card.ParseExpiry(f.expiry); err != nil {
			return usage("--expiry: %w", err)
		}
	}
	if f.psn != "" {
		c.PSN = f.psn
	}
	if f.holder != "" {
		c.Holder = f.holder
	}
	if f.pin != "" {
		if c.Entry.PIN, err = hsm.ParsePIN(f.pin); err != nil {
			return usage("--pin: %w", err)
		}
		if c.Chip != nil {
			c.Chip.PIN = "" // of its own: the card's counts now
		}
	}
	return nil
}
