package main

import (
	"strings"

	"github.com/spf13/cobra"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
)

// derivation is what --dukpt says: a base derivation key, or one terminal's initial key
// with its serial number.
type derivation struct {
	key hsm.Key
	ksn hsm.KSN // nil beside a base key
}

// registerDUKPT registers --dukpt.
func (s *sealing) registerDUKPT(cmd *cobra.Command, what string) {
	cmd.Flags().StringVar(&s.dukpt, "dukpt", "", what)
}

// What --dukpt is at a host and at a terminal.
const (
	dukptHost     = "base derivation key (BDK) of terminals whose messages name a key serial number: 32 hex digits of TDES, or aes: and 32, 48 or 64"
	dukptTerminal = "DUKPT in place of --tmk: an initial key and its serial number, IK+KSN in hex, or the BDK it is derived from for --tid; aes: before an AES key"
)

// derived is --dukpt. An error shows nothing of what was given.
func (s *sealing) derived() (d derivation, err error) {
	if s.dukpt == "" {
		return d, nil
	}
	text, serial, isInitial := strings.Cut(s.dukpt, "+")
	if d.key, err = hsm.ParseDUKPTKey(text); err != nil {
		return d, usage("--dukpt: %w", err)
	}
	if !isInitial {
		return d, nil
	}
	if d.ksn, err = hsm.ParseKSN(serial); err != nil {
		return d, usage("--dukpt: %w", err)
	}
	if (d.key.Algorithm() == hsm.AES) != (len(d.ksn) == aesKSN) {
		return d, usage("--dukpt: a key serial number of %d hex digits goes with a key of the other family: 20 with TDES, 24 with aes:", 2*len(d.ksn))
	}
	return d, nil
}

// aesKSN is the length of a key serial number of AES DUKPT (ANSI X9.24-3), bytes.
const aesKSN = 12

// base is --dukpt of a host: a base key, or none.
func (s *sealing) base() (hsm.Key, error) {
	d, err := s.derived()
	if d.ksn != nil {
		return hsm.Key{}, usage("--dukpt: the host wants the base derivation key, without +KSN: it derives those of its terminals")
	}
	return d.key, err
}

// injected is --dukpt of terminals; nil without it.
func (s *sealing) injected() (func(tid string) (emulator.DUKPT, error), error) {
	d, err := s.derived()
	switch {
	case err != nil || d.key.Zero():
		return nil, err
	case s.tmk != "":
		return nil, usage("--dukpt and --tmk exclude each other: a terminal has keys of one kind")
	case d.ksn != nil:
		return func(string) (emulator.DUKPT, error) { return emulator.DUKPT{Key: d.key, KSN: d.ksn.With(0)}, nil }, nil
	}
	return func(tid string) (emulator.DUKPT, error) {
		keys, err := emulator.InjectDUKPT(d.key, tid)
		if err != nil {
			return keys, usage("--dukpt: %w", err)
		}
		return keys, nil
	}, nil
}

// pinFormats is what --pin-format takes: UnionPay's two, and ISO 9564's by their numbers.
var pinFormats = map[string]hsm.PINFormat{"0": hsm.ISO0, "1": hsm.NoPAN, "3": hsm.ISO3, "4": hsm.ISO4}

// registerPIN registers --pin-format.
func (s *sealing) registerPIN(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.pinFormat, "pin-format", "0", "PIN blocks of field 52: ISO 9564 format 0, 3 or 4 (AES, 16 bytes, with --dukpt aes:), or 1 for 0 without the card's number (53.1 = 1)")
	offers(cmd, "pin-format", "0", "1", "3", "4")
}

// pins is --pin-format, refused where no PIN could go so.
func (s *sealing) pins(d *wire.Dialect) (hsm.PINFormat, error) {
	f, known := pinFormats[s.pinFormat]
	if !known {
		return f, usage("--pin-format: want 0, 1, 3 or 4")
	}
	keys, err := s.derived()
	if err != nil || s.pinFormat == "0" {
		return f, err
	}
	c := emulator.Config{PINEntry: true, PINFormat: f}
	if err := c.PINFits(d, emulator.DUKPT{Key: keys.key}); err != nil {
		return f, usage("--pin-format: %w", err)
	}
	if keys.key.Algorithm() == hsm.AES && f != hsm.ISO4 {
		return f, errAESPIN
	}
	return f, nil
}

var errAESPIN = usage("an AES key makes PIN blocks of format 4 alone: say --pin-format 4, in a dialect whose field 52 has 16 bytes")
