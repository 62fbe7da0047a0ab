package load

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// Played is what players came to, beside their orders.
type Played struct {
	Iterations int64              `json:"iterations"`
	Checks     map[string]Check   `json:"checks"` // by name
	Counters   map[string]float64 `json:"counters"`
}

// Check is how often something was as it should be, and how often not.
type Check struct {
	Passed int64 `json:"passed"`
	Failed int64 `json:"failed"`
}

// All adds all checks up.
func (p *Played) All() (sum Check) {
	if p == nil {
		return sum
	}
	for _, c := range p.Checks {
		sum.Passed += c.Passed
		sum.Failed += c.Failed
	}
	return sum
}

func (p *Played) iterations() int64 {
	if p == nil {
		return 0
	}
	return p.Iterations
}

// plays counts for players of all terminals.
type plays struct {
	mu  sync.Mutex
	sum Played
}

func (p *plays) check(name string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok {
		p.sum.check(name, Check{Passed: 1})
	} else {
		p.sum.check(name, Check{Failed: 1})
	}
}

func (p *plays) add(name string, n float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sum.count(name, n)
}

// MostNames bounds how many checks, and how many counters, a report has by their names. A
// script may give every iteration one of its own: what comes beyond is counted as Others.
const MostNames = 1000

// Others is the name of what there was no room for.
const Others = "(others)"

// check adds to a check.
func (p *Played) check(name string, c Check) {
	if p.Checks == nil {
		p.Checks = map[string]Check{}
	}
	name = room(p.Checks, name)
	was := p.Checks[name]
	p.Checks[name] = Check{was.Passed + c.Passed, was.Failed + c.Failed}
}

// count adds to a counter, which goes no further than numbers do.
func (p *Played) count(name string, n float64) {
	if p.Counters == nil {
		p.Counters = map[string]float64{}
	}
	name = room(p.Counters, name)
	p.Counters[name] = max(-math.MaxFloat64, min(p.Counters[name]+n, math.MaxFloat64))
}

// room is the name under which something is counted.
func room[V any](counted map[string]V, name string) string {
	named := len(counted)
	if _, there := counted[Others]; there {
		named--
	}
	if _, there := counted[name]; there || named < MostNames {
		return name
	}
	return Others
}

// iteration counts one that has ended.
func (p *plays) iteration() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sum.Iterations++
}

// report copies what there is.
func (p *plays) report() *Played {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sum.plus(nil)
}

// plus is what two runs came to that went on at the same time; nil where neither played.
func (p *Played) plus(o *Played) *Played {
	if p == nil && o == nil {
		return nil
	}
	sum := &Played{Checks: map[string]Check{}, Counters: map[string]float64{}}
	for _, one := range []*Played{p, o} {
		if one == nil {
			continue
		}
		sum.Iterations += one.Iterations
		for _, name := range slices.Sorted(maps.Keys(one.Checks)) { // in order: there may be no room
			sum.check(name, one.Checks[name])
		}
		for _, name := range slices.Sorted(maps.Keys(one.Counters)) {
			sum.count(name, one.Counters[name])
		}
	}
	return sum
}

// sound refuses what no run has written: it would be printed.
func (p *Played) sound() error {
	if p == nil {
		return nil
	}
	if p.Iterations < 0 {
		return fmt.Errorf("played: iterations is %d, and is never below 0", p.Iterations)
	}
	for name, c := range p.Checks {
		if c.Passed < 0 || c.Failed < 0 || !Printable(name) {
			return fmt.Errorf("played: checks: a name that no report has, or a number below 0")
		}
	}
	for name := range p.Counters {
		if !Printable(name) {
			return fmt.Errorf("played: counters: a name that no report has")
		}
	}
	return nil
}

// longestName bounds the name of a check or a counter.
const longestName = 120

// Printable reports whether a name fits a line of a report.
func Printable(name string) bool {
	return name != "" && len(name) <= longestName && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}

// writeText writes the figures for people.
func (p *Played) writeText(w io.Writer) {
	if p == nil {
		return
	}
	all := p.All()
	fmt.Fprintf(w, "script    iterations %d  checks passed %d  failed %d\n", p.Iterations, all.Passed, all.Failed)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(p.Checks)) {
		c := p.Checks[name]
		fmt.Fprintf(table, "          %s\tpassed %d\tfailed %d\n", name, c.Passed, c.Failed)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Counters)) {
		fmt.Fprintf(table, "          %s\t%g\n", name, p.Counters[name])
	}
	table.Flush()
}
