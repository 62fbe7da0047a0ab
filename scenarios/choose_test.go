package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// TestShards: whatever the number of shards, each scenario is in one and only one of
// them, and in the same when others come or go and however the way to its file is spelt.
func TestShards(t *testing.T) {
	of := func(s Shard, all []*Scenario) (out []*Scenario) {
		for _, sc := range all {
			if s.has(sc) {
				out = append(out, sc)
			}
		}
		return out
	}
	all, err := Select(loadCatalog(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 40; n++ {
		seen := map[*Scenario]int{}
		for i := 1; i <= n; i++ {
			for _, s := range of(Shard{i, n}, all) {
				seen[s]++
			}
		}
		for _, s := range all {
			if seen[s] != 1 {
				t.Errorf("%d shards: %q is in %d of them", n, s.Name, seen[s])
			}
		}
	}
	whole, less := of(Shard{2, 3}, all), of(Shard{2, 3}, all[len(all)/2:])
	if len(less) == 0 || len(whole) <= len(less) || whole[len(whole)-len(less)] != less[0] {
		t.Error("a scenario changes its shard when another goes")
	}
	moved := *whole[0]
	moved.File = "/somewhere/else/" + moved.File
	if !(Shard{2, 3}).has(&moved) {
		t.Error("a scenario changes its shard with the directory of the checkout")
	}
	for _, wrong := range []string{"", "1", "0/2", "3/2", "1/0", "a/b", "1/2/3", "-1/2"} {
		if _, err := ParseShard(wrong); err == nil {
			t.Errorf("shard %q was taken", wrong)
		}
	}
}

// TestEmptyShard: where a shard has nothing to run the others have, and that is no
// failure. Where none has anything, each of them fails.
func TestEmptyShard(t *testing.T) {
	files := load(t, several)
	empty, passed, failed := 0, 0, 0
	for i := 1; i <= 50; i++ {
		sum, err := Run(t.Context(), files, Options{Shard: Shard{i, 50}})
		if err != nil {
			t.Fatal(err)
		}
		passed, failed = passed+sum.Passed, failed+sum.Failed
		if sum.Passed+sum.Failed == 0 {
			empty++
			if want := fmt.Sprintf("shard %d/50 has none of the 3 scenarios to run", i); sum.Err() != nil || !strings.HasPrefix(sum.Empty, want) {
				t.Errorf("got %q, %v", sum.Empty, sum.Err())
			}
		}
	}
	if empty < 47 || passed != 2 || failed != 1 {
		t.Errorf("%d shards are empty, %d scenarios passed, %d failed", empty, passed, failed)
	}
	only := regexp.MustCompile("third") // it is skipped
	for i := 1; i <= 3; i++ {
		sum, err := Run(t.Context(), files, Options{Filter: only, Shard: Shard{i, 3}})
		if err != nil || !errors.Is(sum.Err(), ErrNothingRan) {
			t.Errorf("shard %d: got %v %v", i, err, sum.Err())
		}
	}
}

// TestAgain: what is to be run again runs alone; what is gone is an error.
func TestAgain(t *testing.T) {
	files := load(t, several)
	got, err := Select(files, Options{Again: []Identity{{"./x.yaml", "second"}}})
	if err != nil || len(got) != 1 || got[0].Name != "second" {
		t.Errorf("got %d scenarios, %v", len(got), err)
	}
	for _, gone := range []Identity{{"x.yaml", "fifth"}, {"y.yaml", "second"}} {
		if _, err := Select(files, Options{Again: []Identity{{"x.yaml", "second"}, gone}}); !errors.Is(err, ErrNoMatch) {
			t.Errorf("%v: got %v", gone, err)
		}
	}
}
