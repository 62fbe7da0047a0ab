package scenarios

import (
	"context"
	"testing"
	"time"
)

func loadCatalog(t testing.TB) []*File {
	t.Helper()
	sources, err := CatalogSources()
	if err != nil {
		t.Fatal(err)
	}
	files, err := Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCatalogPasses(t *testing.T) {
	files := loadCatalog(t)
	begun := time.Now()
	sum, err := Run(context.Background(), files, Options{Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d scenarios in %s", len(sum.Results), time.Since(begun))
	for _, r := range sum.Results {
		for _, f := range r.Failures {
			t.Errorf("%s:%d: %s: step %d: %s: want %s, got %s", r.File, f.Line, r.Name, f.Step, f.Key, f.Want, f.Got)
		}
	}
	if len(sum.Results) < 24 {
		t.Errorf("got %d scenarios, want at least 24", len(sum.Results))
	}
}

// TestReadingHoldsForOtherSeeds: what the catalog expects of hands and stripes is
// far enough from the edges of the physics that no seed tips it over.
func TestReadingHoldsForOtherSeeds(t *testing.T) {
	files := loadCatalog(t)
	for seed := range uint64(8) {
		sum, err := Run(t.Context(), files, Options{Jobs: 2, Seed: seed + 1, Tags: []string{"reader"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range sum.Results {
			for _, f := range r.Failures {
				t.Errorf("seed %d: %s: %s: want %s, got %s", seed+1, r.Name, f.Key, f.Want, f.Got)
			}
		}
	}
}

// BenchmarkCatalog is the figure to watch: the whole catalog in under a second.
func BenchmarkCatalog(b *testing.B) {
	files := loadCatalog(b)
	for b.Loop() {
		if _, err := Run(b.Context(), files, Options{Jobs: 2}); err != nil {
			b.Fatal(err)
		}
	}
}
