package scenarios

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// need skips a test by name where a program is missing. Where CI says so, a skip is a failure.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI may not skip %s", program, t.Name())
	}
	t.Skipf("%s is not installed", program)
}

// report returns a report of a summary.
func report(t *testing.T, f Format, s *Summary) string {
	t.Helper()
	var b bytes.Buffer
	if err := Report(&b, f, s, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// of returns a summary that has one scenario of each of these: passed, failed, skipped, stopped.
func of(statuses ...string) *Summary {
	s := &Summary{}
	for i, status := range statuses {
		r := Result{Scenario: &Scenario{Pos: Pos{i + 1, 1}, File: "x.yaml", Name: fmt.Sprintf("%s %d # ok", status, i)}, Status: Status(status)}
		switch status {
		case "passed":
			s.Passed++
		case "failed":
			s.Failed++
			r.Failures = []Failure{{1, Pos{i + 1, 1}, "rc", "00", "61\nBail out!"}}
		case "stopped":
			r.Stopped = true
			fallthrough
		default:
			s.Skipped++
			r.Status, r.Reason = Skipped, "why not"
		}
		s.Results = append(s.Results, r)
	}
	return s
}

// TestProve has Perl's prove judge TAP: it says success where the exit code of a run
// does, and nothing that was not run is among what it calls successful. TAP 13, since
// Debian's prove refuses a later version; both have the same lines.
func TestProve(t *testing.T) {
	need(t, "prove")
	for _, c := range []struct {
		statuses []string
		says     string
	}{
		{[]string{"passed", "passed"}, "All tests successful"},
		{[]string{"passed", "skipped"}, "All tests successful"},
		{[]string{"passed", "failed", "passed"}, "Failed test:  2"},
		{[]string{"failed", "stopped", "stopped"}, "Failed tests:  1-3"},
		{[]string{"passed", "stopped"}, "Failed test:  2"},
		{[]string{"skipped", "skipped"}, "Further testing stopped"},
	} {
		s := of(c.statuses...)
		path := filepath.Join(t.TempDir(), "report.tap")
		if err := os.WriteFile(path, []byte(report(t, TAP13, s)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("prove", "-e", "cat", path).CombinedOutput()
		good := s.Err() == nil && !strings.Contains(strings.Join(c.statuses, " "), "stopped")
		if (err == nil) != good || !strings.Contains(string(out), c.says) || strings.Contains(string(out), "Parse error") {
			t.Errorf("%v: %v, and it says\n%s", c.statuses, err, out)
		}
		if later := report(t, TAP, s); strings.Replace(later, "version 14", "version 13", 1) != report(t, TAP13, s) {
			t.Errorf("%v: TAP 14 differs in more than its version", c.statuses)
		}
	}
	empty := Summary{Empty: "shard 3/8 has none"}
	path := filepath.Join(t.TempDir(), "empty.tap")
	if err := os.WriteFile(path, []byte(report(t, TAP13, &empty)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("prove", "-e", "cat", path).CombinedOutput(); err != nil || !strings.Contains(string(out), "skipped: shard 3/8 has none") {
		t.Errorf("an empty shard: %v\n%s", err, out)
	}
}

// TestJUnitSchema has xmllint judge JUnit: junit10 is exactly what the common schema has,
// junit what it has with file, line and seed of each case, and skipped of all suites.
func TestJUnitSchema(t *testing.T) {
	need(t, "xmllint")
	grammar, err := os.ReadFile("testdata/junit.rng")
	if err != nil {
		t.Fatal(err)
	}
	more := strings.NewReplacer(
		`<define name="other-of-testsuites"><empty/>`, `<define name="other-of-testsuites"><attribute name="skipped"><ref name="count"/></attribute>`,
		`<define name="other-of-testcase"><empty/>`, `<define name="other-of-testcase"><attribute name="file"/><attribute name="line"><data type="positiveInteger"/></attribute><ref name="properties"/>`)
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	strict, wide := put("strict.rng", string(grammar)), put("wide.rng", more.Replace(string(grammar)))
	valid := func(grammar, report string) ([]byte, bool) {
		out, err := exec.Command("xmllint", "--noout", "--relaxng", grammar, put("report.xml", report)).CombinedOutput()
		return out, err == nil
	}
	ran, byHand := shown(t), written()
	ran.Results[1].Failures[0].Got = "]]> & < \x01 \n"
	for _, s := range []*Summary{&ran, &byHand, of("stopped", "failed"), {Empty: "nothing to do"}} {
		if out, ok := valid(strict, report(t, JUnit10, s)); !ok {
			t.Errorf("junit10: %s", out)
		}
		if out, ok := valid(wide, report(t, JUnit, s)); !ok {
			t.Errorf("junit: %s", out)
		}
	}
	if _, ok := valid(strict, report(t, JUnit, &byHand)); ok {
		t.Error("the schema takes what it does not have: the test shows nothing")
	}
}
