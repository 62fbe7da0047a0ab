package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSources: directories are walked in order, other files are left alone, and a
// file of cards in a directory is passed over.
func TestSources(t *testing.T) {
	dir := t.TempDir()
	const scenario = "scenarios: [{name: NAME, steps: [{sale: 1.00}, {swipe: good}]}]"
	for name, text := range map[string]string{
		"b.yaml":     strings.Replace(scenario, "NAME", "b", 1),
		"a.yml":      strings.Replace(scenario, "NAME", "a", 1),
		"sub/c.YAML": strings.Replace(scenario, "NAME", "c", 1),
		"cards.yaml": "cards: {x: {pan: 6222020000000015, expiry: 2912}}",
		"notes.txt":  "not YAML: [",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := Sources(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range files {
		got += f.Scenarios[0].Name
	}
	if got != "abc" {
		t.Errorf("got %q, want abc", got)
	}
	if _, err := Load([]Source{{Path: "cards.yaml", Data: sources[2].Data}}); err == nil {
		t.Error("a card file that was named as a scenario file was taken")
	}
}

func TestNothingThere(t *testing.T) {
	if _, err := Sources(t.TempDir()); err == nil {
		t.Error("an empty directory was taken")
	}
	if _, err := Sources("nowhere.yaml"); !os.IsNotExist(err) {
		t.Errorf("got %v, want that it does not exist", err)
	}
	if _, err := LoadCards("nowhere.yaml"); !os.IsNotExist(err) {
		t.Errorf("got %v, want that it does not exist", err)
	}
}

// TestList: names, places and tags.
func TestList(t *testing.T) {
	chosen, err := Select(load(t, several), Options{Tags: []string{"b"}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := List(&b, chosen); err != nil {
		t.Fatal(err)
	}
	if want := "second\tx.yaml:7\tall,b\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

// TestNearest: the words people mistype.
func TestNearest(t *testing.T) {
	known := []string{"swipe", "sale", "confirm", "clock", "good", "frozen", "0200", "0210"}
	for word, want := range map[string]string{
		"swpie": "swipe", "swip": "swipe", "Swipe": "swipe", "gud": "good", "confrim": "confirm", "froze": "frozen", "0201": "0200",
		"banana": "", "x": "", "": "", "交易": "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}
