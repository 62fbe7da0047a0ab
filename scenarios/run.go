package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"possim/host/wire"
	"possim/scenarios/journal"
)

// Options say what to run and how. The zero value runs everything, simulated, one
// at a time, with seed 0.
type Options struct {
	Filter   *regexp.Regexp // of names; nil is all
	Tags     []string       // any of them; none is all
	Seed     uint64
	Jobs     int  // worlds at a time; less than 2 is one
	FailFast bool // after the first failure nothing more is run
	Dialect  *wire.Dialect
	Real     *Real     // the host to talk to; nil simulates one
	Record   io.Writer // a journal of every frame; nil is none
	Log      zerolog.Logger
}

// Real is a host outside: on the other side of a socket, in real time.
type Real struct {
	Dial     wire.Dialer
	Now      func() time.Time
	Sleep    func(context.Context, time.Duration) error
	TID, MID string // "" leaves the scenario's
	// SkipUnsupported passes over scenarios that need the inside of a host; without
	// it they are errors at their lines.
	SkipUnsupported bool
}

// dialect returns the dialect of the run.
func (o *Options) dialect() *wire.Dialect {
	if o.Dialect == nil {
		return wire.UnionPay()
	}
	return o.Dialect
}

// Status is what became of a scenario.
type Status string

// What becomes of a scenario. A scenario that was not run is never passed.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Skipped Status = "skipped"
)

// Result is what became of one scenario.
type Result struct {
	*Scenario
	Status    Status
	Reason    string // why it was skipped
	Seed      uint64 // its own, derived from the run's
	Simulated time.Duration
	Failures  []Failure
	Wire      []string // what passed over the wire, masked, a line each
	journal   []byte
}

// Summary is what became of a run.
type Summary struct {
	Seed                    uint64
	Passed, Failed, Skipped int
	Results                 []Result // in the order of the files, whatever the jobs
}

// What a run that is not good ends with.
var (
	ErrFailed     = errors.New("an expectation failed")
	ErrNothingRan = errors.New("nothing ran: every scenario was skipped")
	ErrNoMatch    = errors.New("no scenario matches")
)

// Err returns nil when something ran and nothing failed.
func (s *Summary) Err() error {
	switch {
	case s.Failed > 0:
		return ErrFailed
	case s.Passed == 0:
		return ErrNothingRan
	}
	return nil
}

// Select returns the scenarios that a filter and tags leave, in order. The error
// wraps ErrNoMatch when there is none.
func Select(files []*File, o Options) ([]*Scenario, error) {
	var out []*Scenario
	total := 0
	for _, f := range files {
		for _, s := range f.Scenarios {
			total++
			if (o.Filter == nil || o.Filter.MatchString(s.Name)) && s.tagged(o.Tags) {
				out = append(out, s)
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	asked := ""
	if o.Filter != nil {
		asked += fmt.Sprintf(" the filter %q", o.Filter)
	}
	if len(o.Tags) > 0 {
		asked += fmt.Sprintf(" the tags %q", o.Tags)
	}
	return nil, fmt.Errorf("%w%s: there are %d, list them with --list", ErrNoMatch, asked, total)
}

// Run runs scenarios. What failed is in the Summary; an error means that the run
// could not be made: nothing matched (ErrNoMatch), or with a real host, steps that
// it cannot do (Errors).
func Run(ctx context.Context, files []*File, o Options) (Summary, error) {
	chosen, err := Select(files, o)
	if err != nil {
		return Summary{}, err
	}
	plan, err := schedule(files, chosen, &o)
	if err != nil {
		return Summary{}, err
	}
	pool(ctx, plan, &o)
	sum := Summary{Seed: o.Seed, Results: plan}
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
	return sum, errors.Join(writeJournal(&sum, &o), ctx.Err())
}

// schedule says of each scenario whether it will be run.
func schedule(files []*File, chosen []*Scenario, o *Options) ([]Result, error) {
	only := false
	for _, s := range chosen {
		only = only || s.Only
	}
	plan := make([]Result, len(chosen))
	var all Errors
	for i, s := range chosen {
		r := Result{Scenario: s, Seed: seedOf(o.Seed, s)}
		switch {
		case s.Skip != "":
			r.Status, r.Reason = Skipped, s.Skip
		case only && !s.Only:
			r.Status, r.Reason = Skipped, "another scenario says only"
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
			plan[i].Status, plan[i].Reason = Skipped, "not run"
		}
	}
}

// stopAtFailure makes what follows the first failure not run, also where another
// job had already begun it: the same run gives the same report.
func stopAtFailure(plan []Result) {
	stopped := false
	for i := range plan {
		if r := &plan[i]; stopped && (r.Status != Skipped || r.Reason == "not run") {
			plan[i] = Result{Scenario: r.Scenario, Seed: r.Seed, Status: Skipped, Reason: "not run: an earlier scenario failed"}
		}
		stopped = stopped || plan[i].Status == Failed
	}
}

// runOne builds a scenario's world and plays it.
func runOne(ctx context.Context, r *Result, o *Options) {
	w, err := newWorld(ctx, r.Scenario, r.Seed, o)
	if err != nil {
		r.Status = Failed
		r.Failures = []Failure{{Line: r.Line, Key: "world", Want: "the scenario's world can be built", Got: redact(err.Error())}}
		return
	}
	var book bytes.Buffer
	if o.Record != nil {
		w.record = journal.NewWriter(&book, w.started)
		w.record.World(journal.World{Scenario: r.Name, File: r.File, Line: r.Line, Seed: r.Seed, Start: w.started})
	}
	w.play(ctx)
	r.Status, r.Failures, r.Wire, r.journal = Passed, w.failures, w.log, book.Bytes()
	r.Simulated = w.now().Sub(w.started)
	if len(w.failures) > 0 {
		r.Status = Failed
	}
}

// writeJournal writes what was recorded, in the order of the scenarios.
func writeJournal(s *Summary, o *Options) error {
	if o.Record == nil {
		return nil
	}
	w := journal.NewWriter(o.Record, Start)
	w.Header(o.dialect().Name(), s.Seed)
	if err := w.Err(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	for _, r := range s.Results {
		if _, err := o.Record.Write(r.journal); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}
