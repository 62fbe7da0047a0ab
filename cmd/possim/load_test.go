package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// loadLine is the line of possim load --json (a contract).
type loadLine struct {
	Rate     float64
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	Sent     int64
	Answered int64
	Errors   int64
	Codes    map[string]int64
	Series   []struct {
		Kind, Tag, Code, Cause string
		Count                  int64
		P99                    float64 `json:"p99_ms"`
	}
}

// TestLoadOverTCP: terminals on few connections sell at a real host, durably, and what
// they call approved is what its books have.
func TestLoadOverTCP(t *testing.T) {
	need(t, "sqlite3")
	db := filepath.Join(t.TempDir(), "books.db")
	h := startHost(t, "--walk-in", "--db", db, "--log", "error")
	code, out, errs := possim(t, "load", "--host", h.addr, "--terminals", "16", "--connections", "4", "--rate", "100", "--duration", "2s", "--json")
	var got loadLine
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || strings.Count(out, "\n") != 1 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if got.Answered == 0 || got.Codes["00"] != got.Answered || got.Sent != got.Answered || got.P50 <= 0 || got.P99 < got.P50 || got.Rate <= 0 {
		t.Errorf("%+v", got)
	}
	h.stop()
	sales := query(t, db, `SELECT count(*) || ' of ' || sum(json_extract(memo, '$.amount')) FROM postings
		WHERE json_extract(memo, '$.kind') = 'sale' AND coalesce(refused, '') = ''`)
	if want := fmt.Sprintf("%d of %[1]d", got.Codes["00"]); sales != want {
		t.Errorf("the books have %s fen, the terminals %s", sales, want)
	}
}

// TestLoadBusyHost: a host that takes one request at a time answers 91 to those that come
// beside it, and the load counts them under their code and not as errors. Connections
// beyond what it takes are closed, and the load says so.
func TestLoadBusyHost(t *testing.T) {
	h := startHost(t, "--walk-in", "--db", filepath.Join(t.TempDir(), "books.db"), "--max-pending", "1", "--log", "error")
	code, out, errs := possim(t, "load", "--host", h.addr, "--terminals", "16", "--count", "2000", "--json")
	var got loadLine
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if got.Codes["91"] == 0 || got.Codes["00"] == 0 || got.Codes["00"]+got.Codes["91"] != got.Answered || got.Errors != 0 {
		t.Errorf("%s", out)
	}
	h = startHost(t, "--walk-in", "--max-connections", "2", "--log", "warn")
	code, out, errs = possim(t, "load", "--host", h.addr, "--terminals", "4", "--count", "40", "--timeout", "1s", "--json")
	got = loadLine{}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if got.Codes["00"] == 0 || got.Errors == 0 || got.Answered+got.Errors != 40 {
		t.Errorf("%s", out)
	}
	h.logged("too many are open")
}

// TestLoadEnds: each way in which a run ends has its exit code.
func TestLoadEnds(t *testing.T) {
	h := startHost(t, "--log", "error") // knows the catalog's cards alone
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--host 127.0.0.1:1", exitWorld, "could not begin"},
		{"--count 20", exitOK, "--walk-in"},
		{"--count 20 --fail-if approved<99%", exitFailed, "approved<99%: it is 0.000%"},
		{"--count 20 --tmk 00112233445566778899AABBCCDDEEFF", exitWorld, "sign-on"},
		{"--duration -1s", exitUsage, "0 or more"},
		{"--fail-if speed>1", exitUsage, "no metric"},
		{"--fail-if p99{speed:1}>1s", exitUsage, "the labels are kind, tag, code and cause"},
		{"--fail-if errors{cause:noanswer}>1s", exitUsage, "no-answer"},
		{"--fail-if p99{cause:no-answer}>1s", exitUsage, "is not answered"},
		{"--count 20 --fail-if p99{kind:void}>1h", exitFailed, "no such order was answered"},
		{"--count 20 --fail-if answered{code:14}>99% --fail-if answered{code:00}>0", exitFailed, "answered{code:14}>99%: it is 100.000% of all orders\n"},
		{"--mix gift=1", exitUsage, "the kinds are"},
		{"--pool 0", exitUsage, "--pool 0"},
		{"--tid-from 99999999", exitUsage, "nine digits"},
		{"--tid-from 1", exitUsage, "8 digits"},
		{"--amount 0", exitUsage, "over 0"},
		{"--cards none.yaml", exitFile, "none.yaml"},
	} {
		args := append([]string{"load", "--host", h.addr, "--terminals", "4"}, strings.Fields(c.args)...)
		code, out, errs := possim(t, args...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", c.args, code, c.code, c.says, out, errs)
		}
	}
}

// TestLoadInterrupted: it shows its figures and exits 130.
func TestLoadInterrupted(t *testing.T) {
	h := startHost(t, "--walk-in")
	var out, errs syncBuffer
	cmd := exec.Command("possim", "load", "--host", h.addr, "--terminals", "2", "--rate", "50", "--duration", "1h", "--json")
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	h.logged(`"mti":"0200"`)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	var got loadLine
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil || cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("exit %d, %v\n%s%s", cmd.ProcessState.ExitCode(), err, &out, &errs)
	}
}

// TestLoadSeries: orders of one run are told apart by kind and code, by a person, by JSON,
// and by a condition; and so are those of two shards.
func TestLoadSeries(t *testing.T) {
	dir := t.TempDir()
	cards := filepath.Join(dir, "cards.yaml")
	if err := os.WriteFile(cards, []byte(`cards:
  good: {pan: 6222020000000015, expiry: 2912}
  poor: {pan: 6222020000000023, expiry: 2912, account: {balance: 0}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	h := startHost(t, "--cards", cards, "--log", "error")
	args := []string{"load", "--host", h.addr, "--cards", cards, "--terminals", "4", "--count", "200", "--mix", "sale=1,balance=1"}
	code, out, errs := possim(t, args...)
	if code != exitOK || !regexp.MustCompile(`(?m)^series    kind     code  count +p50 +p99 +max$`).MatchString(out) || !regexp.MustCompile(`(?m)^          sale     51  +\d+ .*ms$`).MatchString(out) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	var files []string
	for i := range 2 {
		code, out, errs := possim(t, append(args, "--json", "--latencies", "--shard", fmt.Sprintf("%d/2", i+1))...)
		files = append(files, filepath.Join(dir, fmt.Sprint(i)))
		if err := os.WriteFile(files[i], []byte(out), 0o600); err != nil || code != exitOK {
			t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
		}
	}
	code, out, errs = possim(t, append([]string{"load", "merge", "--json", "--fail-if", "p99{code:00}>9s", "--fail-if", "answered{code:51}<1%", "--fail-if", "errors{cause:no-answer}>0"}, files...)...)
	var got loadLine
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || got.Answered != 200 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	of := map[string]int64{}
	for _, s := range got.Series {
		of[s.Kind] += s.Count
		of[s.Code] += s.Count
		if s.Tag != "" || s.Cause != "" || s.P99 <= 0 {
			t.Errorf("%+v", s)
		}
	}
	if of["00"] != got.Codes["00"] || of["51"] != got.Codes["51"] || of["51"] == 0 || of["sale"]+of["balance"] != 200 || of["balance"] == 0 {
		t.Errorf("%v of\n%s", of, out)
	}
	if code, _, errs := possim(t, append([]string{"load", "merge", "--fail-if", "answered{code:51}>0"}, files...)...); code != exitFailed || !strings.Contains(errs, fmt.Sprintf("it is %d", of["51"])) {
		t.Errorf("exit %d\n%s", code, errs)
	}
}
