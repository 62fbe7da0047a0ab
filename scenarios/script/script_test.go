package script_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/icc"
	"possim/scenarios"
	"possim/scenarios/load"
	"possim/scenarios/script"
)

// desk is a host with books at the other end of pipes, the files of a script, and what the
// script says.
type desk struct {
	t     *testing.T
	host  *host.Host
	files map[string]string
	world script.World
	takes time.Duration // of the host, by the bubble's clock

	killed bool // nobody closes the script
	mu     sync.Mutex
	said   []string
}

func newDesk(t *testing.T, files map[string]string) *desk {
	t.Helper()
	named, err := scenarios.CatalogCards()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, files: files}
	d.host = &host.Host{
		Now: time.Now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: make([]byte, 16),
		WalkIn: true, Random: rand.Reader, MAC: host.MACRequire, Log: zerolog.Nop(),
	}
	for _, c := range named {
		if entry, known := c.Known(); known {
			if err := d.host.Registry.PutCard(entry); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.world = script.World{Read: d.read, Print: d.print, Named: named, Env: map[string]string{"AMOUNT": "12.34"}}
	return d
}

func (d *desk) read(path string) ([]byte, error) {
	if text, there := d.files[path]; there {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func (d *desk) print(line string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.said = append(d.said, line)
}

func (d *desk) dial(context.Context) (wire.Link, error) {
	ours, theirs := net.Pipe()
	handle := d.host.Handler(wire.UnionPay())
	go func() {
		defer theirs.Close()
		for in := bufio.NewReader(theirs); ; {
			frame, err := wire.ReadFrame(in, 0)
			if err != nil {
				return
			}
			time.Sleep(d.takes)
			if answer, ok := handle(d.t.Context(), frame); ok {
				_ = wire.WriteFrame(theirs, answer) // the other side may have hung up
			}
		}
	}()
	return wire.NewConn(ours, time.Now), nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// run plays main.js at the host: so many iterations on so many terminals.
func (d *desk) run(terminals int, iterations int64) load.Report {
	d.t.Helper()
	s, err := script.Parse(d.t.Context(), "main.js", d.world)
	if err != nil {
		d.t.Fatal(err)
	}
	keys, err := scenarios.TestCAPKs()
	if err != nil {
		d.t.Fatal(err)
	}
	cards, err := load.Pool(20)
	if err != nil {
		d.t.Fatal(err)
	}
	s.Scenarios(scenarios.Options{Real: &scenarios.Real{Now: time.Now, Sleep: sleep}})
	l, err := load.New(load.Config{
		Terminals: terminals, Connections: 2, Count: iterations, FirstTID: 1, MID: registry.DefaultMID, Cards: cards, MAC: hsm.MACECB,
		Player: s.Player, Chips: &emulator.EMV{CAPKs: keys},
	}, load.World{
		Dial: d.dial, Dialect: wire.UnionPay(), Now: time.Now, Sleep: sleep, Within: context.WithTimeout, TMK: registry.TestTMK,
		Random: rand.Reader, Log: zerolog.Nop(),
	})
	if err == nil {
		err = l.Run(d.t.Context())
	}
	if err == nil && !d.killed {
		err = s.Close()
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return l.Report()
}

// play runs the body of a default function once or more often, and wants no error and every
// check to hold.
func play(t *testing.T, terminals int, iterations int64, body string, more ...string) load.Report {
	t.Helper()
	var r load.Report
	synctest.Test(t, func(t *testing.T) {
		files := map[string]string{"main.js": "import { terminal, cards, check, count, sleep, open, env, scenarios } from 'possim'\n" +
			"export default function (n) {\n" + body + "\n}\n"}
		for i := 0; i+1 < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		d := newDesk(t, files)
		r = d.run(terminals, iterations)
		if r.Causes["script-error"] != 0 || r.Played.All().Failed != 0 || r.Played.All().Passed == 0 || r.Played.Iterations != iterations {
			t.Errorf("%+v\n%+v\n%s", r, r.Played, strings.Join(d.said, "\n"))
		}
	})
	return r
}

// TestOrders: each order does at the host what it does at a terminal of its own.
func TestOrders(t *testing.T) {
	r := play(t, 2, 20, `
		const card = cards.any()
		const sale = terminal.sale(env.AMOUNT, card, { tag: 'coffee' })
		check(sale, {
			'sale': s => s.approved && s.outcome === 'approved' && s.code === '00' && s.amount === '12.34' && s.entry === 'swipe',
			'sale has numbers': s => s.rrn.length === 12 && /^\d{6}$/.test(s.stan) && s.cause === '' && s.ms >= 0,
			'sale shows no number': s => s.pan === card.pan && s.pan.includes('******'),
		})
		check(terminal.refund(sale, { amount: '0.34' }), { 'refund': s => s.approved && s.amount === '0.34' })
		const other = terminal.sale('1.00', cards.at(n % cards.length))
		check(terminal.void(other), { 'void': s => s.approved })
		check(terminal.void(other), { 'void twice': s => !s.approved && s.cause === 'already-void' })
		const held = terminal.preAuth('50.00', cards.named('good'))
		check(terminal.completion(held, { amount: '40.00' }), { 'completion': s => s.approved && s.amount === '40.00' })
		const held2 = terminal.preAuth('5.00', cards.named('good'))
		check(terminal.preAuthCancel(held2), { 'cancel': s => s.approved })
		check(terminal.balance(cards.named('small')), { 'balance': s => s.approved && /^\d+\.\d\d$/.test(s.balance) })
		check(terminal.sale('1.00', cards.named('frozen')), { 'frozen': s => s.outcome === 'declined' && s.code === '62' })
		check(terminal.echo(), { 'echo': s => s.approved })
		check(terminal.settle(), { 'settled': s => s.approved && s.settlement.balanced && s.settlement.debit.count > 0 })
		check(terminal.void(held), { 'of another batch': s => s.cause === 'no-original' })
		check(terminal.refund(sale, { amount: '2.00' }), { 'refund by its slip': s => s.approved })
		check(terminal.tid, { 'tid': t => t === '0000000' + terminal.number })
		count('rounds')
		count('fen', 5)
	`)
	if r.Played.Counters["rounds"] != 20 || r.Played.Counters["fen"] != 100 || len(r.Played.Checks) != 15 {
		t.Errorf("%+v", r.Played)
	}
	if i := slices.IndexFunc(r.Series, func(s load.Series) bool { return s.Tag == "coffee" }); i < 0 || r.Series[i].Count != 20 {
		t.Errorf("%+v", r.Series)
	}
}

// TestChips: the chip of a card goes on through all terminals, and from run to run: the host
// takes none of its counters twice.
func TestChips(t *testing.T) {
	play(t, 8, 24, `
		check(terminal.sale('2.00', cards.named('chip-dda'), { by: 'insert' }), { 'chip': s => s.approved && s.entry === 'chip' && s.chip.cryptogram === 'TC' })
		check(terminal.sale('2.00', cards.named('chip-online'), { by: 'insert', pin: '123456' }), { 'with its PIN': s => s.approved })
		const tapped = terminal.sale('2.00', cards.named('tap-wave'), { by: 'tap' })
		check(tapped, { 'tap': s => s.approved && s.entry === 'tap' })
		check(terminal.void(tapped, { pin: '123456' }), { 'void of a tap': s => s.approved })
		check(terminal.sale('2.00', cards.named('chip-dda')), { 'not its stripe': s => s.outcome === 'refused' && s.cause === 'chip-first' })
		check(cards.named('chip-dda'), { 'has a chip': c => c.chip && c.name === 'chip-dda', 'shows no number': c => c.pan === '622202******0312' })
	`)
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, map[string]string{"main.js": `import { terminal, cards, check } from 'possim'
			export default () => check(terminal.sale('2.00', cards.named('chip-dda'), { by: 'insert' }), { 'chip': s => s.approved })`})
		kept, opened := icc.State{}, 0
		d.world.Chip = func(name string, _ icc.Profile) (icc.State, func(icc.State) error, error) {
			opened++
			if name != "chip-dda" {
				t.Errorf("chip of %s", name)
			}
			return kept, func(s icc.State) error { kept = s; return nil }, nil
		}
		for run := range 4 {
			d.killed = run == 1
			if r := d.run(2, 120); r.Approved != 120 || opened != run+1 {
				t.Errorf("run %d: %+v, opened %d times", run, r.Played, opened)
			}
		}
		if atc := kept.Apps[0].ATC; atc < 480 || atc > 480+2*500 {
			t.Errorf("after 480 orders, some of them in a run that was killed, the card counts %d", atc)
		}
	})
}

// TestPlays: a scenario file is played at each terminal, whose numbers go on before and
// after.
func TestPlays(t *testing.T) {
	play(t, 4, 12, `
		const all = scenarios('tests/day.yaml')
		check(all.map(s => s.name).join(), { 'names': s => s === 'a sale and its void,a chip,hopes' })
		check(all[0].play(), { 'passes': p => p.passed && p.status === 'passed' && p.failure === '' })
		check(terminal.sale('1.00', cards.any()), { 'sale between': s => s.approved })
		check(all[1].play(), { 'chip passes': p => p.passed })
	`, "tests/day.yaml", dayYAML)
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, map[string]string{"tests/day.yaml": dayYAML, "main.js": `import { scenarios } from 'possim'
			const all = scenarios('tests/day.yaml')
			export default () => console.log(all[2].play())`})
		r := d.run(1, 1)
		if got := r.Played.Checks["scenario hopes"]; got != (load.Check{Failed: 1}) || len(d.said) != 1 || !strings.Contains(d.said[0], `"failure":"rc: want 61, got 00"`) || !strings.Contains(d.said[0], `"line":19`) {
			t.Errorf("%+v, %q", r.Played, d.said)
		}
	})
}

const dayYAML = `possim: 1
scenarios:
  - name: a sale and its void
    steps:
      - sale: 88.00
        as: coffee
      - swipe: good
        expect: {rc: 00}
      - void: coffee
      - swipe: good
        expect: {rc: 00}
  - name: a chip
    terminal: {chip_reader: true}
    steps: [{sale: 5.00}, {insert: chip-dda, expect: {rc: 00}}]
  - name: hopes
    steps:
      - sale: 5.00
      - swipe: good
        expect: {rc: 61}
`

// TestParts: what a script imports and opens lies beside the file that does.
func TestParts(t *testing.T) {
	play(t, 1, 1, `
		return import0(check)
	}
	import { twice } from './lib/twice.js'
	const text = open('data/amounts.txt')
	function import0(check) {
		check(text.trim(), { 'text': s => s === '7.00', 'twice': s => twice(s) === '7.007.00' })
		check(Math.random(), { 'chance': x => x >= 0 && x < 1 })
		check(new Date().getFullYear(), { 'the clock of the run': y => y === 2000 })
	`, "lib/twice.js", "import { join } from '../join.js'\nexport const twice = s => join(s, s)", "join.js", "export function join(a, b) { return a + b }", "data/amounts.txt", "7.00\n")
}

// TestSameSeed: chance is the run's, so the same seed sells to the same cards.
func TestSameSeed(t *testing.T) {
	said := func() string {
		var all []string
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, map[string]string{"main.js": `import { cards } from 'possim'
				export default () => console.log(cards.any().pan, Math.random())`})
			d.run(1, 5)
			all = d.said
		})
		return strings.Join(all, "\n")
	}
	if a, b := said(), said(); a != b || strings.Count(a, "\n") != 4 {
		t.Errorf("%s\nand\n%s", a, b)
	}
}

// TestWrongScripts: each says where and what.
func TestWrongScripts(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"export default 5", "main.js:1:1: it has no export default function"},
		{"let x = ;", "main.js:1:9: Unexpected token ;"},
		{"\n  x.y.z()\nexport default () => {}", "main.js:2:3: ReferenceError: x is not defined"},
		{"import x from 'lodash'", `main.js:1:15: it imports "lodash": there is "possim"`},
		{"// './gone'\nimport './gone.js'", `main.js:2:8: it imports "./gone.js": open gone.js: file does not exist`},
		{"import './bad.js'", "bad.js:1:9: Unexpected token ;"},
		{"import { gift } from 'possim'", `does not provide an export named "gift"`},
		{"import { terminal, cards } from 'possim'\nterminal.sale('1.00', cards.any())", "main.js:2:14: TypeError: terminal.sale: only while the default function runs"},
		{"import { cards } from 'possim'\ncards.named('gold')", `main.js:2:12: TypeError: cards.named("gold"): there is none; there are`},
		{"import { open } from 'possim'\nopen('gone.txt')", "main.js:2:5: TypeError: open: open gone.txt: file does not exist"},
		{"import { scenarios } from 'possim'\nscenarios('bad.yaml')", "main.js:2:10: TypeError: scenarios: bad.yaml:1:"},
		{"export default () => {}\nexport const options = { terminls: 3 }", "main.js:2:1: options.terminls: there is no such option: there are connections"},
		{"export const options = { terminals: -3 }\nexport default () => {}", "main.js:1:1: options.terminals: it is -3: want a whole number"},
		{"export const options = { duration: 3 }\nexport default () => {}", "options.duration: it is 3: want a time with its unit"},
		{"export const options = { rate: 'fast' }\nexport default () => {}", "options.rate: it is 'fast': want a number of iterations"},
		{"export const options = { failIf: 'p99>1s' }\nexport default () => {}", "options.failIf: it is 'p99>1s': want a list"},
		{"export const options = { terminals: 0 }\nexport default () => {}", "options.terminals: it is 0: want a whole number from 1 to 2147483647"},
		{"export const options = { seed: 2 ** 60, rate: 1 }\nexport default () => {}", "options.seed: it is 1.152921504606847e+18: want a whole number from 0 to 9007199254740991"},
		{"export const options = { iterations: '5' }\nexport default () => {}", "options.iterations: it is '5': want a whole number"},
		{"export const options = { duration: () => '5s' }\nexport default () => {}", "options.duration: it is something else: want a time"},
		{"export default () => {}\n\texport  let options = { rate: -1 }", "main.js:2:2: options.rate"},
		{"export default () => {}\nvar options = { rate: -1 }\nexport { options }", "main.js:2:1: options.rate"},
		{"export const options = { vus: 3 }\nexport default () => {}", "main.js:1:1: options.vus: there is no such option: what k6 has by that name is here terminals;"},
		{"export default () => {}\nexport function setup() {}", "main.js:2:1: it exports setup, which k6 calls and possim does not"},
		{"export const teardown = async () => {}\nexport default () => {}", "main.js:1:1: it exports teardown"},
		{"export const options = 7\nexport default () => {}", "options: want an object"},
		{"await new Promise(() => {})\nexport default () => {}", "main.js:1:1: it waits for a promise"},
		{"//# sourceMappingURL=http://127.0.0.1:1/x.map\nexport default 5", "it has no export default function"},
	} {
		d := newDesk(t, map[string]string{"main.js": c.text, "bad.js": "let x = ;", "bad.yaml": "scenarios: [{nam: x}]"})
		_, err := script.Parse(d.t.Context(), "main.js", d.world)
		var placed *script.Error
		if !errors.As(err, &placed) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\ngot  %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestWrongCalls: what an iteration does wrong is thrown, where it may be caught; what is
// not is printed once, with its place, and counted.
func TestWrongCalls(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{"terminal.sale(1, cards.any())", "main.js:3:14: TypeError: terminal.sale: the amount is 1: want text, as in '12.34'"},
		{"terminal.sale('1.234', cards.any())", `terminal.sale: amount "1.234": want digits with at most two decimals`},
		{"terminal.sale('1.00')", "undefined is no card"},
		{"terminal.sale('1.00', 'good')", "good is no card"},
		{"terminal.sale('1.00', cards.any(), { by: 'insert' })", "has no chip to insert"},
		{"terminal.sale('1.00', cards.any(), { by: 'post' })", `by: "post": want one of swipe, insert, tap`},
		{"terminal.sale('1.00', cards.any(), { pin: '12' })", "terminal.sale: pin:"},
		{"terminal.sale('1.00', cards.any(), { pin: 123456 })", "pin: want text"},
		{"terminal.sale('1.00', cards.any(), { way: 'insert' })", "there is no option way"},
		{"terminal.sale('1.00', cards.any(), { tag: '6222020000000015' })", "tag:"},
		{"terminal.sale('1.00', cards.any(), 'insert')", "insert: want options"},
		{"terminal.void({ stan: '000001' })", "want what an earlier order of this terminal returned"},
		{"cards.at(20)", "cards.at(20): there are 20, from 0"},
		{"check(1)", "check: want a value, and conditions by name"},
		{"check(1, { 'x': () => { throw new Error('it rains') } })", "Error: it rains"},
		{"check(1, { '\\n': true })", "is no name"},
		{"count('x', 'many')", "count: many: want a number"},
		{"sleep(-1)", "sleep: -1: want seconds"},
		{"nobody.knows()", "main.js:3:1: ReferenceError: nobody is not defined"},
		{"const f = () => f(); f()", "functions call each other more than 1000 deep"},
		{"return new Promise(() => {})", "it waits for a promise that nothing here fulfils"},
		{"return (async () => { await 1\nthrow new Error('late') })()", "main.js:4:"},
		{"throw 'a\\u001b[31mword'", "a\uFFFD[31mword"},
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, map[string]string{"main.js": "import { terminal, cards, check, count, sleep } from 'possim'\nexport default function () {\n" + c.body + "\n}"})
			r := d.run(1, 3)
			if r.Causes["script-error"] != 3 || r.Errors != 3 || r.Sent != 0 || len(d.said) != 1 && !strings.Contains(c.body, "insert") || !strings.Contains(d.said[0], c.want) {
				t.Errorf("%s:\ngot  %q, %+v\nwant %s", c.body, d.said, r.Causes, c.want)
			}
		})
	}
	play(t, 1, 1, `
		let caught = ''
		try { terminal.sale(1, cards.any()) } catch (e) { caught = e.message }
		check(caught, { 'caught': c => c.includes('want text') })
		check(terminal.sale('1.00', cards.any()), { 'and on': s => s.approved })
	`)
}

// TestEnds: a run that ends has no script go on: not one that waits, nor one that turns for
// ever.
func TestEnds(t *testing.T) {
	for name, body := range map[string]string{
		"sleeps": "sleep(3600)", "sells": "for (;;) terminal.sale('0.01', cards.any())", "catches": "for (;;) try { sleep(1) } catch { }",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, map[string]string{"main.js": "import { terminal, cards, sleep } from 'possim'\nexport default () => { " + body + " }"})
				d.takes = time.Millisecond // or the clock stood still while it sells
				ended := false
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				d.ended(ctx, func(r load.Report, err error) {
					ended = true
					if !errors.Is(err, context.DeadlineExceeded) || r.Errors != 0 || r.Played.Iterations != 0 {
						t.Errorf("%v, %+v", err, r)
					}
				})
				if !ended || len(d.said) != 0 {
					t.Errorf("%q", d.said)
				}
			})
		})
	}
}

// TestReadingEnds: a file that turns for ever is read no longer than its caller waits.
func TestReadingEnds(t *testing.T) {
	d := newDesk(t, map[string]string{"main.js": "for (;;);"})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := script.Parse(ctx, "main.js", d.world); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func (d *desk) ended(ctx context.Context, then func(load.Report, error)) {
	s, err := script.Parse(d.t.Context(), "main.js", d.world)
	if err != nil {
		d.t.Fatal(err)
	}
	cards, _ := load.Pool(20)
	l, err := load.New(load.Config{Terminals: 2, Connections: 2, FirstTID: 1, MID: registry.DefaultMID, Cards: cards, MAC: hsm.MACECB, Player: s.Player}, load.World{
		Dial: d.dial, Dialect: wire.UnionPay(), Now: time.Now, Sleep: sleep, Within: context.WithTimeout, TMK: registry.TestTMK,
		Random: rand.Reader, Log: zerolog.Nop(),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	err = l.Run(ctx)
	then(l.Report(), err)
}

// TestLeaksNothing: whatever a script prints of what it has, no track and no whole number
// is in it.
func TestLeaksNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, map[string]string{"main.js": `import * as possim from 'possim'
			const seen = new Set()
			function show(x, depth) {
				try { console.log(x); console.log(JSON.stringify(x)); console.log(String(x)) } catch (e) { }
				if (depth > 4 || x === null || typeof x !== 'object' && typeof x !== 'function' || seen.has(x)) return
				seen.add(x)
				for (const k of [...Object.getOwnPropertyNames(x), ...Object.getOwnPropertySymbols(x)]) { console.log(String(k)); try { show(x[k], depth + 1) } catch (e) { console.log(e) } }
			}
			export default function () {
				const card = possim.cards.named('chip-online')
				const sale = possim.terminal.sale('1.00', card, { by: 'insert', pin: '123456' })
				show([possim, card, possim.cards.any(), sale], 0)
				try { possim.terminal.sale(card, sale) } catch (e) { show(e, 0) }
			}`})
		d.run(1, 1)
		text := strings.Join(d.said, "\n")
		if len(d.said) < 50 {
			t.Fatalf("too little: %s", text)
		}
		for _, card := range d.world.Named {
			_, track2, err := card.Tracks()
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{card.PAN().Reveal(), string(track2)} {
				if strings.Contains(text, secret) {
					t.Errorf("%s: it is in what the script printed", card.Name)
				}
			}
		}
		for _, secret := range []string{"123456", "6222020000"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is in what the script printed:\n%s", secret, text)
			}
		}
	})
}

// TestLargeSeed: a seed may be as large as a number of JavaScript counts, as Date.now() is.
func TestLargeSeed(t *testing.T) {
	d := newDesk(t, map[string]string{"main.js": "export const options = { seed: 1764290000000, iterations: 2 ** 40 }\nexport default () => {}"})
	s, err := script.Parse(t.Context(), "main.js", d.world)
	if err != nil || *s.Options.Seed != 1764290000000 || *s.Options.Iterations != 1<<40 {
		t.Errorf("%v, %+v", err, s)
	}
}

// TestReadOnce: a script may come from a pipe, which gives its text once.
func TestReadOnce(t *testing.T) {
	d := newDesk(t, map[string]string{"main.js": "import './more.js'\nimport './more.js'\nexport default () => {}\nexport const options = { rate: -1 }", "more.js": "import './main.js'"})
	reads := map[string]int{}
	d.world.Read = func(path string) ([]byte, error) { reads[path]++; return d.read(path) }
	_, err := script.Parse(t.Context(), "main.js", d.world)
	if err == nil || !strings.HasPrefix(err.Error(), "main.js:4:1: options.rate") || reads["main.js"] != 1 || reads["more.js"] != 1 {
		t.Errorf("%v, %v", err, reads)
	}
}
