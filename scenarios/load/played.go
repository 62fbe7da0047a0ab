package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
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
	if p.sum.Checks == nil {
		p.sum.Checks = map[string]Check{}
	}
	c := p.sum.Checks[name]
	if ok {
		c.Passed++
	} else {
		c.Failed++
	}
	p.sum.Checks[name] = c
}

func (p *plays) add(name string, n float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sum.Counters == nil {
		p.sum.Counters = map[string]float64{}
	}
	p.sum.Counters[name] += n
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
		for name, c := range one.Checks {
			was := sum.Checks[name]
			sum.Checks[name] = Check{was.Passed + c.Passed, was.Failed + c.Failed}
		}
		for name, n := range one.Counters {
			sum.Counters[name] += n
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

// longestName bounds the name of a check, a counter or a tag.
const longestName = 120

// Printable reports whether a name fits a line of a report.
func Printable(name string) bool {
	return name != "" && len(name) <= longestName && utf8.ValidString(name) &&
		!slices.ContainsFunc([]rune(name), func(r rune) bool { return !unicode.IsPrint(r) })
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
