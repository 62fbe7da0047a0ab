package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"possim/scenarios/load"
)

const loadScript = `import { terminal, cards, check, count, env, scenarios } from 'possim'
export const options = { terminals: 4, connections: 2, iterations: 20, failIf: ['checks<100%'] }
const all = scenarios('day.yaml')
export default function (n) {
	const sale = terminal.sale(env.AMOUNT, cards.any(), { tag: 'coffee' })
	check(sale, { 'is approved': s => s.code === '00' })
	check(terminal.void(sale), { 'is void': s => s.approved })
	check(terminal.sale('2.00', cards.named('chip-dda'), { by: 'insert' }), { 'chip': s => s.approved && s.chip.cryptogram === 'TC' })
	if (n == 1) { all[0].play(); console.log('played', sale) }
	count('rounds')
}
`

// TestLoadScript: a script works the terminals at a real host, run after run; its options
// stand for flags, and flags win.
func TestLoadScript(t *testing.T) {
	h := startHost(t, "--walk-in", "--log", "error")
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("day.yaml", "scenarios: [{name: a swipe, steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00}}]}]")
	script := write("main.js", loadScript)
	for run, flags := range [][]string{nil, {"--terminals", "2", "--count", "10", "--mid", "898100054110001"}} {
		args := append([]string{"load", "--host", h.addr, "--script", script, "--env", "AMOUNT=0.05", "--json"}, flags...)
		code, out, errs := possim(t, args...)
		var r struct {
			loadLine
			Series []struct{ Kind, Tag, Code string }
			Played load.Played
		}
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != exitOK {
			t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
		}
		terminals, rounds := int64(4-2*run), int64(20-10*run)
		if r.Played.Iterations != rounds || r.Played.Counters["rounds"] != float64(rounds) || r.Codes["00"] != 3*rounds || r.Errors != 0 ||
			r.Played.All() != (load.Check{Passed: 3*rounds + terminals}) || r.Played.Checks["scenario a swipe"].Passed != terminals {
			t.Errorf("run %d: %s", run, out)
		}
		if !strings.Contains(out, `"tag":"coffee"`) || strings.Count(errs, "played {") != int(terminals) || strings.Contains(errs, "6222020000") {
			t.Errorf("run %d: %s%s", run, out, errs)
		}
	}
	bad := write("bad.js", "export const options = { failIf: ['speed>1'] }\nexport default () => {}")
	failing := write("failing.js", "import { terminal, check } from 'possim'\nexport const options = { iterations: 3, terminals: 1, failIf: ['checks<50%'] }\nexport default n => { check(terminal.echo(), { 'first': () => n === 1 }); nobody() }")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--script " + bad, exitFile, "bad.js:1:1: options.failIf: \"speed>1\": there is no metric"},
		{"--script " + filepath.Join(dir, "none.js"), exitFile, "no such file"},
		{"--script " + script + " --mix sale=1", exitUsage, "none of the others can be"},
		{"--script " + script + " --env AMOUNT", exitUsage, "want NAME=VALUE"},
		{"--script= --count 1", exitUsage, "--script: it names no file"},
		{"--env A=B --count 1", exitUsage, "--env goes with --script"},
		{"--script " + failing, exitFailed, "checks<50%: it is 33.333%"},
		{"--script " + failing, exitFailed, "failing.js:3:81: ReferenceError: nobody is not defined"},
		{"--script " + failing + " --fail-if errors>2", exitFailed, "errors>2: it is 3"},
	} {
		code, out, errs := possim(t, append([]string{"load", "--host", h.addr}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", c.args, code, c.code, c.says, out, errs)
		}
	}
}
