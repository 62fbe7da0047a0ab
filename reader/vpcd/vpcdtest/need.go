package vpcdtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Lab is the machine that tests run on.
type Lab struct {
	// CI says that nothing may be skipped: os.Getenv("CI") == "true".
	CI bool
}

// Need skips a test without a program, or without the file of an absolute path, and
// names the Debian package that has it.
func (l Lab) Need(t testing.TB, program, debian string) {
	t.Helper()
	_, err := exec.LookPath(program)
	if filepath.IsAbs(program) {
		_, err = os.Stat(program)
	}
	if err != nil {
		l.absent(t, program+" is not installed (Debian: apt-get install "+debian+")")
	}
}

// absent skips, or fails where nothing may be skipped.
func (l Lab) absent(t testing.TB, why string) {
	t.Helper()
	if l.CI {
		t.Fatalf("%s, and CI may not skip %s", why, t.Name())
	}
	t.Skip(why)
}
