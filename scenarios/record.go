package scenarios

import (
	"fmt"
	"io"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/catalog"
	"possim/scenarios/journal"
)

// recorder is what writes down a scenario's wire.
func (w *world) recorder(to io.Writer, seed uint64, o *Options) (*journal.Writer, error) {
	redact, err := o.redactor(seed)
	if err != nil {
		return nil, err
	}
	redact.Known = w.testCode
	c := o.recording()
	c.Redact, c.Start, c.TMK = redact, w.started, w.tmk
	return journal.NewWriter(to, c), nil
}

// testCode reports whether a payment code is one that a test card of this world showed.
func (w *world) testCode(code wire.QRCode) bool {
	if w.inside == nil {
		return false
	}
	pan, _, ok := w.inside.host.Registry.CodeOwner(code.Reveal(), w.now())
	return ok && card.IsTest(pan)
}

// redactor returns a redactor with a key of its own.
func (o *Options) redactor(seed uint64) (*journal.Redactor, error) {
	random := o.Random
	if random == nil {
		random = randomness(seed, "journal")
	}
	return journal.NewRedactor(random, o.Redact)
}

// recording is what all of a run's journal has in common.
func (o *Options) recording() journal.Config {
	return journal.Config{Dialect: o.dialect(), Seed: o.Seed, Tool: o.Tool, Method: o.Method, Start: Start}
}

// writeJournal writes what was recorded, in the order of the scenarios, behind the
// files they were made of.
func writeJournal(s *Summary, files []*File, o *Options) error {
	if o.Record == nil {
		return nil
	}
	w := journal.NewWriter(o.Record, o.recording())
	w.Header()
	if err := writeSources(w, s, files, o); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for _, r := range s.Results {
		if r.unrecorded != nil {
			return fmt.Errorf("journal: scenario %q: %w", r.Name, r.unrecorded)
		}
		if _, err := o.Record.Write(r.journal); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// writeSources writes the files of the scenarios that were recorded, and the cards
// that every file may name. Those that ship are public and stay as they are.
func writeSources(w *journal.Writer, s *Summary, files []*File, o *Options) error {
	cards, err := catalog.FS.ReadFile(catalog.CardsFile)
	if err != nil {
		return err
	}
	redact, err := o.redactor(s.Seed)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, r := range s.Results {
		used[r.File] = used[r.File] || len(r.journal) > 0
	}
	if len(used) > 0 {
		w.Source(journal.Source{Path: catalogDir + catalog.CardsFile, Text: string(cards)})
	}
	for _, f := range files {
		text, ok := string(f.text), used[f.Path]
		if shipped, err := catalog.FS.ReadFile(strings.TrimPrefix(f.Path, catalogDir)); ok && (err != nil || string(shipped) != text) {
			text, ok = redact.Source(text)
		}
		if ok {
			w.Source(journal.Source{Path: f.Path, Text: text})
		}
	}
	return w.Err()
}

// note writes down a step that changes what the host does.
func (w *world) note(s *Step) {
	if w.record == nil {
		return
	}
	switch s.Action.(type) {
	case CardStatus, Script, HostSwitch, Break:
		w.record.Step(w.now(), s.Verb, s.Line, s.Column)
	}
}
