package scenarios

import (
	"errors"
	"time"
)

// What a run that is not good ends with.
var (
	ErrFailed     = errors.New("an expectation failed")
	ErrNothingRan = errors.New("nothing ran: every scenario was skipped")
	ErrNoMatch    = errors.New("no scenario matches")
)

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
	Status     Status
	Reason     string // why it was skipped
	Stopped    bool   // the run ended before it: it is skipped by nobody's wish, and in no report a success
	Seed       uint64 // its own, derived from the run's
	Simulated  time.Duration
	Failures   []Failure
	Wire       []string // what passed over the wire, masked, a line each
	journal    []byte
	unrecorded error // why the journal ends early
}

// Summary is what became of a run.
type Summary struct {
	Seed                    uint64
	Passed, Failed, Skipped int
	Results                 []Result // in the order of the files, whatever the jobs
	Empty                   string   // why there is no result, where that is as it should be
}

// Err returns nil when something ran and nothing failed, or when there was nothing to
// run and that is as it should be.
func (s *Summary) Err() error {
	switch {
	case s.Failed > 0:
		return ErrFailed
	case s.Passed == 0 && s.Empty == "":
		return ErrNothingRan
	}
	return nil
}
