package scenarios

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"possim/scenarios/journal"
)

// Run runs scenarios. What failed is in the Summary; an error means that the run
// could not be made: nothing matched (ErrNoMatch), or with a real host, steps that
// it cannot do (Errors).
func Run(ctx context.Context, files []*File, o Options) (Summary, error) {
	all, err := match(files, &o)
	if err != nil {
		return Summary{}, err
	}
	o.kept, o.chips, o.ring = map[string]*kept{}, map[string]*memory{}, Keyring()
	whole, err := schedule(all, &o)
	if err != nil {
		return Summary{}, err
	}
	plan, empty := o.Shard.part(whole)
	pool(ctx, plan, &o)
	sum := Summary{Seed: o.Seed, Results: plan, Empty: empty}
	if o.FailFast {
		stopAtFailure(plan)
	}
	for _, r := range plan {
		switch r.Status {
		case Passed:
			sum.Passed++
		case Failed:
			sum.Failed++
		case Skipped:
			sum.Skipped++
		}
	}
	return sum, errors.Join(writeJournal(&sum, files, &o), ctx.Err())
}

// schedule says of each scenario whether it will be run.
func schedule(chosen []*Scenario, o *Options) ([]Result, error) {
	only := slices.ContainsFunc(chosen, func(s *Scenario) bool { return s.Only })
	plan := make([]Result, len(chosen))
	var all Errors
	for i, s := range chosen {
		r := Result{Scenario: s, Seed: seedOf(o.Seed, s)}
		switch {
		case s.Skip != "":
			r.Status, r.Reason = Skipped, s.Skip
		case only && !s.Only:
			r.Status, r.Reason = Skipped, "another scenario says only"
		case len(s.Dialects) > 0 && !slices.Contains(s.Dialects, o.dialect().Name()):
			r.Status, r.Reason = Skipped, "it needs the dialect "+strings.Join(s.Dialects, " or ")
		case o.Real != nil:
			if errs := unsupported(s); len(errs) > 0 {
				r.Status, r.Reason = Skipped, "with a real host: "+errs[0].Message
				all = append(all, errs...)
			}
		}
		plan[i] = r
	}
	if len(all) > 0 && !o.Real.SkipUnsupported {
		return nil, all
	}
	return plan, nil
}

// pool runs the scenarios that are not skipped, several at a time. These are the
// only goroutines: each world has one actor at a time and shares nothing.
func pool(ctx context.Context, plan []Result, o *Options) {
	jobs := max(1, min(o.Jobs, len(plan)))
	if o.Real != nil {
		jobs = 1
	}
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range jobs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(plan) || o.FailFast && failed.Load() > 0 || ctx.Err() != nil {
					return
				}
				if plan[i].Status == "" {
					runOne(ctx, &plan[i], o)
				}
				if plan[i].Status == Failed {
					failed.Add(1)
				}
			}
		}()
	}
	wg.Wait()
	for i := range plan {
		if plan[i].Status == "" {
			plan[i].Status, plan[i].Reason, plan[i].Stopped = Skipped, "not run", true
		}
	}
}

// stopAtFailure makes what follows the first failure not run, also where another
// job had already begun it: the same run gives the same report.
func stopAtFailure(plan []Result) {
	stopped := false
	for i := range plan {
		if r := &plan[i]; stopped && (r.Status != Skipped || r.Stopped) {
			plan[i] = Result{Scenario: r.Scenario, Seed: r.Seed, Status: Skipped, Reason: "not run: an earlier scenario failed", Stopped: true}
		}
		stopped = stopped || plan[i].Status == Failed
	}
}

// runOne builds a scenario's world and plays it.
func runOne(ctx context.Context, r *Result, o *Options) {
	w, err := newWorld(ctx, r.Scenario, r.Seed, o)
	if err != nil {
		r.Status = Failed
		r.Failures = []Failure{{Pos: r.Pos, Key: "world", Want: "the scenario's world can be built", Got: redact(err.Error())}}
		return
	}
	var book bytes.Buffer
	if o.Record != nil {
		if w.record, err = w.recorder(&book, r.Seed, o); err != nil {
			r.Status, r.Failures = Failed, []Failure{{Pos: r.Pos, Key: "record", Want: "the wire can be recorded", Got: err.Error()}}
			return
		}
		w.record.World(journal.World{Scenario: r.Name, File: r.File, Line: r.Line, Seed: r.Seed, Start: w.started, MAC: o.MAC, Method: string(w.config.MAC)})
	}
	w.play(ctx)
	r.Status, r.Failures, r.Wire, r.journal = Passed, w.failures, w.log, book.Bytes()
	r.Simulated = w.now().Sub(w.started)
	if w.record != nil {
		r.unrecorded = w.record.Err()
	}
	switch {
	case ctx.Err() != nil:
		*r = Result{Scenario: r.Scenario, Seed: r.Seed, Status: Skipped, Reason: "interrupted", Stopped: true}
	case len(w.failures) > 0:
		r.Status = Failed
	}
}
