package script_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"possim/scenarios/script"
)

// TestParseHostile: what a file throws is its error with a place, whatever it throws, and
// whatever asking for it throws.
func TestParseHostile(t *testing.T) {
	for text, want := range map[string]string{
		"export const options = { get terminals() { throw new Error('no') } }\nexport default () => {}":                   "main.js:1:",
		"export const options = { get rate() { return this.rate } }\nexport default () => {}":                             "functions call each other",
		"export const options = new Proxy({ rate: 1 }, { ownKeys() { throw new Error('no') } })\nexport default () => {}": "main.js:1:",
		"\nthrow { toString() { throw new Error('no') } }\nexport default () => {}":                                       "(it has no text)",
		"throw Symbol('mine')\nexport default () => {}":                                                                   "mine",
		"await Promise.reject({ toString() { throw 1 } })\nexport default () => {}":                                       "(it has no text)",
		"await Promise.reject({ get stack() { throw 1 } })\nexport default () => {}":                                      "[object Object]",
		"Promise.reject(new Error('nobody waits'))\nexport default () => {}":                                              "nobody waits",
		"export async": "main.js:1:1: the JavaScript engine failed", // a bug of its
		"await new Promise(() => {})\nexport default () => {}": "nothing here fulfils",
		"export default new Proxy({}, { get() { throw 1 } })":  "no export default function",
	} {
		d := newDesk(t, map[string]string{"main.js": text})
		_, err := script.Parse(t.Context(), "main.js", d.world)
		var placed *script.Error
		if !errors.As(err, &placed) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %s", text, err, want)
		}
	}
}

// TestParseInterrupted: a file that does not come to its end is left when ctx ends, in a
// getter and a toString, too.
func TestParseInterrupted(t *testing.T) {
	for _, text := range []string{
		"for (;;);\nexport default () => {}",
		"export const options = { get rate() { for (;;); } }\nexport default () => {}",
		"throw { toString() { for (;;); } }\nexport default () => {}",
	} {
		d := newDesk(t, map[string]string{"main.js": text})
		ctx, cut := context.WithCancel(t.Context())
		cut()
		if _, err := script.Parse(ctx, "main.js", d.world); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestIterationHostile: what an iteration throws is an error of it, and the terminal goes on.
func TestIterationHostile(t *testing.T) {
	for body, want := range map[string]string{
		"throw { toString() { throw 1 } }": "main.js:3:1: (it has no text)",
		"return (async () => { throw { get stack() { throw 1 }, toString() { throw 2 } } })()": "(it has no text)",
		"(async () => { throw new Error('nobody waits') })()":                                  "main.js:3:22: Error: nobody waits",
		"count()": "want a name",
		"const c = cards.any(); c.chip = true; terminal.sale('1.00', c, { by: 'insert' })":      "has no chip to insert",
		"const c = cards.named('good'); c.chip = true; terminal.sale('1.00', c, { by: 'tap' })": "has no chip to tap",
		"terminal.sale('1.00', { toString() { throw new Error('no') } })":                       "(it has no text) is no card",
		"terminal.sale('1.00', new Proxy({}, { get() { throw new Error('asked') } }))":          "Error: asked",
		"check(1, { get a() { delete this.b; return true }, b: true })\nthrow 'then'":           "then",
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, map[string]string{"main.js": "import { terminal, cards, check, count, env } from 'possim'\nexport default function (n) {\n" + body + "\n}\n"})
			r := d.run(1, 2)
			if r.Causes["script-error"] != 2 || len(d.said) != 1 || !strings.Contains(d.said[0], want) {
				t.Errorf("%s\n%v %q, want %s", body, r.Causes, d.said, want)
			}
		})
	}
}

// TestNothingShared: what a terminal writes to, no other has; and what stands behind an
// outcome or a card no script sees.
func TestNothingShared(t *testing.T) {
	play(t, 8, 400, `
		env['at' + n] = terminal.tid
		for (const s of all) s.tags[0] = terminal.tid
		check(env, { 'env is its own': e => Object.keys(e).every(k => k === 'AMOUNT' || e[k] === terminal.tid) })
		const card = cards.any()
		const sale = terminal.sale('1.00', card)
		for (const o of [sale, card]) {
			const own = Object.getOwnPropertySymbols(o).map(s => o[s])
			check(own, { 'nothing behind it': own => own.every(b => { const seen = []; for (const k in b) seen.push(k); return seen.length === 0 && JSON.stringify(b) === '{}' }) })
		}
		console.log(Object.create(null), () => 1, new Error('boo'), { a: 1 }, {})
	}
	const all = scenarios('day.yaml')
	export function more() {
	`, "day.yaml", "scenarios: [{name: a swipe, tags: [smoke], steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00}}]}]")
}

// TestEngineFails: a failure of the engine, or of what stands below it, ends one iteration
// and no process; the terminal goes on with the next.
func TestEngineFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, map[string]string{"main.js": "import { open, terminal, check } from 'possim'\nexport default n => { check(terminal.echo(), { ok: e => e.approved }); try { if (n === 1) open('boom') } catch (e) {} }"})
		d.world.Read = func(path string) ([]byte, error) {
			if path == "boom" {
				var none map[string]int
				none[path]++
			}
			return d.read(path)
		}
		r := d.run(1, 3)
		if r.Causes["script-error"] != 1 || r.Played.Checks["ok"].Passed != 3 || len(d.said) != 1 || !strings.Contains(d.said[0], "the JavaScript engine failed: assignment to entry in nil map") {
			t.Errorf("%v %+v %q", r.Causes, r.Played, d.said)
		}
	})
}
