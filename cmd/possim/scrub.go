package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"possim/scenarios/journal"
)

// scrub looks for real cards in files.
type scrub struct {
	*app
	check bool
	json  bool
}

func (a *app) scrubCommand() *cobra.Command {
	s := &scrub{app: a}
	cmd := &cobra.Command{
		Use:   "scrub --check FILE|DIR ...",
		Short: "Look for numbers of real cards in files",
		Long: `scrub --check looks through files, and all files below directories, for numbers of
cards that are on no list of test numbers: of an issuer's range and of the length of
its scheme, with a right check digit, where a card number would stand. A check digit
alone is right one time in ten. It finds them in digits, in groups of four, at the
head of a track, and inside hexadecimal as packed digits (field 2), in a chip's 5A and
as characters. What it finds is shown masked.

It exits 0 when there is none, and 1 when there is one: a gate for a pipeline.`,
		Example: `  possim scrub --check recordings/
  git diff --cached | possim scrub --check -`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.command(s.run),
	}
	cmd.Flags().BoolVar(&s.check, "check", false, "say what is there, and change nothing")
	cmd.Flags().BoolVar(&s.json, "json", false, "one JSON object for each finding")
	return cmd
}

func (s *scrub) run(ctx context.Context, args []string) error {
	if !s.check {
		return usage("scrub changes no file: say --check")
	}
	found := 0
	for _, path := range args {
		if path == "-" {
			if err := s.scan("-", s.stdin, &found); err != nil {
				return badWorld(err)
			}
			continue
		}
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !d.Type().IsRegular() || ctx.Err() != nil {
				return err
			}
			return s.file(name, &found)
		})
		if err != nil {
			return badFile(err)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if found > 0 {
		return failed("%d numbers of real cards", found)
	}
	return nil
}

func (s *scrub) file(name string, found *int) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	return s.scan(name, file, found)
}

func (s *scrub) scan(name string, text io.Reader, found *int) error {
	return journal.Scan(text, func(f journal.Finding) {
		*found++
		if s.json {
			_ = json.NewEncoder(s.stdout).Encode(map[string]any{"file": name, "line": f.Line, "column": f.Column, "pan": f.PAN, "form": f.Form})
			return
		}
		fmt.Fprintf(s.stdout, "%s:%s\n", name, f)
	})
}
