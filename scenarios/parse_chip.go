package scenarios

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"

	"possim/host/registry"
	"possim/reader/card"
	"possim/reader/emv"
	"possim/reader/icc"
)

// chip reads a card's chip: the name of a profile, or a mapping that refines one.
func (p *parser) chip(n *yaml.Node) *Chip {
	c := &Chip{}
	if n.Kind == yaml.ScalarNode {
		c.Profile = p.chipProfile(n)
		return c
	}
	ok := p.mapping(n, "chip", fields{
		"profile":     func(v *yaml.Node) { c.Profile = p.chipProfile(v) },
		"faults":      func(v *yaml.Node) { p.items(v, "faults", func(v *yaml.Node) { p.chipFault(v, c) }) },
		"cvm":         func(v *yaml.Node) { c.CVM = p.choice(v, "cvm", slices.Sorted(maps.Keys(cvms))...) },
		"oda":         func(v *yaml.Node) { c.ODA = p.choice(v, "oda", slices.Sorted(maps.Keys(odas))...) },
		"offline_pin": func(v *yaml.Node) { c.PIN = icc.Secret(p.pin(v).Reveal()) },
		"tap_limit":   func(v *yaml.Node) { c.TapLimit = p.amount(v, "tap_limit").Minor },
		"effective":   func(v *yaml.Node) { c.Effective = p.expiry(v) },
		"risk":        func(v *yaml.Node) { p.items(v, "risk", func(v *yaml.Node) { p.chipRisk(v, c) }) },
	})
	p.needs(n, ok, "profile", c.Profile != "", "chip has no profile: write profile: unionpay-debit")
	return c
}

func (p *parser) chipProfile(n *yaml.Node) string {
	return p.choice(n, "chip profile", icc.Names()...)
}

// items reads a list, or the one item that stands for a list of one.
func (p *parser) items(n *yaml.Node, what string, do func(v *yaml.Node)) {
	if n.Kind == yaml.ScalarNode {
		do(n)
		return
	}
	p.list(n, what, do)
}

func (p *parser) chipFault(n *yaml.Node, c *Chip) {
	s := p.text(n, "fault")
	if s == "" {
		return
	}
	f, err := icc.ParseFault(s)
	if err != nil {
		p.fail(n, "%v", err)
		return
	}
	c.Faults = append(c.Faults, f)
}

func (p *parser) chipRisk(n *yaml.Node, c *Chip) {
	if set := risks[p.choice(n, "risk", slices.Sorted(maps.Keys(risks))...)]; set != nil {
		set(&c.Risk)
	}
}

// issuerKeys reads the master keys that a card's are derived from; "none" has the host
// verify no cryptogram.
func (p *parser) issuerKeys(n *yaml.Node, c *Card) (none bool) {
	if n.Kind == yaml.ScalarNode {
		return p.choice(n, "keys (a mapping or none)", "none") == "none"
	}
	ok := p.mapping(n, "keys", fields{
		"ac":  func(v *yaml.Node) { c.Master.AC = p.masterKey(v) },
		"mac": func(v *yaml.Node) { c.Master.MAC = p.masterKey(v) },
		"enc": func(v *yaml.Node) { c.Master.ENC = p.masterKey(v) },
	})
	p.needs(n, ok, "ac", !c.Master.AC.Zero(), "keys have no ac, by which cryptograms are verified")
	return false
}

// masterKey reads a key, and never shows it.
func (p *parser) masterKey(n *yaml.Node) emv.Key {
	s := p.text(n, "a key")
	if s == "" {
		return emv.Key{}
	}
	k, err := emv.ParseKey(s)
	if err != nil {
		p.fail(n, "%v", err)
	}
	return k
}

// agree settles what the entries of chip, keys and stripe say of each other. code is
// where the service code stands, nil where it is left out.
func (p *parser) agree(c *Card, code *yaml.Node, unverified bool) {
	switch {
	case code == nil && c.Chip != nil:
		c.Entry.ServiceCode = "201"
	case code == nil:
		c.Entry.ServiceCode = "101"
	case c.Chip != nil && c.Entry.ServiceCode != "" && !card.ServiceCode(c.Entry.ServiceCode).HasChip():
		p.fail(code, "service_code %s is of a card without a chip, and this one has one: write 2xx or 6xx, or leave it out", c.Entry.ServiceCode)
	}
	if unverified {
		return
	}
	c.Entry.Issuer = c.Master
	if c.Chip != nil && c.Chip.Profile != "" && c.Entry.PAN.Valid() {
		c.Entry.Issuer = c.Master.Or(icc.MasterKeys(c.Chip.Profile, registry.TestSeed, c.Entry.PAN))
	}
}
