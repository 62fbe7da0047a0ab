package scenarios

import (
	"go.yaml.in/yaml/v4"
)

// Schema returns the JSON Schema (2020-12) of scenario files, for editors. It is never
// stricter than Parse, of which it is the vocabulary. It is laxer where a text is judged
// by more than its form, such as the name of a card, and where one part of a file is
// judged by another.
func Schema() map[string]any {
	return schema("A scenario file of possim", true)
}

// CardSchema returns the JSON Schema of the card files that hosts take: ParseCards.
func CardSchema() map[string]any {
	return schema("A card file of possim", false)
}

func schema(title string, whole bool) object {
	p := &parser{probe: newProbe()}
	root := &yaml.Node{Kind: yaml.MappingNode}
	p.fileAt(root, nil, whole)
	if !whole {
		p.probe.of(root).require("cards")
	}
	defs := object{}
	for name, v := range p.probe.defs {
		defs[name] = p.probe.schema(v)
	}
	out := object{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, "$defs": defs}
	for key, value := range p.probe.taken[root][0] {
		out[key] = value
	}
	return out
}
