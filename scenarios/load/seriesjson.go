package load

import (
	"fmt"
	"strings"

	"possim/emulator"
	"possim/host/wire"
)

// jsonSeries is one of --json's series (a contract). What a series has not is left out.
type jsonSeries struct {
	Kind     emulator.OrderKind `json:"kind,omitzero"`
	Tag      string             `json:"tag,omitzero"`
	Code     wire.Code          `json:"code,omitzero"`
	Cause    string             `json:"cause,omitzero"`
	Count    int64              `json:"count"`
	Sent     int64              `json:"sent,omitzero"`
	Approved int64              `json:"approved,omitzero"`
	P50      float64            `json:"p50_ms,omitzero"`
	P99      float64            `json:"p99_ms,omitzero"`
	Max      float64            `json:"max_ms,omitzero"`

	Latencies [][2]int64 `json:"latencies_us,omitzero"`
}

// json is the series as --json has it.
func (s *Series) json(withLatencies bool) jsonSeries {
	j := jsonSeries{
		Kind: s.Kind, Tag: s.Tag, Code: s.Code, Cause: s.Cause, Count: s.Count, Sent: s.Sent, Approved: s.Approved,
		P50: milliseconds(s.Percentile(50)), P99: milliseconds(s.Percentile(99)), Max: milliseconds(s.Percentile(100)),
	}
	if withLatencies && s.latency != nil {
		j.Latencies = latencies(s.latency)
	}
	return j
}

// readSeries reads those of so many orders. Not all need stand in one.
func readSeries(list []jsonSeries, answered, errors int64) ([]Series, error) {
	if len(list) > MostSeries {
		return nil, fmt.Errorf("series: they are %d, and a report has at most %d", len(list), MostSeries)
	}
	all := shelf{}
	for i, j := range list {
		of := &answered
		if j.Cause != "" {
			of = &errors
		}
		s, err := j.read(*of)
		if err != nil {
			return nil, fmt.Errorf("series %d: %w", i+1, err)
		}
		if all[s.Labels] != nil {
			return nil, fmt.Errorf("series %d: its labels are those of another", i+1)
		}
		*of -= s.Count
		all[s.Labels] = &s
	}
	return all.sorted(), nil
}

// read is the series of at most so many orders.
func (j *jsonSeries) read(most int64) (s Series, err error) {
	s = Series{Labels: Labels{j.Kind, j.Tag, j.Code, j.Cause}, Count: j.Count, Sent: j.Sent, Approved: j.Approved}
	switch {
	case !isPlain(string(j.Kind)) || !isPlain(j.Cause) || j.Tag != "" && CheckTag(j.Tag) != nil || j.Code != "" && len(j.Code) != 2:
		return s, fmt.Errorf("a label that no report has")
	case j.Count < 1 || j.Count > most:
		return s, fmt.Errorf("%d orders do not add up to those of the run", j.Count)
	case min(j.Sent, j.Approved) < 0 || max(j.Sent, j.Approved) > j.Count || j.Cause != "" && j.Approved > 0:
		return s, fmt.Errorf("sent %d and approved %d of %d orders do not add up", j.Sent, j.Approved, j.Count)
	case j.Cause == "":
		s.latency, err = readLatencies(j.Latencies, j.Count)
	}
	return s, err
}

// isPlain reports whether a name may be one of a kind or a cause: they are printed.
func isPlain(name string) bool {
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz- ") == ""
}
