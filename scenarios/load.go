package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"possim/scenarios/catalog"
)

// Source is a scenario file that was read but not parsed.
type Source struct {
	Path string
	Data []byte
	// Found says that the file was met in a directory and not named: a file that
	// has cards and no scenarios is then passed over.
	Found bool
	// part is what of Data is to be read, as Narrowed has it; nil is all.
	part []byte
}

// Sources reads files and, below directories, every .yaml and .yml file, in the
// order of their names. A directory without one is an error: nothing passes
// because nothing was there.
func Sources(paths ...string) ([]Source, error) {
	var out []Source
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			data, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			out = append(out, Source{Path: mine(path), Data: data})
			continue
		}
		found, err := below(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: no .yaml or .yml file is in this directory", path)
		}
		out = append(out, found...)
	}
	return out, nil
}

// below reads every YAML file under a directory.
func below(root string) ([]Source, error) {
	var out []Source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isYAML(path) {
			return err
		}
		data, err := os.ReadFile(path)
		out = append(out, Source{Path: mine(path), Data: data, Found: true})
		return err
	})
	return out, err
}

func isYAML(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".yaml" || ext == ".yml"
}

// catalogDir stands before the names of files that ship, and of no others.
const catalogDir = "catalog/"

// mine is how a file of the user's is named: one in a directory catalog of his own is
// none that ships.
func mine(path string) string {
	if strings.HasPrefix(filepath.ToSlash(filepath.Clean(path)), catalogDir) {
		return "./" + filepath.Clean(path)
	}
	return path
}

// CatalogSources returns the scenario files that ship.
func CatalogSources() ([]Source, error) {
	entries, err := catalog.FS.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var out []Source
	for _, e := range entries {
		if e.Name() == catalog.CardsFile || e.Name() == catalog.DownloadsFile {
			continue
		}
		data, err := catalog.FS.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, Source{Path: catalogDir + e.Name(), Data: data})
	}
	return out, nil
}

// Load parses files. They may name the catalog's cards and more, which hide those
// of the same name. The error is an Errors with everything wrong in all of them.
func Load(sources []Source, more ...*Card) ([]*File, error) {
	cards, err := CatalogCards()
	if err != nil {
		return nil, err
	}
	known := byName(append(cards, more...))
	var files []*File
	var all Errors
	for _, s := range sources {
		f, err := s.parse(known)
		var errs Errors
		switch {
		case err == nil:
			files = append(files, f)
		case s.Found && onlyCards(s):
		case errors.As(err, &errs):
			all = append(all, errs...)
		}
	}
	if len(all) > 0 {
		return nil, all
	}
	return files, nil
}

// parse parses the file, or what of it is to be read.
func (s Source) parse(known map[string]*Card) (*File, error) {
	if s.part == nil {
		return Parse(s.Path, s.Data, known)
	}
	f, err := Parse(s.Path, s.part, known)
	if err == nil {
		f.text = s.Data
	}
	return f, err
}

// onlyCards reports whether a file is a good card file without scenarios.
func onlyCards(s Source) bool {
	p := &parser{file: s.Path}
	f := p.parseFile(s.Data, nil, false)
	return len(p.errs) == 0 && f != nil && len(f.Scenarios) == 0 && len(f.Cards) > 0
}

// LoadCards reads a card file for a host: the cards: section of a scenario file.
func LoadCards(path string) ([]*Card, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseCards(path, data)
}

// tagged reports whether a scenario has one of the tags; no tags ask for nothing.
func (s *Scenario) tagged(tags []string) bool {
	return len(tags) == 0 || slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(s.Tags, t) })
}
