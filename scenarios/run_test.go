package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"possim/host/wire"
)

// load parses one file from text.
func load(t testing.TB, text string) []*File {
	t.Helper()
	files, err := Load([]Source{{Path: "x.yaml", Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// run loads and runs one file.
func run(t testing.TB, text string, o Options) Summary {
	t.Helper()
	sum, err := Run(t.Context(), load(t, text), o)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// one wraps steps into a file with one scenario; the first step is in line 6.
func one(head, steps string) string {
	return "possim: 1\nterminal: {reversal_after: 3s}\nscenarios:\n  - name: x\n" + head + "    steps:\n" + steps
}

const (
	sold     = "      - sale: 88.00\n      - swipe: good\n        expect: {%s}\n"
	declined = "      - sale: 88.00\n      - swipe: frozen\n        expect: {%s}\n"
	tooFast  = "      - sale: 88.00\n      - swipe: {card: good, speed: 600cm/s, profile: constant}\n        expect: {%s}\n"
	settled  = "      - echo\n      - settle:\n        expect: {%s}\n"
	inquired = "      - balance:\n      - swipe: good\n        expect: {%s}\n"
	held     = "      - pre_auth: 88.00\n      - swipe: good\n        expect: {%s}\n"
	noAnswer = "    host: {faults: [{on: \"0210\", drop: 1}]}\n"
)

// TestEveryExpectationCanFail: for each kind of expectation there is one that is
// met and one that is not, in the same world. The failure names step, line, what
// was wanted and what was seen.
func TestEveryExpectationCanFail(t *testing.T) {
	for _, tt := range []struct {
		head, steps string
		good, bad   string
		got         string // part of what the failure shows
	}{
		{"", sold, "rc: 00", "rc: 51", "00"},
		{"", tooFast, "rc: none", "rc: 00", "none"},
		{"", sold, "rc: 00", "rc: none", "00"},
		{"", sold, "outcome: approved", "outcome: declined", "approved, rc 00"},
		{"", declined, "outcome: declined", "outcome: approved", "declined, rc 62"},
		{"", sold, "outcome: approved", "outcome: none", "approved"},
		{"", sold, "cause: none", "cause: no-answer", "none"},
		{noAnswer, sold, "cause: no-answer", "cause: none", "no-answer (nothing came"},
		{"", sold, "reversal: none", "reversal: queued", "none"},
		{noAnswer, sold, "reversal: acknowledged", "reversal: none", "acknowledged"},
		{"", sold, "stan: \"000002\"", "stan: \"000001\"", "000002"},
		{"", sold, "rrn: $r", "rrn: \"1\"", ""},
		{"", sold, "auth: $a", "auth: none", ""},
		{"", sold, "reader: ok", "reader: too_fast", "ok (track 1 ok, track 2 ok)"},
		{"", tooFast, "reader: too-fast", "reader: ok", "too-fast"},
		{"", sold, "tracks: {1: ok, 2: ok}", "tracks: {2: parity}", "track 2 ok"},
		{"", sold, "screen: ~成功", "screen: ~过快", "成功"},
		{"", sold, "screen: [~成功, ~联机]", "screen: [~成功, ~nothing]", "成功"},
		{"", sold, "receipt: [\"88.00\", 签购单]", "receipt: \"88.01\"", "88.00"},
		{"", sold, "receipt: ~622202", "receipt: none", "622202"},
		{"", declined, "receipt: none", "receipt: 签购单", "none"},
		{"", sold, "sent: 1", "sent: 0", "1 (0200; 0210)"},
		{"", sold, "timeout: false", "timeout: true", "false"},
		{noAnswer, sold, "timeout: true", "timeout: false", "true"},
		{"", sold, "messages: [{mti: 0200}, {mti: 0210}]", "messages: [{mti: 0200}]", "0200; 0210"},
		{"", sold, "messages: [{mti: 0200}, {mti: 0210}]", "messages: [{mti: 0200}, {mti: 0210}, {mti: 0400}]", "0200; 0210"},
		{"", sold, "messages: [{mti: 0200}, {mti: 0210}]", "messages: [{mti: 0200}, {mti: 0410}]", "0210, not 0410 in message 2"},
		{"", tooFast, "messages: none", "messages: [{mti: 0200}]", "none"},
		{"", sold, "messages: [{mti: 0200}, {mti: 0210}]", "messages: none", "0200; 0210"},
		{"", sold, "messages: [{mti: 0200, f: {4: 000000008800}}, {mti: 0210, f: {39: 00}}]", "messages: [{mti: 0200, f: {4: 000000008801}}, {mti: 0210}]", "4=000000008800, not 000000008801"},
		{"", sold, "messages: [{mti: 0200, f: {11: $s}}, {mti: 0210, f: {11: $s}}]", "messages: [{mti: 0200, f: {11: $s}}, {mti: 0210, f: {39: $s}}]", "39=00, not $s (000002)"},
		{"", sold, "messages: [{mti: 0200, f: {4: 000000008800, 11: $s}}, {mti: 0210}]", "messages: [{mti: 0200, f: {4: 000000008800, 11: $s}}]", "0200 4=000000008800 11=000002; 0210 4=000000008800 11=000002"},
		{"", sold, "ledger: {good: 88.00}", "ledger: {good: 0.00}", "good 88.00"},
		{noAnswer, sold, "ledger: {good: 0.00, other: 0}", "ledger: {good: 88.00}", "good 0.00"},
		{"", sold, "balance: {good: 999912.00}", "balance: {good: 1000000}", "good 999912.00"},
		{"", sold, "owed: 88.00", "owed: 0.00", "88.00"},
		{"", held, "holds: {good: 88.00, other: 0.00}", "holds: {good: 0.00}", "good 88.00"},
		{"", held, "owed: 0.00", "owed: 88.00", "0.00"},
		{"", inquired, "told: 1000000.00", "told: 1.00", "1000000.00"},
		{"", sold, "outcome: approved", "told: 88.00", "no balance: approved"},
		{"", settled, "balanced: true", "balanced: false", "true (debit 0.00 in 0, credit 0.00 in 0)"},
		{"", sold, "outcome: approved", "balanced: true", "no settlement: approved"},
		{"", settled, "totals: {debit: 0.00}", "totals: {debit: 1.00, debits: 1}", "debit 0.00 in 0"},
		{"", settled, "batch: \"000002\"", "batch: \"000001\"", "000002"},
		{"", sold, "keys: true", "keys: false", "true"},
		{"", settled, "keys: false", "keys: true", "false"},
		{"", sold, "stored: 0", "stored: 1", "0"},
		{"", sold, "tries_left: {pinned: 3}", "tries_left: {pinned: 2}", "pinned 3"},
	} {
		t.Run(tt.bad, func(t *testing.T) {
			if sum := run(t, one(tt.head, fmt.Sprintf(tt.steps, tt.good)), Options{}); sum.Passed != 1 {
				t.Errorf("%s: got %+v, want it met", tt.good, failures(sum))
			}
			sum := run(t, one(tt.head, fmt.Sprintf(tt.steps, tt.bad)), Options{})
			got := failures(sum)
			if sum.Failed != 1 || len(got) != 1 {
				t.Fatalf("%s: got %+v, want one failure", tt.bad, got)
			}
			line := 8 + strings.Count(tt.head, "\n")
			if got[0].Step != 2 || got[0].Line != line || got[0].Want == "" || !strings.Contains(got[0].Got, tt.got) {
				t.Errorf("got %+v, want step 2, line %d, and %q seen", got[0], line, tt.got)
			}
			if !errors.Is(sum.Err(), ErrFailed) {
				t.Errorf("got %v, want ErrFailed", sum.Err())
			}
		})
	}
}

// TestWhatDidNotHappenFails: steps, faults and cuts that never came to anything.
func TestWhatDidNotHappenFails(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		step, line int
		want       string
	}{
		{"unused swipe", one("", "      - sale: 1.00\n      - swipe: good\n      - swipe: good\n"), 3, 8, "the terminal asks for a card"},
		{"swipe after a mismatch", one("", "      - sale: 1.00\n      - confirm: [1.00, 10.00]\n      - swipe: good\n"), 3, 8, "the terminal asks for a card"},
		{"unused answer", one("", "      - sale: 1.00\n      - confirm: [取消, 1.00]\n"), 2, 7, "asks for 1 more"},
		{"unused fault", one("    host: {faults: [{on: \"0410\", drop: 1}]}\n", "      - sale: 1.00\n      - swipe: good\n"), 0, 5, "drop 0410 once"},
		{"fault used too rarely", one("    host: {faults: [{on: \"0210\", drop: 2}]}\n", "      - sale: 1.00\n      - swipe: good\n"), 0, 5, "drop 0210 2 times"},
		{"unused fault step", one("", "      - fault: {on: connect, refuse: 1}\n"), 0, 6, "refuse connect once"},
		{"cut that never came", one("", "      - power: {cut: before_print}\n      - sale: 1.00\n      - swipe: frozen\n"), 1, 6, "before_print"},
		{"cut without an order", one("", "      - power: {cut: after_send}\n"), 1, 6, "after_send"},
		{"sale without power", one("", "      - power: off\n      - sale: 1.00\n"), 2, 7, "takes the order"},
		{"back in time", one("", "      - clock: 2026-06-03 09:00\n      - clock: 2026-06-02 09:00\n"), 2, 7, "is done"},
		{"on while on", one("", "      - power: on\n"), 1, 6, "is done"},
		{"off while off", one("", "      - power: off\n      - power: off\n"), 2, 7, "is done"},
		{"expected too early", one("", "      - sale: 1.00\n        expect: {rc: 00}\n      - swipe: good\n"), 1, 7, "00"},
		{"inside a repeat", one("", "      - clock: +1s\n      - repeat: 3\n        do:\n          - sale: 2000.00\n          - swipe: small\n            expect: {rc: 00}\n"), 2, 11, "00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := failures(run(t, tt.text, Options{}))
			if len(got) != 1 || got[0].Step != tt.step || got[0].Line != tt.line || !strings.Contains(got[0].Want, tt.want) {
				t.Errorf("got %+v, want step %d, line %d, %q", got, tt.step, tt.line, tt.want)
			}
		})
	}
}

// TestFirstSwipeIsJudgedBeforeTheSecond: what the first swipe showed is not lost
// in what the second did, and the other way round.
func TestFirstSwipeIsJudgedBeforeTheSecond(t *testing.T) {
	sum := run(t, one("", `      - sale: 1.00
        expect: {screen: ~刷卡, sent: 0}
      - swipe: {card: good, speed: 600cm/s}
        expect: {reader: too_fast, sent: 0, receipt: none}
      - swipe: good
        expect: {reader: ok, sent: 1, rc: 00}
`), Options{})
	if sum.Passed != 1 {
		t.Errorf("got %+v", failures(sum))
	}
}

// reports writes a summary in every format.
func reports(t testing.TB, s Summary) string {
	t.Helper()
	var b bytes.Buffer
	for _, f := range Formats() {
		if err := Report(&b, f, &s, false); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// TestSameSeedSameBytes: two runs, and one job or four, give the same reports and
// the same journal; another seed gives another.
func TestSameSeedSameBytes(t *testing.T) {
	all := func(o Options) string {
		var journal bytes.Buffer
		o.Record = &journal
		sum, err := Run(t.Context(), loadCatalog(t), o)
		if err != nil {
			t.Fatal(err)
		}
		sum.Results[0].Failures = []Failure{{Step: 1, Pos: Pos{1, 1}, Key: "rc", Want: "a", Got: "b"}} // failures are reported too
		sum.Results[0].Status = Failed
		return reports(t, sum) + journal.String()
	}
	first := all(Options{Seed: 7, Jobs: 1})
	if parallel := all(Options{Seed: 7, Jobs: 4}); parallel != first {
		t.Error("four jobs differ from one")
	}
	if other := all(Options{Seed: 8, Jobs: 4}); other == first {
		t.Error("another seed changes nothing")
	}
}

// TestAloneOrAmongOthers: a scenario is the same whatever else runs.
func TestAloneOrAmongOthers(t *testing.T) {
	files := loadCatalog(t)
	alone, err := Run(t.Context(), files, Options{Seed: 7, Filter: regexp.MustCompile("^late answer$")})
	if err != nil {
		t.Fatal(err)
	}
	all, err := Run(t.Context(), files, Options{Seed: 7, Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all.Results {
		if r.Name == "late answer" && strings.Join(r.Wire, "\n") != strings.Join(alone.Results[0].Wire, "\n") {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(r.Wire, "\n"), strings.Join(alone.Results[0].Wire, "\n"))
		}
	}
}

// TestWaitingIsFree: the terminal's own patience of 60 s is simulated.
func TestWaitingIsFree(t *testing.T) {
	sum := run(t, "scenarios:\n  - name: x\n"+noAnswer+"    steps:\n"+fmt.Sprintf(sold, "timeout: true, outcome: reversed"), Options{})
	if sum.Passed != 1 || sum.Results[0].Simulated < 60e9 || sum.Results[0].Simulated > 62e9 {
		t.Errorf("got %s simulated, %+v", sum.Results[0].Simulated, failures(sum))
	}
}

const several = `possim: 1
tags: [all]
scenarios:
  - name: first
    tags: [a]
    steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00}}]
  - name: second
    tags: [b]
    steps: [{sale: 1.00}, {swipe: good, expect: {rc: 51}}]
  - name: third
    skip: not today
    steps: [{sale: 1.00}]
  - name: fourth
    steps: [{sale: 1.00}, {swipe: good}]
`

func statuses(s Summary) string {
	var out []string
	for _, r := range s.Results {
		out = append(out, r.Name+"="+string(r.Status))
	}
	return strings.Join(out, " ")
}

func TestChoosing(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"all", Options{Jobs: 4}, "first=passed second=failed third=skipped fourth=passed"},
		{"filter", Options{Filter: regexp.MustCompile("^f")}, "first=passed fourth=passed"},
		{"tags", Options{Tags: []string{"a", "b"}}, "first=passed second=failed"},
		{"tag of the file", Options{Tags: []string{"all"}, FailFast: true, Jobs: 4}, "first=passed second=failed third=skipped fourth=skipped"},
		{"fail fast", Options{FailFast: true}, "first=passed second=failed third=skipped fourth=skipped"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statuses(run(t, several, tt.o)); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := statuses(run(t, strings.Replace(several, "skip: not today", "only: true", 1), Options{})); got != "first=skipped second=skipped third=passed fourth=skipped" {
		t.Errorf("only: got %s", got)
	}
}

func TestNothingRan(t *testing.T) {
	if _, err := Run(t.Context(), load(t, several), Options{Filter: regexp.MustCompile("nobody")}); !errors.Is(err, ErrNoMatch) {
		t.Errorf("got %v, want ErrNoMatch", err)
	}
	sum := run(t, several, Options{Filter: regexp.MustCompile("third")})
	if !errors.Is(sum.Err(), ErrNothingRan) {
		t.Errorf("got %v, want ErrNothingRan", sum.Err())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sum, err := Run(ctx, load(t, several), Options{})
	if !errors.Is(err, context.Canceled) || sum.Passed != 0 || sum.Skipped != 4 {
		t.Errorf("got %v, %s", err, statuses(sum))
	}
}

// TestDialects: the catalog is the same conversation in every dialect.
func TestDialects(t *testing.T) {
	for _, name := range wire.Names() {
		d, err := wire.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Run(t.Context(), loadCatalog(t), Options{Dialect: d, Jobs: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range sum.Results {
			for _, f := range r.Failures {
				t.Errorf("%s: %s: step %d, line %d: %s: want %s, got %s", name, r.Name, f.Step, f.Line, f.Key, f.Want, f.Got)
			}
		}
	}
}

// TestPINSteps: each PIN step is looked at when the terminal asks for the next one
// or the order ends; one that is never asked for fails. No PIN is in any report.
func TestPINSteps(t *testing.T) {
	const asked = "    terminal: {pin_entry: true}\n"
	const sale = "      - sale: 88.00\n      - swipe: pinned\n"
	for _, tt := range []struct {
		name, head, steps string
		step              int
		want              string // "" passes
	}{
		{"right", asked, sale + "      - pin: 123456\n        expect: {rc: 00}\n", 0, ""},
		{"second", asked, sale + "      - pin: 111111\n        expect: {tries_left: {pinned: 2}}\n      - pin: 123456\n        expect: {rc: 00}\n", 0, ""},
		{"too soon", asked, sale + "      - pin: 111111\n        expect: {rc: 55}\n      - pin: 123456\n", 3, "55"},
		{"not asked again", asked, sale + "      - pin: 123456\n      - pin: 123456\n", 4, "the terminal asks for a PIN"},
		{"no pin pad", "", sale + "      - pin: 123456\n", 3, "the terminal asks for a PIN"},
		{"before the card", asked, "      - sale: 88.00\n      - pin: 123456\n      - swipe: pinned\n", 0, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sum := run(t, one(tt.head, tt.steps), Options{})
			got := failures(sum)
			if tt.want == "" && sum.Passed != 1 || tt.want != "" && (len(got) != 1 || got[0].Step != tt.step || got[0].Want != tt.want) {
				t.Errorf("got %+v, want step %d, %q", got, tt.step, tt.want)
			}
			if all := reports(t, sum) + fmt.Sprintf("%+v %#v", sum, sum.Results[0].Scenario); strings.Contains(all, "123456\n") || strings.Contains(all, "{123456}") || strings.Contains(all, "111111") {
				t.Errorf("a PIN is shown:\n%s", all)
			}
		})
	}
}

// TestOriginalsByHand: what a cashier types from a slip can be what an earlier step
// met, and must have been met.
func TestOriginalsByHand(t *testing.T) {
	const steps = "      - sale: 88.00\n      - swipe: good\n        expect: {stan: $voucher, rrn: $rrn}\n"
	sum := run(t, one("", steps+"      - void: {voucher: $voucher}\n      - swipe: good\n        expect: {rc: 00, ledger: {good: 0.00}}\n"), Options{})
	if sum.Passed != 1 {
		t.Errorf("got %+v", failures(sum))
	}
	got := failures(run(t, one("", steps+"      - refund: {rrn: $rnn, amount: 1.00}\n      - swipe: good\n"), Options{}))
	if len(got) != 1 || got[0].Step != 3 || !strings.Contains(got[0].Got, "$rnn has met nothing yet") {
		t.Errorf("got %+v, want the name that met nothing", got)
	}
}
