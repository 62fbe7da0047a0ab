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
	f := p.fileAt(root, known, whole)
	f.text = data
	return f
}

// fileAt reads the file whose top mapping is root.
func (p *parser) fileAt(root *yaml.Node, known map[string]*Card, whole bool) *File {
	f := &File{Path: p.file}
	base := Scenario{File: f.Path, Terminal: defaultTerminal()}
	var cards, terminal, host, scenarios *yaml.Node
	keep := func(to **yaml.Node) func(*yaml.Node) { return func(v *yaml.Node) { *to = v } }
	ok := p.mapping(root, "a scenario file", fields{
		"possim":    p.version,
		"posim":     p.version,
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

// version reads the version of the language, of which there is one.
func (p *parser) version(n *yaml.Node) {
	if p.literal(n, "the version of the scenario language", "1") == "" {
		p.fail(n, "this is version 1 of the scenario language, not %s", kindName(n))
	}
}

// scenarios reads the list of scenarios and looks for cards nobody used.
func (p *parser) scenarios(root, list *yaml.Node, base Scenario, f *File, whole bool) {
	if whole {
		p.probe.of(root).require("scenarios")
	}
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
	p.needs(n, ok, "name", s.Name != "", "the scenario has no name")
	p.needs(n, ok, "steps", steps != nil, "scenario %q has no steps", s.Name)
	if steps == nil {
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
