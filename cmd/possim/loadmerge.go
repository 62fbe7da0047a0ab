package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"possim/scenarios/load"
)

// merger is possim load merge.
type merger struct {
	*app
	failIf []string
	json   bool
}

func (a *app) mergeCommand() *cobra.Command {
	m := &merger{app: a}
	cmd := &cobra.Command{
		Use:   "merge FILE ...",
		Short: "Add up the reports of a load's shards",
		Long: `merge reads what possim load --json --latencies wrote, of one shard or of many in a file
(- is stdin), and prints the figures of all together, as possim load does: rates add up,
and percentiles are those of every answered order, or of every one with its kind, tag,
code and cause. A line that is no JSON object (the log of a container has them) is passed
over, and said on stderr.

It exits 1 when a --fail-if condition holds for the whole, and when no order was answered.`,
		Example: `  possim load --shard 1/2 --json --latencies > 1.json
  possim load --shard 2/2 --json --latencies > 2.json
  possim load merge 1.json 2.json --fail-if 'p99>50ms'`,
		Args: cobra.MinimumNArgs(1),
		RunE: a.command(m.run),
	}
	f := cmd.Flags()
	f.StringArrayVar(&m.failIf, "fail-if", nil, failIfUsage)
	f.BoolVar(&m.json, "json", false, "one JSON object instead of the figures for people, and latencies_us in it")
	return cmd
}

func (m *merger) run(_ context.Context, files []string) error {
	limits, err := thresholds(m.failIf)
	if err != nil {
		return err
	}
	total, reports := load.Report{WithLatencies: true}, 0
	for _, path := range files {
		n, err := m.addFile(&total, path)
		if err != nil {
			return err
		}
		reports += n
	}
	if reports == 0 {
		return badFile(fmt.Errorf("%s: there is no report in it: possim load --json --latencies writes one", files[0]))
	}
	if err := printLoad(m.stdout, total, m.json); err != nil {
		return err
	}
	return judgeLoad(&total, limits)
}

// addFile adds the reports of a file, and says how many there were.
func (m *merger) addFile(total *load.Report, path string) (int, error) {
	if path == "-" {
		return m.add(total, "stdin", m.stdin)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, badFile(err)
	}
	defer f.Close()
	return m.add(total, path, f)
}

// longestReport bounds a line: each series of a report has some thousand latencies, and
// never more than half a megabyte of them.
const longestReport = load.MostSeries << 19

func (m *merger) add(total *load.Report, name string, r io.Reader) (reports int, err error) {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, longestReport)
	line := 0
	for scan.Scan() {
		line++
		text := bytes.TrimSpace(scan.Bytes())
		if len(text) == 0 {
			continue
		}
		if text[0] != '{' {
			fmt.Fprintf(m.stderr, "%s:%d: passed over: no report\n", name, line)
			continue
		}
		var report load.Report
		if err := json.Unmarshal(text, &report); err != nil {
			return reports, badFile(fmt.Errorf("%s:%d:%d: %w", name, line, columnOf(err), notMergeable(err)))
		}
		total.Add(report)
		reports++
	}
	if err := scan.Err(); err != nil {
		return reports, badFile(fmt.Errorf("%s:%d:1: %w", name, line+1, err))
	}
	return reports, nil
}

// columnOf is where in its line JSON went wrong.
func columnOf(err error) int64 {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return max(syntax.Offset, 1)
	case errors.As(err, &kind):
		return max(kind.Offset, 1)
	}
	return 1
}

// notMergeable says what to do about a report that has too little in it.
func notMergeable(err error) error {
	if errors.Is(err, load.ErrNoLatencies) {
		return fmt.Errorf("%w: run possim load with --latencies", err)
	}
	return err
}
