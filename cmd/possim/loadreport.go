package main

import (
	"encoding/json"
	"io"
	"strings"

	"possim/scenarios/load"
)

const failIfUsage = "exit 1 when it holds: p99>50ms, max>1s, errors>0, approved<99%, rate<100, or of some orders alone p99{code:00}>50ms, errors{cause:no-answer}>0; repeatable"

// printLoad prints the figures.
func printLoad(w io.Writer, r load.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	return r.WriteText(w)
}

// judgeLoad says whether the figures are good enough.
func judgeLoad(r *load.Report, limits []load.Threshold) error {
	if r.Answered == 0 && r.Played.All().Passed == 0 { // a script may play scenarios alone
		return failed("no order was answered")
	}
	var crossed []string
	for _, limit := range limits {
		if how, failed := limit.Crossed(r); failed {
			crossed = append(crossed, how)
		}
	}
	if len(crossed) > 0 {
		return failed("--fail-if %s", strings.Join(crossed, "; --fail-if "))
	}
	return nil
}

// thresholds reads what --fail-if says.
func thresholds(texts []string) (limits []load.Threshold, err error) {
	for _, text := range texts {
		limit, err := load.ParseThreshold(text)
		if err != nil {
			return nil, usage("--fail-if %w", err)
		}
		limits = append(limits, limit)
	}
	return limits, nil
}
