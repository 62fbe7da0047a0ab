package scenarios

import (
	"encoding/json"
	"io"
)

// The JSON report is a contract (DESIGN: machine-readable output): fields may be
// added, none renamed.
type jsonSummary struct {
	Seed      uint64         `json:"seed"`
	Passed    int            `json:"passed"`
	Failed    int            `json:"failed"`
	Skipped   int            `json:"skipped"`
	Empty     string         `json:"empty,omitempty"` // why there are none
	Scenarios []jsonScenario `json:"scenarios"`
}

type jsonScenario struct {
	Name        string        `json:"name"`
	File        string        `json:"file"`
	Line        int           `json:"line"`
	Suite       string        `json:"suite,omitempty"`
	Tags        []string      `json:"tags"`
	Status      Status        `json:"status"`
	Reason      string        `json:"reason,omitempty"`
	Stopped     bool          `json:"stopped,omitempty"` // the run ended before it
	Seed        uint64        `json:"seed"`
	SimulatedMS int64         `json:"simulated_ms"`
	Failure     *jsonFailure  `json:"failure,omitempty"`
	Also        []jsonFailure `json:"also,omitempty"` // further failures of the same step
}

type jsonFailure struct {
	Step   int    `json:"step"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Key    string `json:"key"`
	Want   string `json:"want"`
	Got    string `json:"got"`
}

func reportJSON(w io.Writer, s *Summary) error {
	out := jsonSummary{Seed: s.Seed, Passed: s.Passed, Failed: s.Failed, Skipped: s.Skipped, Empty: s.Empty, Scenarios: []jsonScenario{}}
	for _, r := range s.Results {
		j := jsonScenario{Name: r.Name, File: r.File, Line: r.Line, Suite: r.Suite, Tags: r.Tags,
			Status: r.Status, Reason: r.Reason, Stopped: r.Stopped, Seed: r.Seed, SimulatedMS: r.Simulated.Milliseconds()}
		if j.Tags == nil {
			j.Tags = []string{}
		}
		for i, f := range r.Failures {
			one := jsonFailure{f.Step, f.Line, f.Column, f.Key, f.Want, f.Got}
			if i == 0 {
				j.Failure = &one
				continue
			}
			j.Also = append(j.Also, one)
		}
		out.Scenarios = append(out.Scenarios, j)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
