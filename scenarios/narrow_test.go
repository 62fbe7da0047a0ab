package scenarios

import (
	"regexp"
	"slices"
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

// TestNarrowedLeaves: what must be read whole is: a user's files, everything where no
// scenario is picked or where those to be run again are named, and a file in which the
// lines do not tell where scenarios begin.
func TestNarrowedLeaves(t *testing.T) {
	const head, one, two = "possim: 1\nscenarios:\n", "  - name: one # first\n    steps: []\n", "\n  - name: two\n    steps: []\n"
	pick := func(name string) bool { return name == "one" }
	for _, c := range []struct{ about, data, want string }{
		{"the others' lines are empty", head + one + two, head + one + "\n\n\n"},
		{"nothing picked", head + two, ""},
		{"no scenarios", "possim: 1\n", "whole"},
		{"cards of its own", "possim: 1\ncards: {}\nscenarios:\n" + one, "whole"},
		{"a name in quotes", head + "  - name: \"one\"\n", "whole"},
		{"a scenario that begins otherwise", head + one + "  - tags: a\n    name: two\n", "whole"},
		{"something behind", head + one + "terminal: {}\n", "whole"},
	} {
		got := narrow([]byte(c.data), pick)
		if whole := c.want == "whole"; whole != (got == nil) || !whole && string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.about, got, c.want)
		}
	}
	sources := []Source{{Path: "mine.yaml", Data: []byte(head + one)}, {Path: "catalog/x.yaml", Data: []byte(head + one + two)}}
	for _, o := range []Options{{}, {Filter: regexp.MustCompile("one"), Again: []Identity{{"mine.yaml", "one"}}}} {
		if got := Narrowed(sources, o); len(got) != 2 || got[0].part != nil || got[1].part != nil {
			t.Errorf("%+v: narrowed", o)
		}
	}
	if got := Narrowed(sources[1:], Options{Filter: regexp.MustCompile("three")}); len(got) != 1 || got[0].part != nil {
		t.Error("nothing is picked, and the list of what there is is not whole")
	}
	if got := Narrowed(sources, Options{Filter: regexp.MustCompile("one")}); got[0].part != nil || got[1].part == nil {
		t.Error("a user's file is narrowed, or one of the catalog is not")
	}
}
