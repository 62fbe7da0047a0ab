package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzScenario: whatever a file holds, it loads or every error has a place, and
// no card number of it is shown. What loads is good to the schema too.
func FuzzScenario(f *testing.F) {
	sources, err := CatalogSources()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range sources {
		f.Add(s.Data)
	}
	bad, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, path := range bad {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("scenarios: [{name: x, steps: [{repeat: 2, do: [{repeat: 2, do: [{sale: 1}]}]}]}]"))
	known, schema := catalogCards(f), compiled(f, Schema())
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("fuzz.yaml", data, known)
		if err == nil {
			if len(file.Scenarios) == 0 {
				t.Fatal("a file without scenarios was taken")
			}
			for _, s := range file.Scenarios {
				if len(flatten(s.Steps)) > maxSteps*10 {
					t.Fatal("repeats unfold without end")
				}
			}
			if err := schema.Validate(instance(tree(data))); err != nil {
				t.Fatalf("the schema alone refuses it: %v", err)
			}
			return
		}
		var errs Errors
		if !errors.As(err, &errs) || len(errs) == 0 {
			t.Fatalf("got %T, want Errors", err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, e := range errs {
			if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Message == "" {
				t.Fatalf("no place in %d lines: %+v", lines, e)
			}
		}
		if shown := errs.Error(); strings.Contains(shown, "6222020000000015") {
			t.Fatalf("a card number is in the clear:\n%s", shown)
		}
	})
}
