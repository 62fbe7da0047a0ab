package main

import (
	"context"
	"strings"

	"possim/emulator"
	"possim/emulator/kernel"
	"possim/reader"
	"possim/reader/icc"
	"possim/reader/protocol"
	"possim/reader/serialport"
	"possim/scenarios"
)

// freeTap is up to how much a tap needs neither PIN nor signature: 1000.00, as in China.
const freeTap = 100_000

// ways counts the flags that say where the card comes from.
func (s *station) ways() (n int) {
	for _, way := range []string{s.reader, s.swipe, s.insert, s.tap} {
		if way != "" {
			n++
		}
	}
	return n
}

// equip gives a terminal with a chip reader what it needs to know of chips.
func (s *station) equip(c *emulator.Config) error {
	c.Contactless = s.tap != "" || strings.HasPrefix(s.reader, "pcsc:")
	c.ChipReader = c.Contactless || s.insert != "" || serialChips(s.reader)
	if !c.ChipReader {
		return nil
	}
	var err error
	c.EMV, err = testEMV()
	return err
}

// testEMV is what a terminal knows of test cards with chips.
func testEMV() (emulator.EMV, error) {
	keys, err := scenarios.TestCAPKs()
	return emulator.EMV{CAPKs: keys, Contactless: kernel.Contactless{CVM: freeTap + 1, NoPIN: freeTap, NoSignature: freeTap}}, err
}

// serialChips reports whether a serial reader has a slot for chips, by the protocol that
// its URL names. A URL that is none is for openSerial to refuse. Where the protocol is yet
// to be found out (auto) the terminal is one of stripes: a chip card would otherwise have
// to use a slot that is not there.
func serialChips(text string) bool {
	config, err := serialport.ParseURL(text)
	return err == nil && protocol.HasSlot(config.Protocol)
}

// chipReader is a reader with one simulated chip card, presented once.
type chipReader struct {
	*icc.Card
	file *cardState
	tap  bool
	done bool
}

// openChip makes a chip card of the catalog, with what it remembers of earlier sales.
func (s *station) openChip(name string, tap bool) (reader.Reader, error) {
	entry, err := catalogCard(name)
	if err != nil {
		return nil, err
	}
	p, err := entry.Profile(scenarios.Keyring())
	if err != nil {
		return nil, usage("%w", err)
	}
	p.Contactless = tap
	file, err := s.openChipState(s.state, name, p)
	if err != nil {
		return nil, err
	}
	state, err := file.load()
	if err != nil {
		file.close()
		return nil, err
	}
	c, err := icc.New(p, state)
	if err != nil {
		file.close()
		return nil, usage("%w", err)
	}
	return &chipReader{Card: c, file: file, tap: tap}, nil
}

// Next implements reader.Reader.
func (r *chipReader) Next(ctx context.Context, _ reader.Ask) (reader.Presentation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.done {
		return nil, reader.ErrEnd
	}
	r.done = true
	release := func() error { return r.file.save(r.State()) }
	if r.tap {
		return &reader.Tap{Card: r, Release: release}, nil
	}
	return &reader.Chip{ATR: r.ATR(), Card: r, Release: release}, nil
}

// Close implements reader.Reader.
func (r *chipReader) Close() error {
	r.file.close()
	return nil
}
