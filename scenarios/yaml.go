package scenarios

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// parser walks the nodes of one file. It goes on after an error, so that one
// run shows everything that is wrong with the file.
type parser struct {
	file  string
	lines []string
	errs  Errors
	// mentioned is every word below a key nobody knows: it may be the card that
	// would otherwise be called unused.
	mentioned map[string]bool
	// probe is there when the parser is asked what it takes instead of being given a file.
	probe *probe
}

// maxFile bounds a scenario file; the whole catalog is far smaller.
const maxFile = 4 << 20

// root returns the top mapping of the file, or nil after noting why there is none.
func (p *parser) root(data []byte) *yaml.Node {
	if len(data) > maxFile {
		p.at(1, 1, "the file is %d bytes long: scenario files end at %d", len(data), maxFile)
		return nil
	}
	p.lines = strings.Split(string(data), "\n")
	if !p.readable(data) {
		return nil
	}
	var docs []yaml.Node
	if err := yaml.Load(data, &docs, yaml.WithAllDocuments()); err != nil {
		p.syntax(err)
		return nil
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 {
		p.at(1, 1, "the file is empty: a scenario file begins with %q and has %q", "possim: 1", "scenarios:")
		return nil
	}
	if len(docs) > 1 {
		p.at(max(docs[1].Line, 1), max(docs[1].Column, 1), "a scenario file is one YAML document: put the second into a file of its own")
	}
	return docs[0].Content[0]
}

// readable finds bytes that YAML cannot carry; the library says so without a place.
func (p *parser) readable(data []byte) bool {
	line, column := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size < 2 {
			p.at(line, column, "byte 0x%02X is not UTF-8: save the file as UTF-8", data[0])
			return false
		}
		if r < 0x20 && r != '\n' && r != '\t' && r != '\r' {
			p.at(line, column, "control character 0x%02X", r)
			return false
		}
		if column++; r == '\n' {
			line, column = line+1, 1
		}
		data = data[size:]
	}
	return true
}

// syntax notes what the YAML library found.
func (p *parser) syntax(err error) {
	var many *yaml.LoadErrors
	var one *yaml.LoadError
	switch {
	case errors.As(err, &many):
		for _, e := range many.Errors {
			p.yamlError(e)
		}
	case errors.As(err, &one):
		p.yamlError(one)
	default:
		p.at(1, 1, "%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
}

// yamlError notes one error of the YAML library.
func (p *parser) yamlError(e *yaml.LoadError) {
	message := e.Message
	if strings.Contains(message, "no documents") {
		message = fmt.Sprintf("the file is empty: a scenario file begins with %q and has %q", "possim: 1", "scenarios:")
	}
	if e.ContextMsg != "" {
		message += " " + e.ContextMsg
	}
	if e.ContextMark.Line > 0 && e.ContextMark.Line != e.Mark.Line {
		message += fmt.Sprintf(" that began in line %d", e.ContextMark.Line)
	}
	p.at(max(e.Mark.Line, 1), max(e.Mark.Column, 1), "%s", message)
}

// at notes an error at a place and returns it, for a suggestion to be added.
func (p *parser) at(line, column int, format string, args ...any) *Error {
	if p.probe != nil {
		return &Error{}
	}
	line = min(line, max(1, len(p.lines))) // the library may point behind the end
	e := &Error{File: p.file, Line: line, Column: column, Message: redactSource(fmt.Sprintf(format, args...))}
	if line >= 1 && line <= len(p.lines) {
		e.Source, e.caret = window(redactSource(strings.TrimRight(p.lines[line-1], "\r")), column)
	}
	p.errs = append(p.errs, e)
	return e
}

// window returns the part of a long line around a column, and the column within it.
func window(line string, column int) (string, int) {
	const width = 160
	runes := []rune(strings.ReplaceAll(line, "\t", " "))
	if len(runes) <= width {
		return string(runes), column
	}
	from := min(max(0, column-width/2), len(runes)-width)
	return string(runes[from : from+width]), column - from
}

// mention notes the words below a node.
func (p *parser) mention(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		if p.mentioned == nil {
			p.mentioned = map[string]bool{}
		}
		p.mentioned[n.Value] = true
	}
	for _, c := range n.Content {
		p.mention(c)
	}
}

// fail notes an error at a node.
func (p *parser) fail(n *yaml.Node, format string, args ...any) *Error {
	return p.at(max(n.Line, 1), max(n.Column, 1), format, args...)
}

// sorted returns the errors in the order of the file.
func (p *parser) sorted() Errors {
	sort.SliceStable(p.errs, func(i, j int) bool {
		a, b := p.errs[i], p.errs[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return p.errs
}

// plain reports whether n is something the language has: no alias, no tag.
func (p *parser) plain(n *yaml.Node) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		p.fail(n, "anchors and aliases are not part of the language: write the value out")
		return false
	case n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str":
		p.fail(n, "tag %s is not part of the language", n.Tag)
		return false
	}
	return true
}

// kindName says what a node is, in words.
func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%q", n.Value)
}

// fields is the closed vocabulary of one mapping: what to do with each value.
type fields map[string]func(v *yaml.Node)

// mapping reads the mapping n, called what, through its vocabulary.
func (p *parser) mapping(n *yaml.Node, what string, f fields) bool {
	if p.probe != nil {
		return p.probe.mapping(n, what, f)
	}
	if !p.plain(n) {
		return false
	}
	if n.Kind != yaml.MappingNode {
		p.fail(n, "%s is a mapping (key: value), not %s", what, kindName(n))
		return false
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !p.plain(k) || !p.plain(v) {
			continue
		}
		read := f[k.Value]
		switch {
		case k.Kind != yaml.ScalarNode:
			p.fail(k, "a key of %s is a word, not %s", what, kindName(k))
		case seen[k.Value]:
			p.fail(k, "key %q stands twice in %s", k.Value, what)
		case read == nil:
			p.unknown(k, what+" has no key", words(f))
			p.mention(v)
		default:
			read(v)
		}
		seen[k.Value] = true
	}
	return true
}

// needs notes that the mapping n lacks a key, unless something else is wrong with it.
// ok is what mapping said of it, have whether the key gave anything.
func (p *parser) needs(n *yaml.Node, ok bool, key string, have bool, format string, args ...any) {
	p.probe.of(n).require(key)
	if ok && !have && !p.failedIn(n) {
		p.fail(n, format, args...)
	}
}

// pairs calls do for each key of a mapping with free keys, such as card names.
func (p *parser) pairs(n *yaml.Node, what string, do func(k, v *yaml.Node)) {
	if p.probe != nil {
		p.probe.pairs(n, what, do)
		return
	}
	if !p.plain(n) {
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		p.fail(n, "%s is a mapping (name: value), not %s", what, kindName(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case !p.plain(k) || !p.plain(v):
		case k.Kind != yaml.ScalarNode || k.Value == "":
			p.fail(k, "a name in %s is a word, not %s", what, kindName(k))
		case seen[k.Value]:
			p.fail(k, "%q stands twice in %s", k.Value, what)
		default:
			seen[k.Value] = true
			do(k, v)
		}
	}
}

// list calls do for each item of a list that must not be empty.
func (p *parser) list(n *yaml.Node, what string, do func(v *yaml.Node)) {
	if p.probe != nil {
		p.probe.list(n, what, do)
		return
	}
	if !p.plain(n) {
		return
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.fail(n, "%s is a list with at least one item, not %s", what, kindName(n))
		return
	}
	for _, v := range n.Content {
		if p.plain(v) {
			do(v)
		}
	}
}

// unknown notes a word outside a closed vocabulary, with the nearest one in it.
func (p *parser) unknown(n *yaml.Node, what string, known []string) {
	e := p.fail(n, "%s %q", what, n.Value)
	if e.Suggestion = nearest(n.Value, known); e.Suggestion == "" {
		sort.Strings(known)
		e.Message += ": it is one of " + strings.Join(known, ", ")
	}
}

// words returns the keys of a vocabulary, sorted.
func words[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
