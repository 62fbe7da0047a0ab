package scenarios

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"possim/host/wire"
)

// Parse reads one scenario file. known are the cards that every file may name
// beside its own (the catalog's); nil is none. The error is an Errors with
// everything that is wrong with the file.
func Parse(path string, data []byte, known map[string]*Card) (*File, error) {
	p := &parser{file: path}
	f := p.parseFile(data, known, true)
	if errs := p.sorted(); len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// ParseCards reads the cards of a card file: any scenario file, whose scenarios
// are then optional. They come in the order of the file.
func ParseCards(path string, data []byte) ([]*Card, error) {
	p := &parser{file: path}
	f := p.parseFile(data, nil, false)
	if f != nil && len(f.Cards) == 0 && len(p.errs) == 0 {
		p.at(1, 1, "the file has no cards: write them under %q", "cards:")
	}
	if errs := p.sorted(); len(errs) > 0 {
		return nil, errs
	}
	return f.Cards, nil
}

// parseFile reads the file in the order in which its parts need each other,
// whatever the order in which they are written.
func (p *parser) parseFile(data []byte, known map[string]*Card, whole bool) *File {
	root := p.root(data)
	if root == nil {
		return nil
	}
	f := &File{Path: p.file, text: data}
	base := Scenario{File: f.Path, Terminal: defaultTerminal()}
	var version, cards, terminal, host, scenarios *yaml.Node
	keep := func(to **yaml.Node) func(*yaml.Node) { return func(v *yaml.Node) { *to = v } }
	ok := p.mapping(root, "a scenario file", fields{
		"possim":    keep(&version),
		"posim":     keep(&version),
		"suite":     func(v *yaml.Node) { f.Suite = redact(p.text(v, "suite")) },
		"tags":      func(v *yaml.Node) { f.Tags = p.tags(v) },
		"dialects":  func(v *yaml.Node) { base.Dialects = p.dialects(v) },
		"cards":     keep(&cards),
		"terminal":  keep(&terminal),
		"host":      keep(&host),
		"scenarios": keep(&scenarios),
	})
	if !ok {
		return f
	}
	if version != nil && p.text(version, "possim") != "1" {
		p.fail(version, "this is version 1 of the scenario language, not %s", kindName(version))
	}
	base.Suite, base.Tags = f.Suite, f.Tags
	own := map[string]*Card{}
	if cards != nil {
		f.Cards = p.cards(cards, own)
	}
	base.cards = cardSet{own, known}
	if terminal != nil {
		p.terminal(terminal, &base.Terminal)
	}
	if host != nil {
		p.host(host, &base)
	}
	p.scenarios(root, scenarios, base, f, whole)
	return f
}

// scenarios reads the list of scenarios and looks for cards nobody used.
func (p *parser) scenarios(root, list *yaml.Node, base Scenario, f *File, whole bool) {
	if list == nil {
		if whole {
			p.fail(root, "the file has no scenarios: write them under %q", "scenarios:")
		}
		return
	}
	names := map[string]bool{}
	p.list(list, "scenarios", func(v *yaml.Node) {
		s := p.scenario(v, base)
		if s == nil {
			return
		}
		if names[s.Name] && s.Name != "" {
			p.fail(v, "scenario %q stands twice in this file", s.Name)
		}
		names[s.Name] = true
		f.Scenarios = append(f.Scenarios, s)
	})
	p.unusedCards(f.Cards)
}

// unusedCards notes cards that no step names: most often a step that names the wrong one.
func (p *parser) unusedCards(cards []*Card) {
	for _, c := range cards {
		if !c.used && !p.mentioned[c.Name] {
			p.at(c.Line, c.Column, "card %q is never used: swipe it or take it out", c.Name)
		}
	}
}

// scenario reads one scenario.
func (p *parser) scenario(n *yaml.Node, base Scenario) *Scenario {
	s := base
	s.Pos = Pos{n.Line, n.Column}
	s.Tags, s.Faults = slices.Clone(base.Tags), slices.Clone(base.Faults)
	var steps *yaml.Node
	var cards []*Card
	own := map[string]*Card{}
	ok := p.mapping(n, "a scenario", fields{
		"name":     func(v *yaml.Node) { s.Name = redact(p.text(v, "name")) },
		"tags":     func(v *yaml.Node) { s.Tags = append(s.Tags, p.tags(v)...) },
		"skip":     func(v *yaml.Node) { s.Skip = redact(p.text(v, "skip (the reason)")) },
		"only":     func(v *yaml.Node) { s.Only = p.flag(v, "only") },
		"dialects": func(v *yaml.Node) { s.Dialects = p.dialects(v) },
		"cards":    func(v *yaml.Node) { cards = p.cards(v, own) },
		"terminal": func(v *yaml.Node) { p.terminal(v, &s.Terminal) },
		"host":     func(v *yaml.Node) { p.host(v, &s) },
		"steps":    func(v *yaml.Node) { steps = v },
	})
	if !ok {
		return nil
	}
	s.cards = append(cardSet{own}, base.cards...)
	if s.Name == "" && !p.failedIn(n) {
		p.fail(n, "the scenario has no name")
	}
	if steps == nil {
		if !p.failedIn(n) {
			p.fail(n, "scenario %q has no steps", s.Name)
		}
		return &s
	}
	r := stepReader{parser: p, cards: s.cards, labels: map[string]bool{}}
	s.Steps = r.steps(steps, 0, 1)
	r.sequence(s.Steps)
	r.readable(s.Steps, s.Terminal)
	p.unusedCards(cards)
	return &s
}

// tags reads one word or a list of words.
func (p *parser) tags(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		return []string{redact(p.text(n, "tag"))}
	}
	var out []string
	p.list(n, "tags", func(v *yaml.Node) { out = append(out, redact(p.text(v, "tag"))) })
	return out
}

// dialects reads the names of dialects.
func (p *parser) dialects(n *yaml.Node) []string {
	var out []string
	one := func(v *yaml.Node) { out = append(out, p.choice(v, "dialect", wire.Names()...)) }
	if n.Kind == yaml.ScalarNode {
		one(n)
		return out
	}
	p.list(n, "dialects", one)
	return out
}
