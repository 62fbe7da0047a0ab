package scenarios

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/reader/card"
)

// cards reads a cards: section into set, and returns them in order.
func (p *parser) cards(n *yaml.Node, set map[string]*Card) []*Card {
	var out []*Card
	p.pairs(n, "cards", func(k, v *yaml.Node) {
		c := &Card{Pos: Pos{k.Line, k.Column}, Name: k.Value}
		c.Entry.Kind = "debit"
		p.card(v, c)
		for _, o := range out {
			if o.Entry.PAN == c.Entry.PAN && c.Entry.PAN != "" {
				p.fail(k, "card %q has the number of card %q: the host can tell them apart by nothing else", c.Name, o.Name)
			}
		}
		set[c.Name] = c
		out = append(out, c)
	})
	return out
}

// card reads one card's entry.
func (p *parser) card(n *yaml.Node, c *Card) {
	var code *yaml.Node
	unverified := false
	ok := p.mapping(n, "a card", fields{
		"pan":    func(v *yaml.Node) { c.Entry.PAN = p.pan(v) },
		"expiry": func(v *yaml.Node) { c.Entry.Expiry = p.expiry(v) },
		"kind":   func(v *yaml.Node) { c.Entry.Kind = p.choice(v, "kind of card", "debit", "credit") },
		"service_code": func(v *yaml.Node) {
			code, c.Entry.ServiceCode = v, card.ServiceCode(p.digits(v, "service_code", 3, 3))
		},
		"pin":     func(v *yaml.Node) { c.Entry.PIN = p.pin(v) },
		"cvn":     func(v *yaml.Node) { c.Entry.CVN = registry.Digits(p.cvn(v)) },
		"psn":     func(v *yaml.Node) { c.PSN = p.digits(v, "psn", 2, 3) },
		"holder":  func(v *yaml.Node) { c.Holder = p.holder(v) },
		"account": func(v *yaml.Node) { p.account(v, c) },
		"chip":    func(v *yaml.Node) { c.Chip = p.chip(v) },
		"keys":    func(v *yaml.Node) { unverified = p.issuerKeys(v, c) },
	})
	p.agree(c, code, unverified)
	p.needs(n, ok, "pan", c.Entry.PAN != "", "card %q has no pan", c.Name)
	p.needs(n, ok, "expiry", c.Entry.Expiry != (card.Expiry{}), "card %q has no expiry: write YYMM, such as 2912", c.Name)
}

// failedIn reports whether an error was noted inside n, so that one mistake gives one error.
func (p *parser) failedIn(n *yaml.Node) bool {
	last := lastLine(n)
	for _, e := range p.errs {
		if e.Line >= n.Line && e.Line <= last {
			return true
		}
	}
	return false
}

// lastLine returns the last line on which something of n begins.
func lastLine(n *yaml.Node) int {
	last := n.Line
	for _, c := range n.Content {
		last = max(last, lastLine(c))
	}
	return last
}

// pan reads a card number; the digits are never shown again.
func (p *parser) pan(n *yaml.Node) card.PAN {
	return card.PAN(p.secretDigits(n, "pan", 8, 19)) // ISO/IEC 7812-1: up to 19 digits
}

// pin reads a PIN, and never shows it.
func (p *parser) pin(n *yaml.Node) hsm.PIN {
	pin, _ := hsm.ParsePIN(p.secretDigits(n, "pin", 4, 12)) // ISO 9564-1; "" is none
	return pin
}

// cvn reads the verification value on a stripe, and never shows it.
func (p *parser) cvn(n *yaml.Node) string { return p.secretDigits(n, "cvn", 3, 3) }

// expiry reads YYMM.
func (p *parser) expiry(n *yaml.Node) card.Expiry {
	s := p.digits(n, "expiry (YYMM)", 4, 4)
	if s == "" {
		return card.Expiry{}
	}
	e, err := card.ParseExpiry(s)
	if err != nil {
		p.fail(n, "%v", err)
	}
	return e
}

// holder reads a name that track 1 can carry (ISO/IEC 7813: 2 to 26 characters).
func (p *parser) holder(n *yaml.Node) string {
	s := p.text(n, "holder")
	if s == "" {
		return s
	}
	for _, r := range s {
		if r < 0x20 || r > 0x5F || strings.ContainsRune("%^?", r) {
			p.fail(n, "holder: track 1 cannot carry %q: use capital letters, digits, space, / and -", r)
			return ""
		}
	}
	if len(s) < 2 || len(s) > 26 {
		p.fail(n, "holder has 2 to 26 characters on track 1, not %d", len(s))
	}
	return s
}

// account reads what the host knows; "none" is a card it does not know.
func (p *parser) account(n *yaml.Node, c *Card) {
	if n.Kind == yaml.ScalarNode {
		c.Unknown = p.choice(n, "account (a mapping or none)", "none") == "none"
		return
	}
	p.mapping(n, "account", fields{
		"status":          func(v *yaml.Node) { c.Entry.Status = p.status(v) },
		"balance":         func(v *yaml.Node) { c.Entry.Balance = new(p.amount(v, "balance").Minor) },
		"day_limit":       func(v *yaml.Node) { c.Entry.DayAmount = new(p.amount(v, "day_limit").Minor) },
		"day_count":       func(v *yaml.Node) { c.Entry.DayCount = new(int64(p.count(v, "day_count", 0, 1_000_000))) },
		"per_transaction": func(v *yaml.Node) { c.Entry.PerTransaction = new(p.amount(v, "per_transaction").Minor) },
	})
}

// status reads a status word; stop_payment and stop-payment are one.
func (p *parser) status(n *yaml.Node) registry.Status {
	var known []string
	for _, s := range registry.Statuses() {
		known = append(known, string(s))
	}
	return registry.Status(p.choice(n, "status", known...))
}
