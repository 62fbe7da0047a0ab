package script

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
)

// Options are what a script says of its run. What it does not say is nil.
type Options struct {
	Terminals, Connections *int
	Rate                   *float64 // iterations a second
	Ramp, Duration         *time.Duration
	Iterations             *int64
	Seed                   *uint64
	Timeout                *time.Duration // of an answer
	FailIf                 []string       // as of possim load --fail-if

	Line int // where the script has them
}

// read takes what the script exports as options; nothing is no options.
func (o *Options) read(v sobek.Value) error {
	if v == nil || sobek.IsUndefined(v) || sobek.IsNull(v) {
		return nil
	}
	all, ok := v.Export().(map[string]any)
	if !ok {
		return fmt.Errorf("options: want an object, as in { terminals: 8, duration: '10s' }")
	}
	fields := map[string]func(any) error{
		"terminals": number(&o.Terminals, 1, math.MaxInt32), "connections": number(&o.Connections, 0, math.MaxInt32),
		"iterations": number(&o.Iterations, 0, mostWhole), "seed": number(&o.Seed, 0, mostWhole),
		"rate": o.rate, "ramp": span(&o.Ramp), "duration": span(&o.Duration), "timeout": span(&o.Timeout), "failIf": o.failIf,
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		read := fields[name]
		if read == nil {
			known := strings.Join(slices.Sorted(maps.Keys(fields)), ", ")
			if ours := ofK6[name]; ours != "" {
				return fmt.Errorf("options.%s: there is no such option: what k6 has by that name is here %s; there are %s", name, ours, known)
			}
			return fmt.Errorf("options.%s: there is no such option: there are %s", name, known)
		}
		if err := read(all[name]); err != nil {
			return fmt.Errorf("options.%s: %w", name, err)
		}
	}
	return nil
}

// ofK6 is what k6's options are called here.
var ofK6 = map[string]string{"vus": "terminals", "thresholds": "failIf", "stages": "ramp, which grows to rate or terminals"}

// neverCalled are the functions that k6 calls beside the default one.
var neverCalled = []string{"setup", "teardown", "handleSummary"}

// mostWhole is what a number of JavaScript counts to without a gap.
const mostWhole = 1<<53 - 1

// number reads a whole number from one to another.
func number[N int | int64 | uint64](to **N, from, most int64) func(any) error {
	return func(v any) error {
		n, ok := v.(int64)
		if !ok || n < from || n > most {
			return fmt.Errorf("it is %s: want a whole number from %d to %d", given(v), from, most)
		}
		*to = new(N(n))
		return nil
	}
}

func (o *Options) rate(v any) error {
	n, ok := toFloat(v)
	if !ok || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return fmt.Errorf("it is %s: want a number of iterations a second", given(v))
	}
	o.Rate = &n
	return nil
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// given is what stands there, as a script would write it.
func given(v any) string {
	switch v := v.(type) {
	case string:
		return "'" + v + "'"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case nil:
		return "null"
	case bool, int64, float64:
		return fmt.Sprint(v)
	}
	return "something else"
}

// span reads a time with its unit.
func span(to **time.Duration) func(any) error {
	return func(v any) error {
		text, _ := v.(string)
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("it is %s: want a time with its unit, as in '10s' or '1m30s'", given(v))
		}
		*to = &d
		return nil
	}
}

func (o *Options) failIf(v any) error {
	list, ok := v.([]any)
	for _, one := range list {
		text, isText := one.(string)
		ok = ok && isText
		o.FailIf = append(o.FailIf, text)
	}
	if !ok {
		return fmt.Errorf("it is %s: want a list of conditions, as in ['p99>50ms', 'errors>0']", given(v))
	}
	return nil
}
