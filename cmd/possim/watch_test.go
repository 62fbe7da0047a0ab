package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWatch edits a file at every look of a watched run: it runs once for each change
// that stands still, goes on after a file that is wrong or gone, and ends when it is
// interrupted. Nothing clears a screen that is none.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.yaml")
	const text = "possim: 1\nscenarios:\n  - name: sells\n    steps:\n      - sale: 1.00\n      - {swipe: good, expect: {rc: RC}}\n"
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	}
	write(strings.Replace(text, "RC", "00", 1))
	a, stdout, stderr := testApp("")
	ctx, interrupt := context.WithCancel(t.Context())
	looks := 0
	a.sleep = func(ctx context.Context, d time.Duration) error {
		if d != watchEvery {
			t.Errorf("a look every %s", d)
		}
		switch looks++; looks {
		case 2:
			write(strings.Replace(text, "RC", "61", 1))
		case 6:
			write("possim: 1\nscenari")
		case 7: // the editor goes on writing: what it had written stands for less than a look
			write(strings.Replace(text, "swipe", "swpie", 1))
		case 11:
			os.Remove(path)
		case 14:
			write(strings.Replace(text, "RC", "00", 1))
		case 20:
			interrupt()
		}
		return ctx.Err()
	}
	if code := a.run(ctx, []string{"run", dir, "--watch"}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	var codes []string
	for line := range strings.Lines(stderr.String()) {
		if code, is := strings.CutPrefix(line, "exit code "); is {
			codes = append(codes, code[:1])
		}
	}
	if got := strings.Join(codes, ""); got != "01330" {
		t.Errorf("exit codes %s, want 01330\n%s%s", got, stdout, stderr)
	}
	if strings.Contains(stdout.String(), "\x1b") || strings.Count(stdout.String(), "simulated; seed") != 3 || !strings.Contains(stderr.String(), "did you mean") {
		t.Errorf("got\n%s%s", stdout, stderr)
	}
}

// TestInterruptedRunReports: a run that is interrupted says what it did not reach, in
// every report, and none of it is ok.
func TestInterruptedRunReports(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s.yaml")
	if err := os.WriteFile(path, []byte("scenarios: [{name: sells, steps: [{sale: 1.00}, {swipe: good}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a, stdout, _ := testApp("")
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	last := filepath.Join(dir, "last.json")
	if code := a.run(ctx, []string{"run", path, "--format", "tap", "--report", "json:" + last}); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if !strings.Contains(stdout.String(), "\nnot ok 1 - sells\n") {
		t.Errorf("got %s", stdout)
	}
	a, stdout, _ = testApp("")
	if code := a.run(t.Context(), []string{"run", "--rerun-failed", last}); code != exitOK || !strings.Contains(stdout.String(), "1 passed") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}
