package scenarios

import (
	"bytes"
	"strings"
)

// Narrowed returns the sources with those files that ship marked down to the scenarios
// that the filter of o picks; files without any are left out. Load then reads so much
// less for one scenario. Where nothing is picked, and where o says which to run again, it
// returns the sources as they are: what is to be said then needs them all. A user's own
// files are read whole whatever is run of them: an error in them is his to know.
func Narrowed(sources []Source, o Options) []Source {
	if o.Filter == nil || o.Again != nil {
		return sources
	}
	var out []Source
	for _, s := range sources {
		if !strings.HasPrefix(s.Path, catalogDir) {
			out = append(out, s)
			continue
		}
		if s.part = narrow(s.Data, o.Filter.MatchString); s.part == nil || len(s.part) > 0 {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return sources
	}
	return out
}

// begins stands before the name of each scenario of the catalog.
const begins = "  - name: "

// narrow returns a file of the catalog with the lines of every scenario emptied that pick
// does not want, so that what is left stands where it stood. Nothing picked is an empty
// file; a file not written as the catalog's are is nil.
func narrow(data []byte, pick func(name string) bool) []byte {
	head, lines, found := strings.Cut(string(data), "\nscenarios:\n")
	if !found || strings.Contains(head, "\ncards:") { // they would be called unused
		return nil
	}
	out := bytes.Clone(data[:len(data)-len(lines)])
	some, keep := false, true // before the first scenario there may be comments
	for line := range strings.Lines(lines) {
		name, begun := strings.CutPrefix(line, begins)
		switch text := strings.TrimSpace(line); {
		case begun:
			name, _, _ = strings.Cut(name, " #")
			if strings.ContainsRune("\"'|>[{&*!", rune(name[0])) { // YAML may mean another name
				return nil
			}
			keep = pick(redact(strings.TrimSpace(name)))
			some = some || keep
		case text != "" && text[0] != '#' && !strings.HasPrefix(line, "    "):
			return nil
		}
		if !keep {
			line = "\n"
		}
		out = append(out, line...)
	}
	if !some {
		return []byte{}
	}
	return out
}
