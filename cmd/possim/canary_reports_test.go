package main

import (
	"os"
	"path/filepath"
	"testing"

	"possim/scenarios"
)

// TestCanaryInReports has a scenario fail with a live card in every format, on stdout and
// in files, gives the card to every flag of parts and reruns, and looks for it.
func TestCanaryInReports(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	scenario := write("s.yaml", "possim: 1\nsuite: of "+canary+"\ncards:\n  bird: {pan: \""+canary+"\", expiry: 2912, holder: CANARY/YELLOW}\nscenarios:\n"+
		"  - name: fails with "+canary+"\n    tags: [\""+canary+"\"]\n    steps:\n      - sale: 1.00\n      - swipe: bird\n        expect: {rc: 61, receipt: [\""+canary+"\"]}\n"+
		"  - name: never reached\n    steps: [{sale: 1.00}, {swipe: bird}]\n  - {name: skipped, skip: \""+canary+"\", steps: [{sale: 1.00}]}\n")
	report := filepath.Join(dir, "report.json")
	commands := [][]string{
		{"run", "--rerun-failed", write("odd.json", `{"scenarios":[{"name":"`+canary+`","file":"`+canary+`","status":"`+canary+`"}]}`)},
		{"run", "--rerun-failed", write("gone.json", `{"scenarios":[{"name":"`+canary+`","file":"`+canary+`","status":"failed"}]}`)},
		{"run", scenario, "--rerun-failed", filepath.Join(dir, "gone.json")}, {"run", "--rerun-failed", write("no.json", canary)},
		{"run", "--shard", canary + "/" + canary}, {"run", "--report", canary + ":" + canary}, {"run", scenario, "--report", "tap:" + dir + "/" + canary + "/x"},
		{"load", "merge", write("load.json", `{"answered":0,"latencies_us":[],"codes":{"`+canary+`":1},"`+canary+`":"`+canary+`"}`)}, {"load", "merge", write("load.txt", canary)},
		{"load", "merge", write("bars.json", `{"answered":1,"latencies_us":[["`+canary+`",1]]}`)}, {"load", "--shard", canary + "/" + canary},
		{"load", "merge", write("series.json", `{"answered":1,"latencies_us":[[1,1]],"series":[{"kind":"sale","tag":"c`+canary+`","count":1,"latencies_us":[[1,1]]}]}`)},
		{"schema", canary}, {"run", scenario, "--summary", filepath.Join(dir, "summary.md")},
	}
	for _, f := range scenarios.Formats() {
		commands = append(commands,
			[]string{"run", scenario, "--fail-fast", "--jobs", "1", "--format", string(f), "--report", string(f) + ":" + filepath.Join(dir, "report."+string(f))})
	}
	commands = append(commands, []string{"run", scenario, "--rerun-failed", report, "--format", "github"})
	for _, args := range commands {
		a, stdout, stderr := testApp("")
		if code := a.run(t.Context(), args); code == exitOK {
			t.Errorf("%v: exit 0", args)
		}
		noCanary(t, args[0]+" stdout", stdout.String())
		noCanary(t, args[0]+" stderr", stderr.String())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "report.*"))
	if len(files) != len(scenarios.Formats()) {
		t.Fatalf("%d reports: what was to be looked at?", len(files))
	}
	for _, path := range append(files, filepath.Join(dir, "summary.md")) {
		content, err := os.ReadFile(path)
		if err != nil || len(content) == 0 {
			t.Errorf("%s: %v", path, err)
		}
		noCanary(t, path, string(content))
	}
}
