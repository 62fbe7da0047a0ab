package script_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"possim/scenarios/script"
)

// FuzzParse: whatever a file has in it, the error has its place and no text ends the
// process. A script that goes on for ever is cut short.
func FuzzParse(f *testing.F) {
	f.Add("import { terminal, cards, check } from 'possim'\nexport const options = { terminals: 3, failIf: ['p99>5ms'] }\nexport default n => terminal.echo()")
	f.Add("import './main.js'\nexport { default } from './main.js'")
	f.Add("export const options = { get rate() { throw { toString() { throw 1 } } } }\nexport default async () => { await 1 }")
	f.Add("await Promise.reject({ get stack() { throw 1 } })\nexport default class {}")
	f.Add("export default function* () { yield* (function f() { f() })() }")
	f.Add("//# sourceMappingURL=data:application/json;base64,e30=\nexport default `${`${1}`}`")
	f.Add("export async")
	f.Add("\ufeff#!/usr/bin/env possim\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cut := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cut()
		world := script.World{Print: func(string) {}, Read: func(path string) ([]byte, error) {
			if path == "main.js" {
				return []byte(text), nil
			}
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
		}}
		s, err := script.Parse(ctx, "main.js", world)
		var placed *script.Error
		switch {
		case err == nil && s != nil, errors.Is(err, context.DeadlineExceeded):
		case !errors.As(err, &placed) || placed.File == "" || placed.Line < 1 || placed.Column < 1:
			t.Errorf("%q: %v", text, err)
		}
	})
}

// TestParseBounds: a text that would take all of the stack is refused at its place, and one
// as long and as deep as scripts are is not.
func TestParseBounds(t *testing.T) {
	const def = "export default () => "
	for text, want := range map[string]string{
		def + strings.Repeat("[", 400_000) + strings.Repeat("]", 400_000): "main.js:1:1022: here are more than 1000 brackets open",
		"//\n" + def + strings.Repeat("`${", 2000):                        "main.js:2:",
		def + "1 //" + strings.Repeat("x", 5<<20):                         "main.js:1:1: it has 5242905 bytes",
		def + strings.Repeat("(", 500) + "1" + strings.Repeat(")", 500):   "",
		def + "1 //" + strings.Repeat("x", 1<<20):                         "",
	} {
		d := newDesk(t, map[string]string{"main.js": text})
		_, err := script.Parse(t.Context(), "main.js", d.world)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.50s: %v, want %s", text, err, want)
		}
	}
}
