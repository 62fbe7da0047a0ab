package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"possim/host"
	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
)

// sealing are the flags that say which keys a terminal and its host share, and
// whether their messages carry MACs.
type sealing struct {
	mac       string // require, off, or "": by the dialect
	algorithm string
	tmk       string
	kbpk      string
	dukpt     string
	pinFormat string
}

// randomness is where keys come from.
var randomness = rand.Reader

func (s *sealing) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.mac, "mac", "", "MACs on messages: require or off (default require in unionpay, off in the others)")
	f.StringVar(&s.tmk, "tmk", "", "terminal master key: 16, 32 or 48 hex digits, or a TR-31 block with --kbpk (default a published test key)")
	f.StringVar(&s.kbpk, "kbpk", "", "the key, in hex, that protects the TR-31 block of --tmk")
	offers(cmd, "mac", string(host.MACRequire), string(host.MACOff))
}

// registerMethod registers --mac-algorithm.
func (s *sealing) registerMethod(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.algorithm, "mac-algorithm", "", "how a MAC is computed: ecb (UnionPay), x9.9, x9.19 or cmac (default ecb, and cmac under AES keys)")
	offers(cmd, "mac-algorithm", string(hsm.MACECB), string(hsm.MACX99), string(hsm.MACX919), string(hsm.MACCMAC))
}

// policy is what --mac comes to in a dialect (RULES: security defaults).
func (s *sealing) policy(d *wire.Dialect) (host.MACPolicy, error) {
	switch p := host.MACPolicy(s.mac); p {
	case host.MACRequire, host.MACOff:
		return p, nil
	case "":
		if d.Name() == wire.UnionPay().Name() {
			return host.MACRequire, nil
		}
		return host.MACOff, nil
	}
	return "", usage("--mac %q: want require or off", s.mac)
}

// method is --mac-algorithm, of a host for the terminals that have keys of TDES.
func (s *sealing) method() (hsm.MACAlgorithm, error) {
	a, err := hsm.ParseMACAlgorithm(cmp.Or(s.algorithm, string(hsm.MACECB)))
	if err != nil {
		return "", usage("--mac-algorithm: %w", err)
	}
	return a, nil
}

// sealedWith is --mac-algorithm of a terminal: under AES keys there is but one.
func (s *sealing) sealedWith() (hsm.MACAlgorithm, error) {
	keys, err := s.derived()
	if err != nil {
		return "", err
	}
	a, err := s.method()
	if err != nil || keys.key.Algorithm() != hsm.AES {
		return a, err
	}
	if s.algorithm != "" && a != hsm.MACCMAC {
		return "", usage("--mac-algorithm %s is of TDES, and the key of --dukpt is an AES key: want cmac", a)
	}
	return hsm.MACCMAC, nil
}

// key is --tmk, and the published test key without it. An error shows nothing of
// what was given.
func (s *sealing) key() (hsm.Key, error) {
	if s.tmk == "" {
		if s.kbpk != "" {
			return hsm.Key{}, usage("--kbpk goes with --tmk and a TR-31 block")
		}
		return registry.TestTMK, nil
	}
	if s.kbpk != "" {
		return s.unblock()
	}
	key, err := hsm.ParseKey(hsm.TDES, s.tmk)
	if err != nil {
		return key, usage("--tmk: %w", err)
	}
	return key, nil
}

// unblock opens the TR-31 block of --tmk (ANSI X9.143): versions D and E are under
// an AES key, the others under TDES.
func (s *sealing) unblock() (hsm.Key, error) {
	family := hsm.TDES
	if strings.HasPrefix(s.tmk, "D") || strings.HasPrefix(s.tmk, "E") {
		family = hsm.AES
	}
	protection, err := hsm.ParseKey(family, s.kbpk)
	if err != nil {
		return hsm.Key{}, usage("--kbpk: %w", err)
	}
	key, _, err := hsm.OpenKeyBlock(protection, s.tmk)
	if err != nil {
		return hsm.Key{}, usage("--tmk: %w", err)
	}
	if key.Algorithm() != hsm.TDES {
		return hsm.Key{}, usage("--tmk: the block holds %v, and working keys travel under a TDES key", key)
	}
	return key, nil
}

// masterVariable is the environment's name for the key that keys at rest are wrapped under.
const masterVariable = "POSSIM_MASTER_KEY"

// master reads the key that keys at rest are wrapped under: from a file, or from
// the environment. Without either there is none.
func (a *app) master(file string) (hsm.Key, error) {
	if file != "" {
		text, err := os.ReadFile(file)
		if wrong, ok := errors.AsType[*fs.PathError](err); ok {
			err = wrong.Err // the name may be the key itself, typed where its file belongs
		}
		if err != nil {
			return hsm.Key{}, badFile(fmt.Errorf("--key-file: %w", err))
		}
		key, err := hsm.ParseMaster(string(text))
		if err != nil {
			return key, badFile(fmt.Errorf("%s:1:1: %w", file, err))
		}
		return key, nil
	}
	text := a.env(masterVariable)
	if text == "" {
		return hsm.Key{}, nil
	}
	key, err := hsm.ParseMaster(text)
	if err != nil {
		return key, badWorld(errors.New(masterVariable + ": " + err.Error()))
	}
	return key, nil
}
