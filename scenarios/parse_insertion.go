package scenarios

import (
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/emulator/kernel"
	"possim/host"
	"possim/reader/emv"
	"possim/reader/icc"
)

// insert reads the name of a card with a chip, or what is wrong with it this time.
func (r *stepReader) insert(n *yaml.Node) Insert {
	var s Insert
	if n.Kind == yaml.ScalarNode {
		s.Card = r.text(n, "a card's name")
		r.withChip(n, s.Card)
		return s
	}
	ok := r.mapping(n, "the card", fields{
		"card": func(v *yaml.Node) {
			s.Card = r.text(v, "card")
			r.withChip(v, s.Card)
		},
		"faults": func(v *yaml.Node) {
			c := Chip{Faults: []icc.Fault{}}
			r.items(v, "faults", func(v *yaml.Node) { r.chipFault(v, &c) })
			s.Faults = c.Faults
		},
	})
	r.needs(n, ok, "card", s.Card != "", "the step does not say which card")
	return s
}

// withChip notes the use of a card, which must have a chip.
func (r *stepReader) withChip(n *yaml.Node, name string) {
	r.named(n, name)
	if c := r.cards.find(name); c != nil && c.Chip == nil {
		r.fail(n, "card %q has no chip: its entry gets one by chip: unionpay-debit", name)
	}
}

// choose reads the title or the number of an application, or cancel.
func (r *stepReader) choose(n *yaml.Node) Action {
	s := r.text(n, "choose (an application's name or number, or cancel)")
	if s == "cancel" || s == "取消" {
		return Choose{Cancel: true}
	}
	if i, err := strconv.Atoi(s); err == nil && i > 0 && i < 100 {
		return Choose{Number: i}
	}
	return Choose{Title: s}
}

// acts is what an issuer can have done, by the words of a script step.
var acts = map[string]host.ScriptAct{
	"block-application": host.BlockApplication, "unblock-application": host.UnblockApplication,
	"block-card": host.BlockCard, "unblock-pin": host.UnblockPIN,
}

// script reads {card: chip, do: block-application} or {card: chip, pin: 654321}.
func (r *stepReader) script(n *yaml.Node) Action {
	var s Script
	var o host.Script
	ok := r.mapping(n, "script", fields{
		"card": func(v *yaml.Node) {
			s.Card = r.text(v, "card")
			r.withChip(v, s.Card)
		},
		"do":    func(v *yaml.Node) { o.Do = acts[r.choice(v, "what a script does", slices.Sorted(maps.Keys(acts))...)] },
		"pin":   func(v *yaml.Node) { o.Do, o.PIN = host.ChangePIN, r.pin(v) },
		"limit": func(v *yaml.Node) { o.Do, o.Tag, o.Value = host.PutData, emv.TagPBOCCumulativeLimit, r.bcdAmount(v) },
		"first": func(v *yaml.Node) { o.First = r.flag(v, "first") },
	})
	r.probe.of(n).require("card")
	r.probe.of(n).group("anyOf", "do", "pin", "limit")
	switch {
	case !ok || r.failedIn(n):
	case s.Card == "":
		r.fail(n, "the script does not say for which card")
	case o.Do == "":
		r.fail(n, "the script has nothing to do: give it do:, pin: or limit:")
	}
	s.Orders = []host.Script{o}
	return s
}

// bcdAmount reads an amount as a card keeps it: n12.
func (p *parser) bcdAmount(n *yaml.Node) []byte {
	digits := strconv.FormatInt(p.amount(n, "limit").Minor, 10)
	b, _ := hex.DecodeString(strings.Repeat("0", max(0, 12-len(digits))) + digits) // digits are hex
	return b
}

// taps reads what a terminal allows a tap.
func (p *parser) taps(n *yaml.Node, c *kernel.Contactless) {
	amount := func(key string, to ...*int64) func(*yaml.Node) {
		return func(v *yaml.Node) {
			for _, t := range to {
				*t = p.amount(v, key).Minor
			}
		}
	}
	p.mapping(n, "taps", fields{
		"limit":        amount("limit", &c.Limit),
		"floor":        amount("floor", &c.Floor),
		"cvm":          amount("cvm", &c.CVM),
		"no_pin_up_to": amount("no_pin_up_to", &c.NoPIN, &c.NoSignature),
	})
}

// aid reads one of the applications that a terminal knows.
func (p *parser) aid(n *yaml.Node) []byte {
	s := strings.ToUpper(p.text(n, "an AID"))
	var known []string
	for _, a := range emulator.DefaultApplications() {
		known = append(known, strings.ToUpper(hex.EncodeToString(a.AID)))
	}
	if s != "" && !slices.Contains(known, s) {
		p.unknown(n, "the terminal knows no application", known)
		return nil
	}
	b, _ := hex.DecodeString(s) // it is one of the known
	return b
}

// readable notes chips that no reader of the terminal takes.
func (r *stepReader) readable(steps []*Step, t Terminal) {
	for _, s := range steps {
		switch a := s.Action.(type) {
		case Insert:
			if !t.ChipReader {
				r.at(s.Line, s.Column, "the terminal has no chip reader: write terminal: {chip_reader: true}")
			}
		case Tap:
			if !t.Contactless {
				r.at(s.Line, s.Column, "the terminal takes no taps: write terminal: {chip_reader: true, contactless: true}")
			}
		case Repeat:
			r.readable(a.Do, t)
		}
	}
}
