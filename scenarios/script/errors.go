package script

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/grafana/sobek"
	"github.com/grafana/sobek/parser"
)

// Error is something wrong with a script, and where.
type Error struct {
	File         string
	Line, Column int // from 1
	Message      string
}

// Error returns "file:line:column: message".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// placed is an error of the engine's with the place where it is: the beginning of a file
// where it has none.
func placed(path string, err error) error {
	var mine *Error
	var list parser.ErrorList
	var syntax *sobek.CompilerSyntaxError
	var deep *sobek.StackOverflowError
	switch {
	case errors.As(err, &mine):
		return mine
	case errors.As(err, &deep):
		return &Error{path, 1, 1, fmt.Sprintf("functions call each other more than %d deep%s", deepest, deep)}
	case errors.As(err, &list) && len(list) > 0:
		return &Error{list[0].Position.Filename, list[0].Position.Line, list[0].Position.Column, list[0].Message}
	case errors.As(err, &syntax) && syntax.File != nil:
		at := syntax.File.Position(syntax.Offset)
		return &Error{at.Filename, at.Line, at.Column, syntax.Message}
	}
	return &Error{path, 1, 1, err.Error()}
}

// placed is an error of a script that runs, with the place where it was thrown.
func (v *vm) placed(err error) error {
	var mine *Error
	var thrown *sobek.Exception
	if errors.As(err, &mine) || !errors.As(err, &thrown) {
		return placed(v.script.path, err)
	}
	e := &Error{v.script.path, 1, 1, v.message(thrown.Value())}
	for _, frame := range thrown.Stack() {
		if at := frame.Position(); at.Line > 0 {
			e.File, e.Line, e.Column = at.Filename, at.Line, at.Column
			break
		}
	}
	return e
}

// message is what was thrown, without the engine's name for an error of ours.
func (v *vm) message(thrown sobek.Value) string {
	return strings.TrimPrefix(v.text(thrown), "GoError: ")
}

// stackPlace is a place in the text that the engine makes of a stack.
var stackPlace = regexp.MustCompile(`(?m)at .*?([^ (]+):(\d+):(\d+)\(`)

// rejected is the error of a promise: what an async function threw has no stack but as
// text.
func (v *vm) rejected(reason sobek.Value) error {
	object, is := reason.(*sobek.Object)
	if !is {
		return errors.New(reason.String())
	}
	if object.ExportType().Implements(reflect.TypeFor[error]()) { // of the engine's
		return object.Export().(error)
	}
	var stack string
	_ = v.guarded(func() error { // a script may throw what throws when it is asked
		if of := object.Get("stack"); of != nil {
			stack = of.String()
		}
		return nil
	})
	at := stackPlace.FindStringSubmatch(stack)
	if at == nil {
		return errors.New(v.message(reason))
	}
	line, _ := strconv.Atoi(at[2]) // both are digits
	column, _ := strconv.Atoi(at[3])
	return &Error{at[1], line, column, v.message(reason)}
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
