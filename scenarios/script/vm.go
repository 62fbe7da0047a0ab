package script

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"

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
