package scenarios

import (
	"fmt"
	"strings"
	"testing"
)

// commands returns the workflow commands that GitHub's runner would obey: those outside
// of stop-commands, of lines that begin with :: behind any space.
func commands(t *testing.T, text string) (out []string) {
	t.Helper()
	token := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch stop, is := strings.CutPrefix(line, "::stop-commands::"); {
		case token != "" && line == "::"+token+"::":
			token = ""
		case token != "":
		case is:
			token = stop
		case strings.HasPrefix(line, "::"):
			out = append(out, line)
		}
	}
	if token != "" {
		t.Error("commands are never obeyed again")
	}
	return out
}

// TestGitHubCounts: nine failures by themselves, then one that counts the rest; ten are
// all that GitHub shows.
func TestGitHubCounts(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 9: 9, 10: 10, 11: 10, 200: 10} {
		statuses := []string{"passed"}
		for range n {
			statuses = append(statuses, "failed")
		}
		got := commands(t, report(t, GitHub, of(statuses...)))
		if len(got) != want {
			t.Errorf("%d failures: %d annotations, want %d", n, len(got), want)
		}
		if rest := fmt.Sprintf("and %d more of %d scenarios failed", n-shownErrors, n+1); n > shownErrors && !strings.Contains(got[shownErrors], rest) {
			t.Errorf("%d failures: the last says %s", n, got[shownErrors])
		}
	}
}

// TestGitHubEscapes: what a scenario or a host says is neither a command nor a property.
func TestGitHubEscapes(t *testing.T) {
	s := of("failed", "failed", "stopped")
	s.Results[0].Scenario = &Scenario{Pos: Pos{1, 1}, File: "a,b:c.yaml", Name: "100 %, line=7::add-mask::x"}
	s.Results[0].Failures = []Failure{{2, Pos{3, 9}, "receipt", "50 %", "two\r\n::set-env name=PATH::/evil\n  ::error::no"}}
	s.Results[1].Scenario = &Scenario{Pos: Pos{5, 1}, File: catalogDir + "x.yaml", Name: "of the catalog"}
	got := commands(t, report(t, GitHub, s))
	want := []string{
		"::error file=a%2Cb%3Ac.yaml,line=3,col=9,title=100 %25%2C line=7%3A%3Aadd-mask%3A%3Ax::step 2, line 3: receipt: want 50 %25, " +
			"got two%0D%0A::set-env name=PATH::/evil%0A  ::error::no%0Aagain: possim run a,b:c.yaml --seed 0 --filter '^100 %25, line=7::add-mask::x$'",
		"::error title=of the catalog::step 1, line 2: rc: want 00, got 61%0ABail out!%0Aagain: possim run --seed 0 --filter '^of the catalog$'",
		"::warning title=possim::1 of 3 scenarios were not run",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := commands(t, report(t, GitHub, of("skipped"))); len(got) != 1 || !strings.Contains(got[0], "nothing ran") {
		t.Errorf("nothing ran: got %q", got)
	}
}

// TestMarkdownHolds: no text ends its cell, and a summary of any length is one that
// GitHub takes.
func TestMarkdownHolds(t *testing.T) {
	s := of("passed", "failed", "stopped")
	s.Results[1].Failures[0].Got = "</td></table>\n\n# a heading\n| x |"
	got := report(t, Markdown, s)
	if strings.Count(got, "</table>") != 1 || strings.Contains(got, "\n# a heading") || !strings.Contains(got, "1 passed, 1 failed, 1 skipped") || !strings.Contains(got, "why not") {
		t.Errorf("got\n%s", got)
	}
	statuses := make([]string, 3000)
	for i := range statuses {
		statuses[i] = "failed"
	}
	s = of(statuses...)
	for i := range s.Results {
		s.Results[i].Failures[0].Got = strings.Repeat("&", 10000)
	}
	if got := report(t, Markdown, s); len(got) > 1<<20 || !strings.Contains(got, " more\n") || !strings.Contains(got, "</table>") {
		t.Errorf("%d bytes", len(got))
	}
}

// TestNeverRunIsNeverOK: in no format does a scenario that was not run look as if it had
// passed; what somebody wished to be skipped says so, what was stopped is not ok.
func TestNeverRunIsNeverOK(t *testing.T) {
	s := of("passed", "skipped", "stopped")
	for line := range strings.Lines(report(t, TAP, s)) {
		if strings.HasPrefix(line, "ok") && (strings.Contains(line, "stopped") || strings.Contains(line, "- skipped") && !strings.Contains(line, "# SKIP why not")) {
			t.Errorf("TAP: %q", line)
		}
	}
	if got := report(t, JUnit, s); strings.Count(got, "<skipped ") != 2 || !strings.Contains(got, `skipped="2"`) {
		t.Errorf("JUnit: %s", got)
	}
	if got := report(t, JSON, s); strings.Count(got, `"status":"skipped"`) != 2 || strings.Count(got, `"stopped":true`) != 1 || !strings.Contains(got, `"passed":1`) {
		t.Errorf("JSON: %s", got)
	}
	if got := report(t, Pretty, s); strings.Count(got, "✓") != 1 {
		t.Errorf("pretty: %s", got)
	}
}
