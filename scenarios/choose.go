package scenarios

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Identity is what tells a scenario from every other: its file and its name.
type Identity struct{ File, Name string }

// same reports whether it is the scenario's, however the way to the file is spelt.
func (i Identity) same(s *Scenario) bool {
	return i.Name == s.Name && filepath.Clean(i.File) == filepath.Clean(s.File)
}

// Shard is one of several runs that share the scenarios among them: number Index of
// Of. A scenario's shard depends on its name and its file's alone, so that the shards
// of one matrix have nothing in common, leave nothing out, and keep what they have when
// scenarios are added. The zero value has every scenario.
type Shard struct{ Index, Of int }

// mostShards bounds them: no matrix has more jobs.
const mostShards = 1000

// ParseShard reads "2/3": the second of three.
func ParseShard(s string) (Shard, error) {
	index, of, _ := strings.Cut(s, "/")
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(of)
	if err1 != nil || err2 != nil || i < 1 || i > n || n > mostShards {
		return Shard{}, fmt.Errorf("shard %q: write it as 1/3, the first of three; there are at most %d", s, mostShards)
	}
	return Shard{i, n}, nil
}

// has reports whether a scenario is this shard's.
func (s Shard) has(sc *Scenario) bool {
	return s.Of == 0 || seedOf(0, sc)%uint64(s.Of) == uint64(s.Index-1)
}

// part returns this shard's part of a plan. Where it has nothing to run and the other
// shards have, empty says so: that is as it should be.
func (s Shard) part(whole []Result) (plan []Result, empty string) {
	open, mine := 0, 0
	for _, r := range whole {
		if r.Status == "" {
			open++
		}
		if !s.has(r.Scenario) {
			continue
		}
		plan = append(plan, r)
		if r.Status == "" {
			mine++
		}
	}
	if mine == 0 && open > 0 {
		empty = fmt.Sprintf("shard %d/%d has none of the %d scenarios to run: the other shards have them", s.Index, s.Of, open)
	}
	return plan, empty
}

// Select returns the scenarios that Again, a filter, tags and a shard leave, in order.
// The error wraps ErrNoMatch when there is none whatever the shard.
func Select(files []*File, o Options) ([]*Scenario, error) {
	all, err := match(files, &o)
	return slices.DeleteFunc(all, func(s *Scenario) bool { return !o.Shard.has(s) }), err
}

// match is Select without regard to the shard.
func match(files []*File, o *Options) ([]*Scenario, error) {
	var all, out []*Scenario
	for _, f := range files {
		all = append(all, f.Scenarios...)
	}
	again, err := again(all, o.Again)
	if err != nil {
		return nil, err
	}
	for _, s := range again {
		if o.wants(s) {
			out = append(out, s)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	asked := ""
	if o.Filter != nil {
		asked += fmt.Sprintf(" the filter %q", o.Filter)
	}
	if len(o.Tags) > 0 {
		asked += fmt.Sprintf(" the tags %q", o.Tags)
	}
	return nil, fmt.Errorf("%w%s: there are %d, list them with --list", ErrNoMatch, asked, len(again))
}

// wants reports whether the filter and the tags pick a scenario.
func (o *Options) wants(s *Scenario) bool {
	return (o.Filter == nil || o.Filter.MatchString(s.Name)) && s.tagged(o.Tags)
}

// again returns the scenarios that are to be run again. One that is gone is an error:
// what failed does not become good by being renamed.
func again(all []*Scenario, wanted []Identity) ([]*Scenario, error) {
	if wanted == nil {
		return all, nil
	}
	var out []*Scenario
	found := make([]bool, len(wanted))
	for _, s := range all {
		for i, w := range wanted {
			if w.same(s) {
				found[i] = true
				out = append(out, s)
				break
			}
		}
	}
	if i := slices.Index(found, false); i >= 0 {
		return nil, fmt.Errorf("%w: %q of %s, which is to be run again, is not among these files: run them all", ErrNoMatch, redact(wanted[i].Name), redact(wanted[i].File))
	}
	return out, nil
}

// shipped reports whether the scenario is of the built-in catalog.
func (s *Scenario) shipped() bool { return strings.HasPrefix(s.File, catalogDir) }
