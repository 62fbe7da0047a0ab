package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"possim/scenarios/foreign"
)

// at names a place in the log as editors know it, where it is a line.
func at(name, place string) string {
	if strings.HasPrefix(place, "packet") {
		return name + ": " + place
	}
	return name + ":" + place + ":1"
}

// say tells what was found: why it is this format and dialect, what was done to
// messages, what could not be read.
func (i *importing) say(name string, r foreign.Report) error {
	for _, p := range r.Problems {
		fmt.Fprintf(i.stderr, "%s: %v%s\n", at(name, p.Place), p.Err, times(p.Times))
	}
	if more := r.Count - len(r.Problems); more > 0 {
		fmt.Fprintf(i.stderr, "%s: and %d problems more\n", name, more)
	}
	if i.json {
		return json.NewEncoder(i.stdout).Encode(imported(r))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(i.stderr, "%s: %s\n", at(name, n.Place), n)
	}
	if r.Format != "" && r.Format != foreign.Auto {
		fmt.Fprintf(i.stderr, "%s is %s: %s\n", name, r.Format, r.Why)
	}
	if r.Dialect != nil {
		fmt.Fprintf(i.stderr, "the dialect is %s: %s\n", r.Dialect, r.Because)
	}
	_, err := fmt.Fprintf(i.stdout, "%d messages on %d connections\n", r.Messages, r.Conns)
	return err
}

// times tells how often, where it was more than once.
func times(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (%d times)", n)
}

// found is what --json prints.
type found struct {
	Format      string        `json:"format"`
	Why         string        `json:"why"`
	Dialect     string        `json:"dialect,omitempty"`
	Because     string        `json:"because,omitempty"`
	Messages    int           `json:"messages"`
	Connections int           `json:"connections"`
	Problems    []foundRemark `json:"problems"`
	Notes       []foundRemark `json:"notes"`
}

type foundRemark struct {
	Place string `json:"place"`
	Text  string `json:"text"`
	Times int    `json:"times,omitempty"`
}

func imported(r foreign.Report) found {
	f := found{Format: string(r.Format), Why: r.Why, Because: r.Because, Messages: r.Messages, Connections: r.Conns, Problems: []foundRemark{}, Notes: []foundRemark{}}
	if r.Dialect != nil {
		f.Dialect = r.Dialect.Name()
	}
	for _, p := range r.Problems {
		f.Problems = append(f.Problems, foundRemark{p.Place, p.Err.Error(), p.Times})
	}
	for _, n := range r.Notes {
		f.Notes = append(f.Notes, foundRemark{n.Place, n.Text, n.Times})
	}
	return f
}
