package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
)

// defaultTerminal is the terminal of a scenario that says nothing of it.
func defaultTerminal() Terminal { return Terminal{TID: "00000001", MID: registry.DefaultMID} }

// terminal reads what a scenario says of its terminal into t.
func (p *parser) terminal(n *yaml.Node, t *Terminal) {
	p.mapping(n, "terminal", fields{
		"tid":            func(v *yaml.Node) { t.TID = p.sized(v, "tid", 8) },
		"mid":            func(v *yaml.Node) { t.MID = p.sized(v, "mid", 15) },
		"merchant":       func(v *yaml.Node) { t.Merchant = p.text(v, "merchant") },
		"reversal_after": func(v *yaml.Node) { t.ReversalAfter = p.duration(v, "reversal_after", 1) },
		"tries":          func(v *yaml.Node) { t.Tries = p.count(v, "tries", 1, 99) },
		"chip_reader":    func(v *yaml.Node) { t.ChipReader = p.flag(v, "chip_reader") },
		"contactless":    func(v *yaml.Node) { t.Contactless = p.flag(v, "contactless") },
		"floor_limit":    func(v *yaml.Node) { t.FloorLimit = p.amount(v, "floor_limit").Minor },
		"taps":           func(v *yaml.Node) { p.taps(v, &t.Taps) },
		"aids":           func(v *yaml.Node) { p.list(v, "aids", func(v *yaml.Node) { t.AIDs = append(t.AIDs, p.aid(v)) }) },
		"day_limit":      func(v *yaml.Node) { t.DayLimit = new(p.amount(v, "day_limit").Minor) },
		"merchant_limit": func(v *yaml.Node) { t.MerchantLimit = new(p.amount(v, "merchant_limit").Minor) },

		"power":          func(v *yaml.Node) { t.Off = p.choice(v, "power", "on", "off") == "off" },
		"mac":            func(v *yaml.Node) { t.MAC = p.algorithm(v) },
		"tmk":            func(v *yaml.Node) { t.TMK = p.key(v) },
		"dukpt":          func(v *yaml.Node) { t.BDK = p.baseKey(v) },
		"pin_format":     func(v *yaml.Node) { t.PIN = p.pinFormat(v) },
		"stan":           func(v *yaml.Node) { t.LastSTAN = p.count(v, "stan (the last number drawn)", 0, 999_999) },
		"clock":          func(v *yaml.Node) { t.Clock = p.drift(v) },
		"batch":          func(v *yaml.Node) { t.Batch = p.digits(v, "batch", 6, 6) },
		"pin_entry":      func(v *yaml.Node) { t.PINEntry = p.flag(v, "pin_entry") },
		"no_pin_up_to":   func(v *yaml.Node) { t.NoPINUpTo = p.amount(v, "no_pin_up_to").Minor },
		"encrypt_tracks": func(v *yaml.Node) { t.EncryptTracks = p.flag(v, "encrypt_tracks") },
		"currency":       func(v *yaml.Node) { t.Currency = money.Currency(p.digits(v, "currency (ISO 4217, digits)", 3, 3)) },
		"operator":       func(v *yaml.Node) { t.Operator = p.digits(v, "operator", 2, 2) },
	})
}

// algorithm reads how a terminal seals its messages.
func (p *parser) algorithm(n *yaml.Node) hsm.MACAlgorithm {
	return hsm.MACAlgorithm(p.choice(n, "MAC", string(NoMAC),
		string(hsm.MACECB), string(hsm.MACX99), string(hsm.MACX919), string(hsm.MACCMAC)))
}

// key reads a TDES key in hexadecimal, and never shows it.
func (p *parser) key(n *yaml.Node) hsm.Key {
	s := p.text(n, "a key")
	if s == "" {
		return hsm.Key{}
	}
	k, err := hsm.ParseKey(hsm.TDES, s)
	if err != nil {
		p.fail(n, "%v", err)
	}
	return k
}

// baseKey reads a base derivation key, and never shows it.
func (p *parser) baseKey(n *yaml.Node) hsm.Key {
	s := p.text(n, "a base key")
	if s == "" {
		return hsm.Key{}
	}
	k, err := hsm.ParseDUKPTKey(s)
	if err != nil {
		p.fail(n, "%v", err)
	}
	return k
}

// pinFormat reads how PIN blocks are laid out: as UnionPay's 53.1 and ISO 9564 number it.
func (p *parser) pinFormat(n *yaml.Node) hsm.PINFormat {
	return map[string]hsm.PINFormat{"1": hsm.NoPAN, "3": hsm.ISO3, "4": hsm.ISO4}[p.choice(n, "PIN format", "0", "1", "3", "4")]
}

// sized reads a text of exactly so many printable ASCII characters (F41, F42).
func (p *parser) sized(n *yaml.Node, what string, size int) string {
	if p.probe != nil {
		p.probe.scalar(n, what, regexp.MustCompile(fmt.Sprintf("^[ -~]{%d}$", size)), object{"minimum": 0, "maximum": math.Pow10(size) - 1})
		return ""
	}
	s := p.text(n, what)
	if s == "" {
		return s
	}
	for _, r := range s {
		if r < 0x20 || r > 0x7E {
			p.fail(n, "%s: %q is not an ASCII character", what, r)
			return s
		}
	}
	if len(s) != size {
		p.fail(n, "%s has %d characters, not %d", what, size, len(s))
	}
	return s
}

// host reads what a scenario says of its host and the way to it.
func (p *parser) host(n *yaml.Node, s *Scenario) {
	p.mapping(n, "host", fields{
		"mac":      func(v *yaml.Node) { s.Host.MAC = p.choice(v, "policy", "require", "off") },
		"fallback": func(v *yaml.Node) { s.Host.Fallback = p.flag(v, "fallback") },
		"codes":    func(v *yaml.Node) { s.Host.Codes = p.codes(v) },
		"faults": func(v *yaml.Node) {
			p.list(v, "faults", func(v *yaml.Node) {
				if f, ok := p.fault(v); ok {
					s.Faults = append(s.Faults, f)
				}
			})
		},
	})
}

// codes reads which response code the host gives for the status of a card.
func (p *parser) codes(n *yaml.Node) map[registry.Status]wire.Code {
	out := map[registry.Status]wire.Code{}
	p.pairs(n, "codes", func(k, v *yaml.Node) {
		s := p.like(v, "a code", codeForm, "two characters such as 62 or A8")
		out[p.status(k)] = wire.Code(s)
	})
	return out
}

// What can stand in F39; an expectation may bind it to a name.
var (
	codeForm       = regexp.MustCompile(`^[0-9A-Z]{2}$`)
	codeOrNameForm = regexp.MustCompile(`^([0-9A-Z]{2}|\$[\s\S]*)$`)
)

// drift reads how far the terminal's clock is off: +10m or -1h.
func (p *parser) drift(n *yaml.Node) time.Duration {
	s := p.text(n, "clock")
	if s == "" {
		return 0
	}
	if s[0] != '+' && s[0] != '-' {
		p.fail(n, "clock of a terminal is how far it is off, such as +10m or -1h, not %s", kindName(n))
		return 0
	}
	copied := *n
	copied.Value = s[1:]
	d := p.duration(&copied, "clock", time.Second)
	if s[0] == '-' {
		return -d
	}
	return d
}
