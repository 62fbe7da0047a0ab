package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflow is what a shell has to know of a GitHub workflow.
type workflow struct {
	Jobs map[string]struct {
		Strategy struct {
			Matrix struct{ Shard []int }
		}
		Steps []struct{ Name, Uses, If, Run string }
	}
}

// gitlabJob is what a shell has to know of a job of GitLab's.
type gitlabJob struct {
	Parallel     int
	BeforeScript []string `yaml:"before_script"`
	Script       []string
}

// checkout is a checkout of a repository whose pipeline is page's, in a shell with the
// variables of a runner.
type checkout struct {
	t       *testing.T
	dir     string
	path    string
	summary string
	built   map[string]bool // steps that build: each job has a machine of its own, and these need not
}

// newCheckout writes the page's scenarios into a directory, and beside them what the
// steps that cannot be run would have left there: possim's sources.
func newCheckout(t *testing.T) *checkout {
	dir := t.TempDir()
	for name, text := range pipelineFiles(t) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(dir, "possim")); err != nil {
		t.Fatal(err)
	}
	return &checkout{t: t, dir: dir, path: os.Getenv("PATH"), summary: filepath.Join(dir, "summary.md"), built: map[string]bool{}}
}

// build reports whether a step builds what is already built.
func (c *checkout) build(script string) (again bool) {
	if !strings.HasPrefix(script, "go build ") {
		return false
	}
	again, c.built[script] = c.built[script], true
	return again
}

// fail has one of the scenarios fail, or mends it.
func (c *checkout) fail(failing bool) {
	text := pipelineFiles(c.t)["tests/coffee.yaml"]
	if failing {
		text = strings.Replace(text, "expect: {rc: 62,", "expect: {rc: 61,", 1)
	}
	if err := os.WriteFile(filepath.Join(c.dir, "tests/coffee.yaml"), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// pipelineFiles are the files that docs/pipeline.md has the reader write.
func pipelineFiles(t *testing.T) map[string]string {
	files := map[string]string{}
	for _, b := range blocks(t, "../../docs/pipeline.md") {
		if b.lang == "yaml" && b.arg != "" {
			files[b.arg] = strings.Join(b.lines, "\n") + "\n"
		}
	}
	return files
}

// shell runs a script as runners do, and takes up what it adds to the PATH.
func (c *checkout) shell(script string, env ...string) (out string, code int) {
	c.t.Helper()
	added := filepath.Join(c.dir, "path.txt")
	cmd := exec.Command("bash", "-eo", "pipefail", "-c", script)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), append(env, "PATH="+c.path, "GITHUB_PATH="+added, "GITHUB_STEP_SUMMARY="+c.summary, "NO_COLOR=1", "GOFLAGS=-buildvcs=false")...)
	text, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		c.t.Fatal(err)
	}
	if more, err := os.ReadFile(added); err == nil {
		c.path = strings.TrimSpace(string(more)) + ":" + c.path
		os.Remove(added)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// github runs the steps of one job of the workflow, and returns what they said and how
// the job ends.
func (c *checkout) github(job string, shard int) (out string, failed bool) {
	c.t.Helper()
	var w workflow
	if err := yaml.Load([]byte(pipelineFiles(c.t)[".github/workflows/possim.yml"]), &w); err != nil {
		c.t.Fatal(err)
	}
	for _, step := range w.Jobs[job].Steps {
		switch {
		case step.Run == "" && step.Uses != "", // no shell can run it
			failed != strings.HasPrefix(step.If, "failure()"),
			c.build(step.Run):
			continue
		}
		text, code := c.shell(strings.ReplaceAll(step.Run, "${{ matrix.shard }}", fmt.Sprint(shard)))
		if strings.Contains(step.Run, "${{") && strings.Contains(text, "${{") {
			c.t.Errorf("%s: an expression is left", step.Name)
		}
		out, failed = out+text, failed || code != 0
	}
	return out, failed
}

// record makes the recording of the page, and has it spoilt by somebody.
func (c *checkout) record(spoil func(text string) string) {
	c.t.Helper()
	if out, code := c.shell("mkdir -p recordings && possim run tests --record recordings/coffee.jsonl"); code != 0 {
		c.t.Fatal(out)
	}
	path := filepath.Join(c.dir, "recordings/coffee.jsonl")
	text, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(spoil(string(text))), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// spoils are what may be wrong with a recording, and what the job says of it.
var spoils = []struct {
	spoil func(string) string
	fails bool
	want  string
}{
	{func(s string) string { return s }, false, " 0 misses"},
	{func(s string) string { return strings.Replace(s, "36323030303030303031", "35313030303030303031", 1) }, true, "field 39: recorded 51, now 62"},
	{func(s string) string {
		return s + `{"t":1,"conn":1,"dir":"<","mti":"","hex":null,"problem":"` + realCard() + `"}` + "\n"
	}, true, "recordings/coffee.jsonl:"},
}

// TestPipelineRecordings runs the jobs of the page that replay, with a recording as it
// was made, one in which an answer was another, and one in which a real card is.
func TestPipelineRecordings(t *testing.T) {
	var jobs map[string]gitlabJob
	if err := yaml.Load([]byte(pipelineFiles(t)[".gitlab-ci.yml"]), &jobs); err != nil {
		t.Fatal(err)
	}
	c := newCheckout(t)
	for _, s := range spoils {
		c.record(s.spoil)
		if out, failed := c.github("recordings", 0); failed != s.fails || !strings.Contains(out, s.want) || strings.Contains(out, realCard()) {
			t.Errorf("GitHub: failed %t, want %q in\n%s", failed, s.want, out)
		}
		out, code := c.shell(strings.Join(jobs["recordings"].Script, "\n"))
		if (code != 0) != s.fails || !strings.Contains(out, s.want) {
			t.Errorf("GitLab: exit %d, want %q in\n%s", code, s.want, out)
		}
	}
}

// TestPipelineGitHub runs the page's workflow: its three jobs together run each scenario
// once, and one that fails is annotated, listed in the summary and run again.
func TestPipelineGitHub(t *testing.T) {
	c := newCheckout(t)
	for _, failing := range []bool{false, true} {
		c.fail(failing)
		passed, jobs, said := 0, 0, ""
		for shard := 1; shard <= 3; shard++ {
			out, failed := c.github("scenarios", shard)
			if failed {
				jobs++
			}
			passed += strings.Count(out, "✓ ")
			said += out
			if _, err := os.Stat(filepath.Join(c.dir, fmt.Sprintf("reports/shard-%d.xml", shard))); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		}
		summary, err := os.ReadFile(c.summary)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case !failing && (passed != 3 || jobs != 0 || strings.Contains(said, "::error")):
			t.Errorf("%d scenarios passed, %d jobs failed:\n%s", passed, jobs, said)
		case failing && (passed != 2 || jobs != 1 || strings.Count(said, "::error file=tests/coffee.yaml,line=") != 1 ||
			!strings.Contains(string(summary), "a frozen card buys none")):
			t.Errorf("%d scenarios passed, %d jobs failed:\n%s%s", passed, jobs, said, summary)
		}
		if _, err := os.Stat(filepath.Join(c.dir, "reports/failed.jsonl")); (err == nil) != failing {
			t.Errorf("the frames of what failed: %v", err)
		}
	}
}

// TestPipelineGitLab runs the page's GitLab job, in three parallel ones.
func TestPipelineGitLab(t *testing.T) {
	var jobs map[string]gitlabJob
	if err := yaml.Load([]byte(pipelineFiles(t)[".gitlab-ci.yml"]), &jobs); err != nil {
		t.Fatal(err)
	}
	job, c := jobs["scenarios"], newCheckout(t)
	for _, failing := range []bool{false, true} {
		c.fail(failing)
		passed, failed := 0, 0
		for node := 1; node <= job.Parallel; node++ {
			var lines []string
			for _, line := range append(jobs["default"].BeforeScript, job.Script...) {
				if !strings.HasPrefix(line, "git clone ") && !c.build(line) { // the sources are there
					lines = append(lines, line)
				}
			}
			out, code := c.shell(strings.Join(lines, "\n"), fmt.Sprintf("CI_NODE_INDEX=%d", node), fmt.Sprintf("CI_NODE_TOTAL=%d", job.Parallel))
			passed += strings.Count(out, "✓ ")
			if failed += code; code > 1 {
				t.Errorf("exit code %d\n%s", code, out)
			}
		}
		want := map[bool][2]int{false: {3, 0}, true: {2, 1}}[failing]
		if passed != want[0] || failed != want[1] {
			t.Errorf("%d scenarios passed, %d jobs failed, want %v", passed, failed, want)
		}
	}
}
