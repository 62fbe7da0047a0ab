package scenarios

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// vocabulary is what was noted of one mapping.
type vocabulary struct {
	values   map[string][]*yaml.Node // the stand-ins of the value of each key
	required []string
	groups   []object // of keys of which one, or at least one, must be there
	least    int
}

// of returns the vocabulary of a mapping; one of no use outside a probe.
func (b *probe) of(n *yaml.Node) *vocabulary {
	if b == nil || b.defs[b.names[n]] == nil {
		return &vocabulary{}
	}
	return b.defs[b.names[n]]
}

// require notes keys that must be there.
func (v *vocabulary) require(keys ...string) {
	for _, key := range keys {
		if !slices.Contains(v.required, key) {
			v.required = append(v.required, key)
		}
	}
}

// group notes keys of which one ("oneOf") or at least one ("anyOf") must be there.
func (v *vocabulary) group(how string, keys ...string) {
	var all []object
	for _, key := range keys {
		all = append(all, object{"required": []string{key}})
	}
	if g := (object{how: all}); !slices.ContainsFunc(v.groups, func(have object) bool { return fmt.Sprint(have) == fmt.Sprint(g) }) {
		v.groups = append(v.groups, g)
	}
}

// schema is the vocabulary as a JSON Schema.
func (b *probe) schema(v *vocabulary) object {
	properties := object{}
	for key, values := range v.values {
		properties[key] = b.resolve(values)
	}
	out := object{"type": "object", "additionalProperties": false, "properties": properties}
	if len(v.required) > 0 {
		out["required"] = v.required
	}
	if len(v.groups) > 0 {
		out["allOf"] = v.groups
	}
	if v.least > 0 {
		out["minProperties"] = v.least
	}
	return out
}

// resolve puts in place of stand-ins what was noted of them.
func (b *probe) resolve(x any) any {
	switch x := x.(type) {
	case object:
		out := object{}
		for key, value := range x {
			if out[key] = b.resolve(value); key == "propertyNames" && len(out[key].(object)) == 0 {
				delete(out, key)
			}
		}
		return out
	case []*yaml.Node:
		var all []any
		seen := map[string]bool{}
		for _, n := range x {
			for _, s := range b.taken[n] {
				s := b.resolve(s)
				if text := fmt.Sprint(s); !seen[text] {
					seen[text] = true
					all = append(all, s)
				}
			}
		}
		switch len(all) {
		case 0:
			return object{}
		case 1:
			return all[0]
		}
		return object{"anyOf": all}
	}
	return x
}
