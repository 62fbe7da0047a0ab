package draft

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/reader/card"
)

// A world is what the file of a recorded scenario says beside its steps: how its
// terminal and its host are set, and which cards there are.
type world struct {
	terminal *yaml.Node
	host     *yaml.Node
	cards    []*yaml.Node // names and entries, the scenario's own behind the file's
}

// worldAt reads the world of the scenario that begins on a line of a file; the zero
// world where there is none.
func worldAt(text string, line int) (w world) {
	var document yaml.Node
	if yaml.Unmarshal([]byte(text), &document) != nil || len(document.Content) == 0 {
		return w
	}
	file := document.Content[0]
	scenarios := member(file, "scenarios")
	if scenarios == nil {
		return w
	}
	at := slices.IndexFunc(scenarios.Content, func(n *yaml.Node) bool { return n.Line == line })
	if at < 0 {
		return w
	}
	scenario := scenarios.Content[at]
	for _, from := range []*yaml.Node{file, scenario} {
		w.terminal = merged(w.terminal, member(from, "terminal"))
		w.host = merged(w.host, member(from, "host"))
		if cards := member(from, "cards"); cards != nil {
			w.cards = append(w.cards, cards.Content...)
		}
	}
	return w
}

// member returns what a mapping has under a key, nil without it.
func member(mapping *yaml.Node, key string) *yaml.Node {
	if mapping == nil || mapping.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

// merged is a mapping with what a later one says instead or besides.
func merged(base, over *yaml.Node) *yaml.Node {
	if over == nil || over.Kind != yaml.MappingNode {
		return base
	}
	out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := 0; base != nil && i+1 < len(base.Content); i += 2 {
		if member(over, base.Content[i].Value) == nil {
			out.Content = append(out.Content, base.Content[i], base.Content[i+1])
		}
	}
	out.Content = append(out.Content, over.Content...)
	return out
}

// card returns the name and the entry that the world has for a card's number.
func (w *world) card(pan card.PAN) (name, entry string, ok bool) {
	for i := 0; i+1 < len(w.cards); i += 2 {
		if number := member(w.cards[i+1], "pan"); number != nil && card.PAN(strings.ReplaceAll(number.Value, " ", "")) == pan {
			name, entry, ok = w.cards[i].Value, flow(w.cards[i+1]), true
		}
	}
	return name, entry, ok
}

// flow writes a node on one line, "" where that cannot be.
func flow(n *yaml.Node) string {
	text, err := yaml.Marshal(bare(n))
	line := strings.Join(strings.Fields(string(text)), " ")
	if err != nil || !strings.HasPrefix(line, "{") {
		return ""
	}
	return line
}

// bare is a node on one line without comments.
func bare(n *yaml.Node) *yaml.Node {
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) | yaml.FlowStyle}
	for _, c := range n.Content {
		out.Content = append(out.Content, bare(c))
	}
	return out
}
