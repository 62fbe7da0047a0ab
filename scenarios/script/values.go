package script

import (
	"reflect"
	"strings"

	"github.com/grafana/sobek"

	"possim/scenarios/load"
)

// textless stands for a value that has no text.
const textless = "(it has no text)"

// text is a value as text; a toString of the script's may throw.
func (v *vm) text(value sobek.Value) (text string) {
	if err := v.guarded(func() error { text = value.String(); return nil }); err != nil {
		return textless
	}
	return text
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

// named refuses a name that no report could show.
func (v *vm) named(what, name string) {
	if !load.Printable(name) {
		v.throw("%s: %q is no name: want up to 120 printable characters", what, name)
	}
}
