package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"possim/reader/recording"
)

// TestMain lets scripts run possim as a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"possim": func() { os.Exit(worldApp().main(os.Args[1:])) },
	})
}

// TestScript runs testdata/script: each command, each exit code. Beside
// testscript's own commands there is `code N possim ...`, which wants that exit code.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_STATE_HOME", env.WorkDir+"/state")
			env.Setenv("NO_COLOR", "1")
			return silence(env.WorkDir + "/silent.wav")
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": wantCode},
	})
}

// silence writes a second of a recording without a swipe.
func silence(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return recording.WriteWAV(file, recording.Audio{Rate: 48000, Channels: [][]float64{make([]float64, 48000)}})
}

func wantCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

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
