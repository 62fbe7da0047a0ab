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
	given, ok := v.Export().(map[string]any)
	if !ok {
		return fmt.Errorf("options: want an object, as in { terminals: 8, duration: '10s' }")
	}
	fields := map[string]func(any) error{
		"terminals": number(&o.Terminals), "connections": number(&o.Connections), "iterations": number(&o.Iterations), "seed": number(&o.Seed),
		"rate": o.rate, "ramp": span(&o.Ramp), "duration": span(&o.Duration), "timeout": span(&o.Timeout), "failIf": o.failIf,
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		read := fields[name]
		if read == nil {
			return fmt.Errorf("options.%s: there is no such option: there are %s", name, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
		if err := read(given[name]); err != nil {
			return fmt.Errorf("options.%s: %w", name, err)
		}
	}
	return nil
}

// number reads a whole number of 0 or more.
func number[N int | int64 | uint64](to **N) func(any) error {
	return func(v any) error {
		n, ok := v.(int64)
		if !ok || n < 0 || n > math.MaxInt32 {
			return fmt.Errorf("it is %v: want a whole number from 0", v)
		}
		*to = new(N(n))
		return nil
	}
}

func (o *Options) rate(v any) error {
	n, ok := toFloat(v)
	if !ok || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
		return fmt.Errorf("it is %v: want iterations a second", v)
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

// span reads a time with its unit.
func span(to **time.Duration) func(any) error {
	return func(v any) error {
		text, _ := v.(string)
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("it is %v: want a time with its unit, as in '10s' or '1m30s'", v)
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
		return fmt.Errorf("it is %v: want a list of conditions, as in ['p99>50ms', 'errors>0']", v)
	}
	return nil
}
