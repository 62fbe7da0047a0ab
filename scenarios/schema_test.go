package scenarios

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// compiled returns a schema in the hands of a validator that knows nothing of us.
func compiled(t testing.TB, schema map[string]any) *jsonschema.Schema {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("possim.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("possim.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What a plain scalar is in YAML 1.2's core schema (10.3.2), by which editors read.
var (
	coreNull  = regexp.MustCompile(`^(null|Null|NULL|~|)$`)
	coreBool  = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	coreInt   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	coreOther = regexp.MustCompile(`^(0o[0-7]+|0x[0-9a-fA-F]+)$`)
	coreFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// instance is what an editor makes of a node.
func instance(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = instance(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, instance(c))
		}
		return out
	case yaml.AliasNode:
		return instance(n.Alias)
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return n.Value
	}
	switch s := n.Value; {
	case coreNull.MatchString(s):
		return nil
	case coreBool.MatchString(s):
		return strings.EqualFold(s, "true")
	case coreInt.MatchString(s):
		s = strings.TrimLeft(strings.TrimPrefix(s, "+"), "0") // JSON has neither
		if rest, below := strings.CutPrefix(s, "-"); below {
			return json.Number("-" + orZero(strings.TrimLeft(rest, "0")))
		}
		return json.Number(orZero(s))
	case coreOther.MatchString(s):
		v, _ := strconv.ParseUint(s, 0, 64)
		return json.Number(fmt.Sprint(v))
	case coreFloat.MatchString(s):
		v, _ := strconv.ParseFloat(s, 64)
		return v
	}
	return n.Value
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// tree returns the top node of a YAML document, or nil.
func tree(data []byte) *yaml.Node {
	var docs []yaml.Node
	if err := yaml.Load(data, &docs, yaml.WithAllDocuments()); err != nil || len(docs) != 1 || len(docs[0].Content) == 0 {
		return nil
	}
	return docs[0].Content[0]
}

// good returns every file of scenarios that ships or that a test takes for good.
func good(t testing.TB) map[string][]byte {
	t.Helper()
	sources, err := CatalogSources()
	if err != nil {
		t.Fatal(err)
	}
	more, err := Sources("testdata/design.yaml")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{"several": []byte(several)}
	for _, s := range append(sources, more...) {
		out[s.Path] = s.Data
	}
	return out
}

// TestSchemaTakesWhatParseTakes: every good file is good to the schema too.
func TestSchemaTakesWhatParseTakes(t *testing.T) {
	schema := compiled(t, Schema())
	for name, data := range good(t) {
		if err := schema.Validate(instance(tree(data))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	cards, err := os.ReadFile("catalog/cards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled(t, CardSchema()).Validate(instance(tree(cards))); err != nil {
		t.Errorf("cards: %v", err)
	}
	if compiled(t, CardSchema()).Validate(instance(tree([]byte("possim: 1")))) == nil || schema.Validate(instance(tree(cards))) == nil {
		t.Error("cards and scenarios are one to the schemas")
	}
}

// TestSchemaTakesWhatOthersWrote: the scenarios of the docs and of the scripts that test
// the command, as far as the parser takes them.
func TestSchemaTakesWhatOthersWrote(t *testing.T) {
	schema, known, looked := compiled(t, Schema()), catalogCards(t), 0
	look := func(where string, text []byte) {
		if _, err := Parse("x.yaml", text, known); err != nil {
			return
		}
		looked++
		if err := schema.Validate(instance(tree(text))); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
	block := regexp.MustCompile("(?ms)^```yaml .*?$\n(.*?)^```$")
	for _, pattern := range []string{"../docs/*.md", "../README.md", "../cmd/possim/testdata/script/*.txtar"} {
		pages, err := filepath.Glob(pattern)
		if err != nil || len(pages) == 0 {
			t.Fatalf("%s: nothing is there", pattern)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range block.FindAllSubmatch(text, -1) {
				look(page, found[1])
			}
			for _, f := range txtar.Parse(text).Files {
				look(page+" "+f.Name, f.Data)
			}
		}
	}
	if looked < 10 {
		t.Errorf("%d files: the test shows little", looked)
	}
}

// TestSchemaRefusesTheBad: of the broken files the schema takes those alone whose
// mistakes are none of structure.
func TestSchemaRefusesTheBad(t *testing.T) {
	schema := compiled(t, Schema())
	beyond := map[string]string{
		"unused.yaml":        "whether a name or a card is used is no structure",
		"control.yaml":       "no YAML",
		"not-utf8.yaml":      "no YAML",
		"syntax.yaml":        "no YAML",
		"tab.yaml":           "no YAML",
		"empty.yaml":         "no document",
		"two-documents.yaml": "two documents",
	}
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no broken files")
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		refused := false
		if n := tree(data); n != nil {
			refused = schema.Validate(instance(n)) != nil
		}
		if why := beyond[filepath.Base(path)]; refused != (why == "") {
			t.Errorf("%s: refused is %t (%s)", path, refused, why)
		}
	}
}

// place is a node and how to reach it, indices left out.
type place struct {
	path string
	in   *yaml.Node
	at   int // of the value in its mapping or list
}

// places returns one place of every path in a file.
func places(n *yaml.Node, path string, seen map[string]place) {
	for i, c := range n.Content {
		at := path + "[]"
		switch {
		case n.Kind == yaml.MappingNode && i%2 == 0:
			continue
		case n.Kind == yaml.MappingNode:
			at = path + "." + n.Content[i-1].Value
		}
		if _, is := seen[at]; !is {
			seen[at] = place{at, n, i}
		}
		places(c, at, seen)
	}
}

// spoilt calls look with n after each of the ways in which a place can be spoilt, and
// mends it again.
func (p place) spoilt(look func(how string)) {
	in, old := p.in, p.in.Content[p.at]
	for kind, other := range map[string]*yaml.Node{
		"a list":    {Kind: yaml.SequenceNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}}},
		"nothing":   {Kind: yaml.ScalarNode, Value: "null", Tag: "!!null"},
		"a mapping": {Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: "x"}, {Kind: yaml.ScalarNode, Value: "y"}}},
		"a word":    {Kind: yaml.ScalarNode, Value: "zzz"},
		"a number":  {Kind: yaml.ScalarNode, Value: "-7", Tag: "!!int"},
	} {
		in.Content[p.at] = other
		look(kind)
	}
	in.Content[p.at] = old
	if in.Kind != yaml.MappingNode {
		return
	}
	key := in.Content[p.at-1]
	in.Content[p.at-1] = &yaml.Node{Kind: yaml.ScalarNode, Value: key.Value + "_x"}
	look("another key")
	in.Content[p.at-1] = key
	all := in.Content
	in.Content = slices.Concat(all[:p.at-1], all[p.at+1:])
	look("no key")
	in.Content = all
}

// TestSchemaIsTheParser spoils every kind of place of the good files in every way.
// Whatever the schema refuses the parser must refuse. What the parser refuses for a key
// or a kind the schema must refuse too.
func TestSchemaIsTheParser(t *testing.T) {
	schema, known := compiled(t, Schema()), catalogCards(t)
	structural := regexp.MustCompile(` has no key | is a mapping | is a list | is a text, not (a|nothing)|has no (name|steps|pan|expiry|mti)|says everything by itself`)
	seen := map[string]bool{}
	looked, refused := 0, 0
	files := good(t)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for _, doc := range alone(tree(files[name])) {
			found := map[string]place{}
			places(doc, "", found)
			for _, path := range slices.Sorted(maps.Keys(found)) {
				if seen[path] {
					continue
				}
				seen[path] = true
				found[path].spoilt(func(how string) {
					data, err := yaml.Dump(doc)
					if err != nil {
						t.Fatal(err)
					}
					_, wrong := Parse("x.yaml", data, known)
					invalid := schema.Validate(instance(tree(data)))
					looked++
					switch {
					case invalid != nil && wrong == nil:
						t.Errorf("%s of %s made %s: the schema alone refuses it: %v", path, name, how, invalid)
					case invalid == nil && wrong != nil && structural.MatchString(wrong.Error()):
						t.Errorf("%s of %s made %s: the parser alone refuses it: %v", path, name, how, wrong)
					case invalid != nil:
						refused++
					}
				})
			}
		}
	}
	t.Logf("%d places, %d files, %d refused", len(seen), looked, refused)
	if len(seen) < 200 || refused < looked/2 {
		t.Errorf("%d places, %d of %d files refused: the test shows little", len(seen), refused, looked)
	}
}

// alone returns a file once for each of its scenarios, with that alone.
func alone(root *yaml.Node) (docs []*yaml.Node) {
	for i := 0; i < len(root.Content); i += 2 {
		if root.Content[i].Value != "scenarios" {
			continue
		}
		for _, s := range root.Content[i+1].Content {
			copied := *root
			copied.Content = slices.Clone(root.Content)
			copied.Content[i+1] = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{s}}
			docs = append(docs, &copied)
		}
	}
	return docs
}
