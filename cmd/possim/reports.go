package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"possim/scenarios"
)

// reports are what a run writes beside its report on stdout.
type reports struct {
	asked   []string // as typed: FORMAT:FILE
	files   []reportFile
	summary string
}

type reportFile struct {
	format scenarios.Format
	path   string
}

func (r *reports) register(f *pflag.FlagSet) {
	f.StringArrayVar(&r.asked, "report", nil, "write a report to a file too, as FORMAT:FILE; may be given several times")
	f.StringVar(&r.summary, "summary", "", "append a summary in Markdown to this file (default $GITHUB_STEP_SUMMARY, if set)")
}

// settle reads the flags, and looks for the directories before a long run has nowhere
// to leave its reports.
func (r *reports) settle(stepSummary string) error {
	if r.summary == "" {
		r.summary = stepSummary
	}
	for _, asked := range r.asked {
		format, path, _ := strings.Cut(asked, ":")
		if path == "" || !slices.Contains(scenarios.Formats(), scenarios.Format(format)) {
			return usage("--report %q: write it as FORMAT:FILE, with one of the formats %s", asked, formats())
		}
		if slices.ContainsFunc(r.files, func(f reportFile) bool { return f.path == path }) {
			return usage("--report %q: the file is another report's", asked)
		}
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return badWorld(err)
		}
		r.files = append(r.files, reportFile{scenarios.Format(format), path})
	}
	return nil
}

// report writes every report of a run. One that cannot be written keeps no other from it.
func (r *run) report(s *scenarios.Summary) error {
	format := scenarios.Format(r.format)
	colour := format == scenarios.Pretty && r.colour(r.stdout)
	errs := []error{scenarios.Report(r.stdout, format, s, colour)}
	for _, f := range r.reports.files {
		var b bytes.Buffer
		errs = append(errs, scenarios.Report(&b, f.format, s, false), writeFile(f.path, b.Bytes()))
	}
	if r.reports.summary != "" {
		var b bytes.Buffer
		errs = append(errs, scenarios.Report(&b, scenarios.Markdown, s, false), appendFile(r.reports.summary, b.Bytes()))
	}
	if err := errors.Join(errs...); err != nil {
		return badWorld(err)
	}
	return nil
}

// appendFile writes behind what a file has.
func appendFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
