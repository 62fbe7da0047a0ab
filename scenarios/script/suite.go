package script

import (
	"errors"
	"fmt"

	"github.com/grafana/sobek"

	"possim/emulator"
	"possim/host/wire"
	"possim/scenarios"
)

// played is how a scenario ended, as a script reads it.
type played struct {
	Status  string  `json:"status"` // passed, failed or skipped
	Passed  bool    `json:"passed"`
	Reason  string  `json:"reason"` // it was skipped
	Failure string  `json:"failure"`
	Line    int     `json:"line"` // of the failure
	Took    float64 `json:"ms"`
}

// scenarios reads a scenario file: a list of its scenarios, each with play().
func (v *vm) scenarios(call sobek.FunctionCall) sobek.Value {
	files, err := v.script.suite(v.script.beside(call.Argument(0).String()))
	if err != nil {
		v.throw("scenarios: %s", err)
	}
	var list []any
	for _, f := range files {
		for _, sc := range f.Scenarios {
			o := v.rt.NewObject()
			for name, value := range map[string]any{
				"name": sc.Name, "file": sc.File, "line": sc.Line, "tags": v.list(sc.Tags),
				"play": func() sobek.Value { return v.plain(v.play(f, sc)) },
			} {
				_ = o.Set(name, value) // a new object takes anything
			}
			list = append(list, o)
		}
	}
	return v.rt.NewArray(list...)
}

// list is a copy of some words, which the script may write to.
func (v *vm) list(words []string) *sobek.Object {
	items := make([]any, len(words))
	for i, word := range words {
		items[i] = word
	}
	return v.rt.NewArray(items...)
}

// suite parses a scenario file, once for all terminals.
func (s *Script) suite(path string) ([]*scenarios.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if files := s.suites[path]; files != nil {
		return files, nil
	}
	text, err := s.Read(path)
	if err != nil {
		return nil, err
	}
	files, err := scenarios.Load([]scenarios.Source{{Path: path, Data: text}}, s.Named...)
	if err != nil {
		return nil, err
	}
	s.suites[path] = files
	return files, nil
}

// play plays a scenario at this terminal, in real time, over its own connections. How it
// ended is a check by its name.
func (v *vm) play(f *scenarios.File, sc *scenarios.Scenario) *played {
	v.at("play")
	var sum scenarios.Summary
	began := v.seat.Now()
	memory, give, err := v.script.chips.lend(v.ctx, sc.Chips())
	if err != nil {
		v.over(err)
		v.throw("%s", err)
	}
	defer give()
	err = v.seat.Lend(func(state emulator.State, dial wire.Dialer) (emulator.State, error) {
		v.script.mu.Lock()
		o := v.script.plays
		v.script.mu.Unlock()
		real := *o.Real
		real.Dial, real.TID, real.Chip = dial, v.seat.TID(), memory
		real.State = func(string) (emulator.State, func(emulator.State) error, error) {
			return state, func(s emulator.State) error { state = s; return nil }, nil
		}
		o.Real, o.Jobs, o.Seed = &real, 1, v.seat.Rand().Uint64()
		batch := state.Batch
		one := *f
		one.Scenarios = []*scenarios.Scenario{sc}
		var err error
		sum, err = scenarios.Run(v.ctx, []*scenarios.File{&one}, o)
		if state.Batch != batch {
			v.batch++
		}
		return state, err
	})
	var wrong scenarios.Errors
	switch {
	case v.ctx.Err() != nil:
		v.end(v.ctx.Err())
	case errors.As(err, &wrong):
		v.throw("%s", wrong[0])
	case err != nil && len(sum.Results) == 0:
		v.throw("%s:%d: %s", sc.File, sc.Line, err)
	}
	p := result(sum.Results[0])
	p.Took = float64(v.seat.Now().Sub(began).Microseconds()) / 1000
	if p.Status != string(scenarios.Skipped) {
		v.seat.Check("scenario "+sc.Name, p.Passed)
	}
	return p
}

// result is how a scenario ended.
func result(r scenarios.Result) *played {
	p := &played{Status: string(r.Status), Passed: r.Status == scenarios.Passed, Reason: r.Reason}
	if len(r.Failures) > 0 {
		f := r.Failures[0]
		p.Line = f.Line
		p.Failure = fmt.Sprintf("%s: want %s, got %s", f.Key, f.Want, f.Got)
	}
	return p
}
