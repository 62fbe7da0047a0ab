package main

import (
	"fmt"
	"os"

	"possim/scenarios"
)

// last reads the report of the run whose failures are to be run again, and takes its
// seed, unless one is given.
func (r *run) last() (scenarios.LastRun, error) {
	data, err := os.ReadFile(r.again)
	if err != nil {
		return scenarios.LastRun{}, badFile(err)
	}
	last, err := scenarios.ReadLastRun(r.again, data)
	if err != nil {
		return scenarios.LastRun{}, badFile(err)
	}
	r.options.Again = last.Undone
	if !r.flags.Changed("seed") {
		r.options.Seed = last.Seed
	}
	return last, nil
}

// nothingAgain ends a rerun when nothing had failed. A run in which nothing ran is no
// run in which all was well.
func (r *run) nothingAgain(last scenarios.LastRun) error {
	if last.Err != nil {
		return failed("%s: %w", r.again, last.Err)
	}
	empty := scenarios.Summary{Seed: r.options.Seed, Empty: fmt.Sprintf("nothing failed in the run of %s: nothing is run again", r.again)}
	return r.report(&empty)
}

// filesAgain returns the files of what is run again, where none are named. One that is
// gone is as a scenario that is: what failed did not become good.
func (r *run) filesAgain(last scenarios.LastRun, args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	files := last.Files()
	for _, path := range files {
		if _, err := os.Stat(path); err != nil {
			return nil, usage("--rerun-failed: %w: run them all", err)
		}
	}
	return files, nil
}
