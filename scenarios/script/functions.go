package script

import (
	"encoding/json"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/grafana/sobek"
)

// module is what the script imports.
func (v *vm) module() map[string]sobek.Value {
	return map[string]sobek.Value{
		"cards": v.cards(), "terminal": v.terminal(), "scenarios": v.rt.ToValue(v.scenarios),
		"check": v.rt.ToValue(v.check), "count": v.rt.ToValue(v.count), "sleep": v.rt.ToValue(v.sleep),
		"open": v.rt.ToValue(v.open), "env": v.env(),
	}
}

// env is a copy of what the script is given, which it may write to.
func (v *vm) env() *sobek.Object {
	o := v.rt.NewObject()
	for _, name := range slices.Sorted(maps.Keys(v.script.Env)) {
		_ = o.Set(name, v.script.Env[name]) // a new object takes anything
	}
	return o
}

// check counts whether a value is as it should be: check(sale, {'is approved': s => s.approved}).
func (v *vm) check(call sobek.FunctionCall) sobek.Value {
	v.at("check")
	conditions, is := call.Argument(1).(*sobek.Object)
	if !is {
		v.throw("check: want a value, and conditions by name, as in check(sale, { 'is approved': s => s.approved })")
	}
	all := true
	for _, name := range conditions.Keys() {
		holds := conditions.Get(name)
		if holds == nil { // a condition before it has deleted it
			holds = sobek.Undefined()
		}
		if f, is := sobek.AssertFunction(holds); is {
			got, err := f(sobek.Undefined(), call.Argument(0))
			if err != nil {
				panic(err)
			}
			holds = got
		}
		ok := holds.ToBoolean()
		v.named("check", name)
		v.seat.Check(name, ok)
		all = all && ok
	}
	return v.rt.ToValue(all)
}

// count adds to a counter of the script's own.
func (v *vm) count(call sobek.FunctionCall) sobek.Value {
	v.at("count")
	name, n := v.text(call.Argument(0)), 1.0
	if sobek.IsUndefined(call.Argument(0)) {
		v.throw("count: want a name, as in count('regrets')")
	}
	v.named("count", name)
	if by := call.Argument(1); !sobek.IsUndefined(by) {
		n = by.ToFloat()
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		v.throw("count: %s: want a number", call.Argument(1))
	}
	v.seat.Count(name, n)
	return sobek.Undefined()
}

// longestSleep bounds a wait.
const longestSleep = 24 * time.Hour

// sleep waits for some seconds.
func (v *vm) sleep(call sobek.FunctionCall) sobek.Value {
	v.at("sleep")
	s := call.Argument(0).ToFloat()
	if math.IsNaN(s) || s < 0 || s > longestSleep.Seconds() {
		v.throw("sleep: %s: want seconds, as in sleep(0.5)", call.Argument(0))
	}
	if err := v.seat.Sleep(time.Duration(s * float64(time.Second))); err != nil {
		v.end(err)
	}
	return sobek.Undefined()
}

// open returns the text of a file beside the script.
func (v *vm) open(call sobek.FunctionCall) sobek.Value {
	text, err := v.script.Read(v.script.beside(call.Argument(0).String()))
	if err != nil {
		v.throw("open: %s", err)
	}
	return v.rt.ToValue(string(text))
}

// beside is a path as the script says it: from where the script is.
func (s *Script) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(s.path), filepath.FromSlash(path))
}

// console prints what the script says.
func (v *vm) console() map[string]func(sobek.FunctionCall) sobek.Value {
	say := func(call sobek.FunctionCall) sobek.Value {
		var words []string
		for _, a := range call.Arguments {
			words = append(words, v.shown(a))
		}
		v.script.print(strings.Join(words, " "))
		return sobek.Undefined()
	}
	return map[string]func(sobek.FunctionCall) sobek.Value{"log": say, "info": say, "warn": say, "error": say, "debug": say}
}

// shown is a value in a line: objects as JSON.
func (v *vm) shown(a sobek.Value) string {
	if o, is := a.(*sobek.Object); is {
		text, err := json.Marshal(o)
		said := v.text(a)
		empty := string(text) == "{}" && said != "[object Object]" && said != textless // an Error, a Map
		if _, function := sobek.AssertFunction(o); err == nil && !empty && !function {
			return string(text)
		}
		return said
	}
	return a.String()
}
