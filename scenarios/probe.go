package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// object is a JSON Schema, or a part of one.
type object = map[string]any

// probe is what a parser has when it reads no file but is asked what it would take.
// Each primitive (mapping, text, choice, count and so on) then notes its vocabulary or
// its bounds for the node it is given, reads nothing and fails at nothing. The nodes
// are stand-ins: one of each kind for every value, so that a reader that looks at the
// kind shows all it can take. Schema is what was noted: schema and parser are one code
// and cannot disagree about a key, a word or a bound.
type probe struct {
	taken map[*yaml.Node][]object
	names map[*yaml.Node]string // of the mappings
	defs  map[string]*vocabulary
}

func newProbe() *probe {
	return &probe{map[*yaml.Node][]object{}, map[*yaml.Node]string{}, map[string]*vocabulary{}}
}

// anyKind is the kind of a stand-in that passes for a value of every kind. It comes
// last, since some values are kept and read when the rest of their mapping is.
const anyKind = yaml.Kind(0)

func standIns() []*yaml.Node {
	return []*yaml.Node{{Kind: yaml.ScalarNode}, {Kind: yaml.MappingNode}, {Kind: anyKind}}
}

// note notes that n may be this, if it stands in for a value of that kind.
func (b *probe) note(n *yaml.Node, kind yaml.Kind, s object) bool {
	if n.Kind != kind && n.Kind != anyKind {
		return false
	}
	b.taken[n] = append(b.taken[n], s)
	return true
}

// mapping notes a vocabulary; the second time it only points at it.
func (b *probe) mapping(n *yaml.Node, what string, f fields) bool {
	name := strings.ReplaceAll(what, " ", "-")
	if !b.note(n, yaml.MappingNode, object{"$ref": "#/$defs/" + name}) {
		return false
	}
	b.names[n] = name
	if known := b.defs[name]; known != nil {
		if !slices.Equal(words(known.values), words(f)) {
			panic("two vocabularies are called " + what) // a fault in this program, and every test sees it
		}
		return true
	}
	v := &vocabulary{values: map[string][]*yaml.Node{}}
	b.defs[name] = v
	for _, key := range words(f) {
		v.values[key] = standIns()
		for _, s := range v.values[key] {
			f[key](s)
		}
	}
	return true
}

// pairs notes a mapping with free keys.
func (b *probe) pairs(n *yaml.Node, what string, do func(k, v *yaml.Node)) {
	key, values := &yaml.Node{Kind: yaml.ScalarNode}, standIns()
	if b.note(n, yaml.MappingNode, object{"type": "object", "description": what, "minProperties": 1,
		"propertyNames": []*yaml.Node{key}, "additionalProperties": values}) {
		for _, v := range values {
			do(key, v)
		}
	}
}

// list notes a list that must not be empty.
func (b *probe) list(n *yaml.Node, what string, do func(v *yaml.Node)) {
	items := standIns()
	if b.note(n, yaml.SequenceNode, object{"type": "array", "description": what, "minItems": 1, "items": items}) {
		for _, v := range items {
			do(v)
		}
	}
}

// scalar notes a text: written is the form that is asked for, and number what bounds
// it where the editor's YAML takes it for a number.
func (b *probe) scalar(n *yaml.Node, what string, written *regexp.Regexp, number object) {
	s := object{"type": []string{"string"}, "description": what, "pattern": written.String()}
	if number != nil {
		s["type"] = []string{"string", "number"}
	}
	for key, value := range number {
		s[key] = value
	}
	b.note(n, yaml.ScalarNode, s)
}

// choice notes the words of a closed list, in which "_" may stand for "-".
func (b *probe) choice(n *yaml.Node, what string, known []string) {
	var spelt []string
	for _, word := range known {
		for _, s := range []string{word, strings.ReplaceAll(word, "_", "-"), strings.ReplaceAll(word, "-", "_")} {
			if !slices.Contains(spelt, s) {
				spelt = append(spelt, s)
			}
		}
		if strings.Count(word, "-")+strings.Count(word, "_") > 1 { // and every mixture
			b.note(n, yaml.ScalarNode, object{"type": "string", "pattern": "^" + strings.NewReplacer("-", "[-_]", "_", "[-_]").Replace(regexp.QuoteMeta(word)) + "$"})
		}
	}
	b.words(n, what, spelt)
}

// words notes a few words. Words of digits are numbers to an editor; those are allowed
// by a double negation, so that it completes 0210 and never 210.
func (b *probe) words(n *yaml.Node, what string, known []string) {
	var numbers []float64
	for _, word := range known {
		if v, err := strconv.ParseFloat(word, 64); err == nil {
			numbers = append(numbers, v)
		}
	}
	b.note(n, yaml.ScalarNode, object{"description": what, "enum": known})
	if numbers != nil {
		b.note(n, yaml.ScalarNode, object{"type": "number", "not": object{"not": object{"enum": numbers}}})
	}
}

// null notes that there may be no value.
func (b *probe) null(n *yaml.Node) {
	b.note(n, yaml.ScalarNode, object{"type": "null"})
}
