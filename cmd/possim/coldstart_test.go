package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkColdStart is a whole process: `possim run` with one scenario out of the
// catalog, with a file of one scenario, and beside them the floor, a process that does
// nothing.
func BenchmarkColdStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "possim")
	if out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(b.TempDir(), "one.yaml")
	if err := os.WriteFile(file, []byte("possim: 1\nsuite: one\nscenarios:\n  - name: one\n    steps:\n      - sale: 12.34\n      - swipe: good\n        expect: {rc: 00}\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	for name, args := range map[string][]string{
		"floor":    {"true"},
		"file":     {program, "run", file},
		"catalog":  {program, "run", "--filter", "^answer lost, then reversed$"},
		"chip":     {program, "run", "--filter", "^a chip sale$"},
		"together": {program, "run"},
	} {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
					b.Fatalf("%v\n%s", err, out)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
		})
	}
}
