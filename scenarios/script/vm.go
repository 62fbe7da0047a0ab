package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/grafana/sobek"

	"possim/scenarios/load"
)

// vm is a terminal's copy of the script: a runtime of its own, which shares nothing with
// another's.
type vm struct {
	script  *Script
	rt      *sobek.Runtime
	seat    *load.Seat // nil while the options are read
	ctx     context.Context
	playing bool
	exports *sobek.Object
	main    sobek.Callable
	batch   int // settlements so far: a voucher is of its batch
	number  int64
	lost    []*sobek.Promise // rejected, and nobody has taken it yet
}

// deepest bounds how far functions may call each other.
const deepest = 1000

// read runs the script once, up to the end of the file.
func (s *Script) read(ctx context.Context, seat *load.Seat) (*vm, error) {
	v := &vm{script: s, rt: sobek.New(), seat: seat}
	v.rt.SetFieldNameMapper(sobek.TagFieldNameMapper("json", true))
	v.rt.SetMaxCallStackSize(deepest)
	v.rt.SetPromiseRejectionTracker(v.rejects)
	if seat != nil {
		v.rt.SetRandSource(seat.Rand().Float64)
		v.rt.SetTimeSource(seat.Now)
	}
	if err := errors.Join(v.rt.Set("console", v.console()), v.rt.Set(ownGlobal, v)); err != nil {
		return nil, err
	}
	return v, v.interruptible(ctx, func() error {
		if err := v.settled(s.main.Evaluate(v.rt)); err != nil {
			return err
		}
		if err := v.rt.GlobalObject().Delete(ownGlobal); err != nil {
			return err
		}
		v.exports = v.rt.NamespaceObjectFor(s.main)
		var is bool
		if v.main, is = sobek.AssertFunction(v.exports.Get("default")); !is {
			return &Error{s.path, 1, 1, "it has no export default function: that is what a terminal does, over and over"}
		}
		return nil
	})
}

// settled is the error of a promise, or of one that nobody waits for. One that still waits
// waits for ever: nothing here takes time beside its caller.
func (v *vm) settled(p *sobek.Promise) error {
	switch p.State() {
	case sobek.PromiseStateFulfilled:
		if len(v.lost) == 0 {
			return nil
		}
		p = v.lost[0]
	case sobek.PromiseStatePending:
		return errors.New("it waits for a promise that nothing here fulfils")
	}
	return v.rejected(p.Result())
}

// rejects keeps the promises that are rejected with nobody to take it: what an async
// function throws that is called without await would be lost.
func (v *vm) rejects(p *sobek.Promise, what sobek.PromiseRejectionOperation) {
	if what == sobek.PromiseRejectionReject {
		v.lost = append(v.lost, p)
		return
	}
	v.lost = slices.DeleteFunc(v.lost, func(one *sobek.Promise) bool { return one == p })
}

// interruptible runs something in the runtime, and stops it when ctx ends. The error has its
// place, or is ctx's.
func (v *vm) interruptible(ctx context.Context, run func() error) error {
	stop := context.AfterFunc(ctx, func() { v.rt.Interrupt(ctx.Err()) })
	defer v.rt.ClearInterrupt()
	defer stop()
	v.lost = nil
	err := v.guarded(run)
	if err != nil {
		err = v.placed(err) // may run what the script has in a toString
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// guarded runs something that may throw, as a getter or a toString of the script's may, and
// returns what is thrown.
func (v *vm) guarded(run func() error) error {
	return survived(func() (err error) {
		if thrown := v.rt.Try(func() { err = run() }); thrown != nil {
			return thrown
		}
		return err
	})
}

// survived runs something of the engine's. Where that fails itself, as it does at some
// texts that are no JavaScript, that is an error and not the end of the process.
func survived(run func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			var ours runtime.Error
			if failed, is := x.(error); is && !errors.As(failed, &ours) { // an interrupt, or functions too deep
				err = failed
				return
			}
			err = fmt.Errorf("the JavaScript engine failed: %v", x)
		}
	}()
	return run()
}

// textless stands for a value that has no text.
const textless = "(it has no text)"

// text is a value as text; a toString of the script's may throw.
func (v *vm) text(value sobek.Value) (text string) {
	if err := v.guarded(func() error { text = value.String(); return nil }); err != nil {
		return textless
	}
	return text
}

// isPromise is what an async function returns.
var isPromise = reflect.TypeFor[*sobek.Promise]()

// Play implements load.Player: one call of the default function.
func (v *vm) Play(ctx context.Context) error {
	v.ctx, v.playing = ctx, true
	defer func() { v.ctx, v.playing = nil, false }()
	v.number++
	err := v.interruptible(ctx, func() error {
		out, err := v.main(sobek.Undefined(), v.rt.ToValue(v.number))
		switch {
		case err != nil:
			return err
		case out.ExportType() == isPromise:
			return v.settled(out.Export().(*sobek.Promise))
		case len(v.lost) > 0:
			return v.rejected(v.lost[0].Result())
		}
		return nil
	})
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || v.seat.Over():
		return context.Canceled
	}
	v.script.tell(err)
	return err
}

// mostTold bounds how many different errors are printed.
const mostTold = 20

// tell prints an error of an iteration, the first time it comes.
func (s *Script) tell(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := err.Error()
	if s.told[text] || len(s.told) >= mostTold {
		return
	}
	if s.told[text] = true; len(s.told) == mostTold {
		text += " (and no more of these are shown)"
	}
	s.print(text)
}

// print prints a line. What a host or a file put into it may not move a cursor.
func (s *Script) print(line string) {
	s.Print(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, line))
}

// plain makes a plain object of a struct: what JSON has of it, without the way through its
// text. Named strings become strings, which a script compares with ===.
func (v *vm) plain(of any) *sobek.Object {
	o := v.rt.NewObject()
	from := reflect.Indirect(reflect.ValueOf(of))
	for i := range from.NumField() {
		name, rest, _ := strings.Cut(from.Type().Field(i).Tag.Get("json"), ",")
		field := from.Field(i)
		if rest == "omitempty" && field.IsZero() {
			continue
		}
		_ = o.Set(name, v.value(field)) // a new object takes anything
	}
	return o
}

// value is a field of a struct that plain makes an object of.
func (v *vm) value(field reflect.Value) sobek.Value {
	switch field.Kind() {
	case reflect.String:
		return v.rt.ToValue(field.String())
	case reflect.Struct, reflect.Pointer:
		return v.plain(field.Interface())
	}
	return v.rt.ToValue(field.Interface())
}

// throw ends the script's call with an error that it may catch.
func (v *vm) throw(format string, args ...any) {
	for i, arg := range args {
		if value, is := arg.(sobek.Value); is {
			args[i] = v.text(value)
		}
	}
	panic(v.rt.NewTypeError(append([]any{format}, args...)...))
}

// end ends the iteration: the run is over.
func (v *vm) end(err error) {
	v.rt.Interrupt(err)
	panic(v.rt.NewGoError(err))
}

// over ends the iteration where an error is that of a run which is over.
func (v *vm) over(err error) {
	if v.ctx.Err() != nil || v.seat.Over() {
		v.end(err)
	}
}

// at says that something is for a terminal at work alone.
func (v *vm) at(what string) {
	if !v.playing {
		v.throw("%s: only while the default function runs: the file itself is read before there is a terminal", what)
	}
}

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

// named refuses a name that no report could show.
func (v *vm) named(what, name string) {
	if !load.Printable(name) {
		v.throw("%s: %q is no name: want up to 120 printable characters", what, name)
	}
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
