package scenarios

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// LastRun is what an earlier run left, as its JSON report says.
type LastRun struct {
	Seed   uint64
	Undone []Identity // what failed, and what the run ended before
	Err    error      // ErrNothingRan when nothing had run: then nothing failed either, and nothing is good
}

// ReadLastRun reads the JSON report of an earlier run. The error has the place.
func ReadLastRun(path string, data []byte) (LastRun, error) {
	var got struct {
		jsonSummary
		Scenarios []jsonScenario `json:"scenarios"`
	}
	if err := json.Unmarshal(data, &got); err != nil {
		line, column := placeOf(data, err)
		return LastRun{}, fmt.Errorf("%s:%d:%d: this is no report of possim run --format json: %w", path, line, column, err)
	}
	if got.Scenarios == nil {
		return LastRun{}, fmt.Errorf("%s:1:1: this is no report of possim run --format json: it has no scenarios", path)
	}
	last := LastRun{Seed: got.Seed}
	for _, s := range got.Scenarios {
		switch {
		case s.Name == "" || s.File == "":
			return LastRun{}, fmt.Errorf("%s:1:1: this is no report of possim run --format json: a scenario has no name or no file", path)
		case s.Status == Failed || s.Stopped:
			last.Undone = append(last.Undone, Identity{s.File, s.Name})
		case s.Status != Passed && s.Status != Skipped:
			return LastRun{}, fmt.Errorf("%s:1:1: scenario %q has the status %q, which this possim does not know", path, redact(s.Name), redact(string(s.Status)))
		}
	}
	if len(last.Undone) == 0 && got.Passed == 0 && got.Empty == "" {
		last.Err = ErrNothingRan
	}
	return last, nil
}

// Files returns the files of what is undone, each once; none when it is the catalog.
func (l LastRun) Files() (files []string) {
	seen := map[string]bool{}
	for _, u := range l.Undone {
		if s := (Scenario{File: u.File}); !s.shipped() && !seen[u.File] {
			seen[u.File] = true
			files = append(files, u.File)
		}
	}
	return files
}

// placeOf returns line and column of what json refused.
func placeOf(data []byte, err error) (line, column int) {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	at := int64(0)
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
	}
	before := data[:min(max(int(at)-1, 0), len(data))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}
