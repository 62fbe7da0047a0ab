package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestNarrowed: each scenario of the catalog, read by itself, stands where it stands and
// has the steps it has when the catalog is read whole.
func TestNarrowed(t *testing.T) {
	sources, err := CatalogSources()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range loadCatalog(t) {
		for _, want := range f.Scenarios {
			o := Options{Filter: regexp.MustCompile("^" + regexp.QuoteMeta(want.Name) + "$")}
			files, err := Load(Narrowed(sources, o))
			if err != nil {
				t.Fatalf("%s: %v", want.Name, err)
			}
			got := files[0].Scenarios
			if len(files) != 1 || len(got) != 1 {
				t.Fatalf("%s:%d: %q is not read by itself: is its file written as the others are?", want.File, want.Line, want.Name)
			}
			if got[0].Pos != want.Pos || got[0].Name != want.Name || !slices.Equal(got[0].Tags, want.Tags) || len(got[0].Steps) != len(want.Steps) {
				t.Errorf("got %s at %v, %d steps; want %s at %v, %d steps", got[0].Name, got[0].Pos, len(got[0].Steps), want.Name, want.Pos, len(want.Steps))
			}
			if string(files[0].text) != string(f.text) {
				t.Errorf("%s: a journal would have another text of the file", want.Name)
			}
		}
	}
}

// TestNarrowedPicks: by each tag of the catalog, and as what is to be run again, the same
// scenarios are picked when only they are read as when all are.
func TestNarrowedPicks(t *testing.T) {
	sources, err := CatalogSources()
	if err != nil {
		t.Fatal(err)
	}
	whole, seen := loadCatalog(t), map[string]bool{}
	options := []Options{
		{Tags: []string{"void", "qr"}}, {Tags: []string{"void"}, Filter: regexp.MustCompile("lost")},
		{Tags: []string{"void"}, Again: []Identity{{"catalog/limits.yaml", "per-transaction limit"}}},
	}
	for _, f := range whole {
		for _, s := range f.Scenarios {
			options = append(options, Options{Again: []Identity{{s.File, s.Name}}})
			for _, tag := range s.Tags {
				if !seen[tag] {
					seen[tag] = true
					options = append(options, Options{Tags: []string{tag}})
				}
			}
		}
	}
	for _, o := range options {
		want, wrong := Select(whole, o)
		files, err := Load(Narrowed(sources, o))
		if err != nil {
			t.Fatalf("%q, %v: %v", o.Tags, o.Again, err)
		}
		got, err := Select(files, o)
		if fmt.Sprint(err) != fmt.Sprint(wrong) || len(got) != len(want) {
			t.Errorf("%q, %v: got %d scenarios, %v, want %d, %v", o.Tags, o.Again, len(got), err, len(want), wrong)
		}
		read := 0
		for _, f := range files {
			read += len(f.Scenarios)
		}
		if wrong == nil && o.Filter == nil && len(o.Again) < 2 && read != len(want) {
			t.Errorf("%q, %v: %d scenarios were read for %d", o.Tags, o.Again, read, len(want))
		}
	}
}

// TestNarrowedLeaves: what must be read whole is: a user's files, everything where no
// scenario is picked, and a file in which the lines do not tell where scenarios begin or
// what tags they have.
func TestNarrowedLeaves(t *testing.T) {
	const head, one, two = "possim: 1\nscenarios:\n", "  - name: one # first\n    steps: []\n", "\n  - name: two\n    steps: []\n"
	pick := func(s *Scenario) bool {
		return s.Name == "one" && s.File == "catalog/x.yaml" && strings.Join(s.Tags, " ") != "b a"
	}
	for _, c := range []struct{ about, data, want string }{
		{"the others' lines are empty", head + one + two, head + one + "\n\n\n"},
		{"nothing picked", head + two, ""},
		{"no scenarios", "possim: 1\n", "whole"},
		{"cards of its own", "possim: 1\ncards: {}\nscenarios:\n" + one, "whole"},
		{"a name in quotes", head + "  - name: \"one\"\n", "whole"},
		{"a scenario that begins otherwise", head + one + "  - tags: a\n    name: two\n", "whole"},
		{"something behind", head + one + "terminal: {}\n", "whole"},
		{"something before", "possim: 1\nscenarios:\n  []\n" + one, "whole"},
		{"tags that are picked", "tags: [a]\n" + head + one + "    tags: [c, b]\n", "tags: [a]\n" + head + one + "    tags: [c, b]\n"},
		{"tags that are not", "possim: 1\ntags: [a]\nscenarios:\n" + one + "    tags: [b]\n", ""},
		{"tags in lines", head + one + "    tags:\n      - b\n", "whole"},
		{"one tag", "possim: 1\ntags: a\nscenarios:\n" + one, "whole"},
		{"a tag in quotes", head + one + "    tags: [\"b\"]\n", "whole"},
		{"tags and a comment", head + one + "    tags: [b] # why\n", "whole"},
	} {
		got := narrow("catalog/x.yaml", []byte(c.data), pick)
		if whole := c.want == "whole"; whole != (got == nil) || !whole && string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.about, got, c.want)
		}
	}
	sources := []Source{{Path: "mine.yaml", Data: []byte(head + one)}, {Path: "catalog/x.yaml", Data: []byte(head + one + two)}}
	if got := Narrowed(sources, Options{}); len(got) != 2 || got[0].part != nil || got[1].part != nil {
		t.Error("narrowed to all")
	}
	if got := Narrowed(sources, Options{Filter: regexp.MustCompile("one"), Again: []Identity{{"mine.yaml", "one"}}}); len(got) != 1 || got[0].part != nil {
		t.Error("the filter keeps what is not to be run again, or a user's file is narrowed")
	}
	if got := Narrowed(sources[1:], Options{Filter: regexp.MustCompile("three")}); len(got) != 1 || got[0].part != nil {
		t.Error("nothing is picked, and the list of what there is is not whole")
	}
	if got := Narrowed(sources, Options{Filter: regexp.MustCompile("one")}); got[0].part != nil || got[1].part == nil {
		t.Error("a user's file is narrowed, or one of the catalog is not")
	}
}
