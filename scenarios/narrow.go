package scenarios

import (
	"slices"
	"strings"
)

// Narrowed returns the sources with those files that ship marked down to the scenarios
// that o picks, be it by a filter, by tags or by which to run again; files without any are
// left out. Load then reads so much less for one scenario. Where nothing is picked it
// returns the sources as they are: what is to be said then needs them all. A user's own
// files are read whole whatever is run of them: an error in them is his to know.
func Narrowed(sources []Source, o Options) []Source {
	if o.Filter == nil && len(o.Tags) == 0 && o.Again == nil {
		return sources
	}
	var out []Source
	for _, s := range sources {
		if !strings.HasPrefix(s.Path, catalogDir) {
			out = append(out, s)
			continue
		}
		if s.part = narrow(s.Path, s.Data, o.picks); s.part == nil || len(s.part) > 0 {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return sources
	}
	return out
}

// picks reports whether a scenario has to be read. Of those that are to be run again all
// have: what is missing there is not to be said of one that the filter leaves out.
func (o *Options) picks(s *Scenario) bool {
	if o.Again != nil {
		return slices.ContainsFunc(o.Again, func(i Identity) bool { return i.same(s) })
	}
	return o.wants(s)
}

// begins stands before the name of each scenario of the catalog.
const begins = "\n  - name: "

// narrow returns a file of the catalog with the lines of every scenario emptied that pick
// does not want, so that what is left stands where it stood. Nothing picked is an empty
// file; a file not written as the catalog's are is nil.
func narrow(path string, data []byte, pick func(*Scenario) bool) []byte {
	const list = "\nscenarios:"
	head, rest, found := strings.Cut(string(data), list+"\n")
	shared, plain := tagsIn(head, "\n")
	if !found || !plain || strings.Contains(head, "\ncards:") { // they would be called unused
		return nil
	}
	parts := strings.Split("\n"+rest, begins)
	if !within(parts[0]) {
		return nil
	}
	out, some := []byte(head+list+parts[0]), false // before the first scenario there may be comments
	for _, part := range parts[1:] {
		s, plain := outline(part)
		if !plain || !within(part) {
			return nil
		}
		s.File, s.Tags = path, append(s.Tags, shared...)
		if pick(s) {
			some = true
			out = append(append(out, begins...), part...)
		} else {
			out = append(out, strings.Repeat("\n", 1+strings.Count(part, "\n"))...)
		}
	}
	if !some {
		return []byte{}
	}
	return out
}

// within reports whether behind the first line, which is that of a scenario's name, nothing
// but comments stands further left than a scenario's own lines.
func within(part string) bool {
	_, rest, _ := strings.Cut(part, "\n")
	for line := range strings.Lines(rest) {
		if text := strings.TrimSpace(line); text != "" && text[0] != '#' && !strings.HasPrefix(line, "    ") {
			return false
		}
	}
	return true
}

// outline reads name and tags of a scenario. Where YAML may mean others it is not plain.
func outline(part string) (s *Scenario, plain bool) {
	name, _, _ := strings.Cut(part, "\n")
	name, _, _ = strings.Cut(name, " #")
	if name == "" || strings.ContainsRune("\"'|>[{&*!", rune(name[0])) {
		return nil, false
	}
	tags, plain := tagsIn(part, "\n    ")
	return &Scenario{Name: redact(strings.TrimSpace(name)), Tags: tags}, plain
}

// tagsIn reads the line of tags that begins with indent, as in "tags: [void, reversal]".
func tagsIn(text, indent string) (tags []string, plain bool) {
	_, line, found := strings.Cut(text, indent+"tags:")
	if !found {
		return nil, true
	}
	line, _, _ = strings.Cut(line, "\n")
	inner, opens := strings.CutPrefix(line, " [")
	inner, closes := strings.CutSuffix(inner, "]")
	if !opens || !closes || strings.ContainsAny(inner, "\"'[]{}#&*!") {
		return nil, false
	}
	for tag := range strings.SplitSeq(inner, ",") {
		tags = append(tags, redact(strings.TrimSpace(tag)))
	}
	return tags, true
}
