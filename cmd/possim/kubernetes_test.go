package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"
)

// podSpec is what a shell has to know of a manifest.
type podSpec struct {
	Kind string
	Spec struct {
		Completions, Parallelism int
		CompletionMode           string `yaml:"completionMode"`
		Template                 struct {
			Spec struct {
				Containers []struct{ Command, Args []string }
			}
		}
	}
}

// manifests are the documents of a file that a page has the reader write.
func manifests(t *testing.T, page, name string) (found []podSpec) {
	for _, b := range blocks(t, page) {
		if b.lang != "yaml" || b.arg != name {
			continue
		}
		for text := range strings.SplitSeq(strings.Join(b.lines, "\n"), "\n---\n") {
			var m podSpec
			if err := yaml.Load([]byte(text), &m); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			found = append(found, m)
		}
	}
	return found
}

// TestKubernetesJob runs what the pods of docs/kubernetes.md run, at the same time, and
// adds up their logs: no terminal is anybody else's, and the books have what they count.
func TestKubernetesJob(t *testing.T) {
	need(t, "sqlite3")
	const page = "../../docs/kubernetes.md"
	deployed := manifests(t, page, "host.yaml")
	args := deployed[len(deployed)-1].Spec.Template.Spec.Containers[0].Args
	db := filepath.Join(t.TempDir(), "books.db")
	if len(args) < 2 || args[0] != "host" || args[1] != "--walk-in" {
		t.Fatalf("the host of the page is %q", args)
	}
	h := startHost(t, "--walk-in", "--db", db, "--log", "error")
	job := manifests(t, page, "load.yaml")[0]
	pod := job.Spec.Template.Spec.Containers[0]
	n := job.Spec.Completions
	if n < 2 || job.Spec.Parallelism != n || job.Spec.CompletionMode != "Indexed" || !strings.Contains(pod.Args[0], fmt.Sprintf("+ 1))/%d ", n)) {
		t.Fatalf("a job of %d pods, %d at a time, %s, that run %q", n, job.Spec.Parallelism, job.Spec.CompletionMode, pod.Args)
	}
	script := strings.NewReplacer("possim-host:8583", h.addr, "--duration 10s", "--duration 1s").Replace(pod.Args[0])
	logs := make([]bytes.Buffer, n)
	var pods sync.WaitGroup
	for i := range n {
		pods.Go(func() {
			cmd := exec.Command(pod.Command[0], append(pod.Command[1:], "echo a pod logs this too; "+script)...)
			cmd.Env = append(os.Environ(), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
			cmd.Stdout, cmd.Stderr = &logs[i], &logs[i]
			if err := cmd.Run(); err != nil {
				t.Errorf("pod %d: %v\n%s", i, err, &logs[i])
			}
		})
	}
	pods.Wait()
	var all bytes.Buffer
	for i := range logs {
		all.Write(logs[i].Bytes())
	}
	a, out, errs := testApp(all.String())
	code := a.run(t.Context(), []string{"load", "merge", "-", "--json"})
	var got loadLine
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if strings.Count(errs.String(), "passed over") != n {
		t.Errorf("stderr:\n%s", errs)
	}
	h.stop()
	sold := query(t, db, `SELECT count(*) || ' by ' || count(DISTINCT json_extract(memo, '$.tid')) FROM postings WHERE json_extract(memo, '$.kind') = 'sale' AND coalesce(refused, '') = ''`)
	if want := fmt.Sprintf("%d by 64", got.Codes["00"]); sold != want || got.Errors != 0 {
		t.Errorf("the books have %s, the reports %s: %+v", sold, want, got)
	}
}

// TestLoadMergeRefuses: a report that cannot be added is named by its line.
func TestLoadMergeRefuses(t *testing.T) {
	dir := t.TempDir()
	const good = `{"answered":1,"approved":1,"latencies_us":[[1000,1]]}` + "\n"
	for _, c := range []struct {
		text string
		code int
		says string
	}{
		{good + good, exitOK, ""},
		{good + "{\"answered\":2}\n", exitFile, "r.json:2:1: it has percentiles and no latencies_us"},
		{good + "\n{\"answered\":1,\n", exitFile, "r.json:3:"},
		{`{"answered":"1"}`, exitFile, "r.json:1:"},
		{"nothing\n", exitFile, "there is no report in it"},
		{"", exitFile, "there is no report in it"},
		{`{"answered":0,"errors":5,"latencies_us":[]}`, exitFailed, "no order was answered"},
		{good + strings.Repeat("x", longestReport+1), exitFile, "r.json:2:1: "},
	} {
		path := filepath.Join(dir, "r.json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		a, out, errs := testApp("")
		code := a.run(t.Context(), []string{"load", "merge", path})
		if code != c.code || !strings.Contains(errs.String(), c.says) {
			t.Errorf("%.60q: exit %d, want %d and %q\n%s%s", c.text, code, c.code, c.says, out, errs)
		}
	}
	for _, args := range [][]string{{"merge"}, {"merge", filepath.Join(dir, "none.json")}, {"merge", "--fail-if", "x>1", "r.json"}, {"--latencies"}, {"--shard", "0/4"}, {"--shard", "1/65"}} {
		a, _, errs := testApp("")
		if code := a.run(t.Context(), append([]string{"load"}, args...)); code != exitUsage && code != exitFile {
			t.Errorf("%v: exit %d\n%s", args, code, errs)
		}
	}
}
