package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
)

// outside is a host on the other side of a Dialer: that of another world, seen
// through its link alone.
func outside(t *testing.T, skip bool) (*world, *Real) {
	t.Helper()
	o := &Options{}
	w, err := newWorld(t.Context(), load(t, "scenarios: [{name: host, steps: [{sale: 1.00}]}]")[0].Scenarios[0], 1, o)
	if err != nil {
		t.Fatal(err)
	}
	return w, &Real{Dial: w.dial, Now: w.now, Sleep: w.sleep, SkipUnsupported: skip}
}

const needsInside = `possim: 1
scenarios:
  - name: fits
    host: {faults: [{on: "0210", drop: 1}]}
    steps:
      - sale: 1.00
      - swipe: good
        expect: {outcome: reversed}
      - power: {cut: after_send}
      - sale: 2.00
      - swipe: good
        expect: {outcome: none}
      - power: on
        expect: {outcome: reversed}
  - name: moves the clock
    steps:
      - clock: +24h
      - repeat: 2
        do:
          - sale: 1.00
          - swipe: good
            expect:
              ledger: {good: 1.00}
  - name: changes the host
    steps:
      - card: {good: frozen}
      - host: down
`

// TestRealHost: what a real host cannot do is an error at its line, or skipped by
// name; faults of the terminal's own link and power cuts work.
func TestRealHost(t *testing.T) {
	_, real := outside(t, false)
	_, err := Run(t.Context(), load(t, needsInside), Options{Real: real})
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %v, want Errors", err)
	}
	var lines []int
	for _, e := range errs {
		lines = append(lines, e.Line)
	}
	if len(lines) != 4 || lines[0] != 17 || lines[1] != 23 || lines[2] != 26 || lines[3] != 27 {
		t.Errorf("got lines %v, want 17, 23, 26 and 27", lines)
	}

	there, real := outside(t, true)
	sum, err := Run(t.Context(), load(t, needsInside), Options{Real: real, Jobs: 4})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(sum); got != "fits=passed moves the clock=skipped changes the host=skipped" {
		t.Errorf("got %s: %+v", got, failures(sum))
	}
	if r := sum.Results[1].Reason; !strings.Contains(r, "clock") {
		t.Errorf("got %q, want the step that does not fit", r)
	}
	if took, err := there.taken("good"); err != nil || took != 0 {
		t.Errorf("the host took %d (%v), want everything reversed", took, err)
	}
}

// TestRealHostIdentity: the terminal is the one the user names.
func TestRealHostIdentity(t *testing.T) {
	_, real := outside(t, false)
	real.TID, real.MID = "00000042", "898100054110001"
	sum, err := Run(t.Context(), load(t, "scenarios: [{name: x, steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00, messages: [{mti: 0200, f: {41: 00000042}}, {mti: 0210}]}}]}]"), Options{Real: real, Dialect: wire.UnionPay()})
	if err != nil || sum.Passed != 1 {
		t.Errorf("got %v %+v", err, failures(sum))
	}
}

// TestRealHostKeepsNumbers: towards a host that lives on, a terminal's numbers go
// on too, from scenario to scenario and from what was saved before. Otherwise the
// host would take the next sale for the last one.
func TestRealHostKeepsNumbers(t *testing.T) {
	const text = `possim: 1
scenarios:
  - name: first
    steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00, stan: "000043"}}]
  - name: second
    steps: [{sale: 2.00}, {swipe: good, expect: {rc: 00, stan: "000044"}}]
  - name: another terminal
    terminal: {tid: 00000002}
    steps: [{sale: 2.00}, {swipe: good, expect: {rc: 00, stan: "000043"}}]
`
	_, real := outside(t, false)
	opened, last := []string{}, 0
	real.State = func(tid string) (emulator.State, func(emulator.State) error, error) {
		opened = append(opened, tid)
		return emulator.State{LastSTAN: 41}, func(s emulator.State) error { last = s.LastSTAN; return nil }, nil
	}
	sum, err := Run(t.Context(), load(t, text), Options{Real: real})
	if err != nil || sum.Passed != 3 {
		t.Errorf("got %v %+v", err, failures(sum))
	}
	if strings.Join(opened, " ") != "00000001 00000002" || last != 43 {
		t.Errorf("opened %v, last number %d", opened, last)
	}
	real.State = func(string) (emulator.State, func(emulator.State) error, error) {
		return emulator.State{}, nil, errors.New("in use by process 7")
	}
	sum, err = Run(t.Context(), load(t, text), Options{Real: real})
	if err != nil || sum.Failed != 3 || !strings.Contains(failures(sum)[0].Got, "process 7") {
		t.Errorf("got %v %+v, want the reason", err, failures(sum))
	}
}

// TestMoreCards: a card file's cards can be named, and hide the catalog's.
func TestMoreCards(t *testing.T) {
	cards, err := ParseCards("cards.yaml", []byte("cards:\n  mine: {pan: 6222020000000403, expiry: 2912}\n  good: {pan: 6222020000000411, expiry: 2912, account: {status: frozen}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := Load([]Source{{Path: "x.yaml", Data: []byte("scenarios: [{name: x, steps: [{sale: 1.00}, {swipe: mine, expect: {rc: 00}}, {sale: 1.00}, {swipe: good, expect: {rc: 62}}]}]")}}, cards...)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Run(t.Context(), files, Options{})
	if err != nil || sum.Passed != 1 {
		t.Errorf("got %v %+v", err, failures(sum))
	}
}

// TestRealHostKeepsItsInside: what configures a host, or makes a terminal forget, is
// an error with a real one.
func TestRealHostKeepsItsInside(t *testing.T) {
	const text = `possim: 1
scenarios:
  - name: host
    host: {mac: off}
    steps: [settle]
  - name: codes
    host: {codes: {frozen: 05}}
    steps: [settle]
  - name: numbers
    terminal: {stan: 7}
    steps: [settle]
  - name: blank
    steps:
      - power: blank
  - name: books
    steps:
      - settle:
        expect: {owed: 0, holds: {good: 0}, tries_left: {good: 3}, balanced: true}
`
	_, real := outside(t, false)
	_, err := Run(t.Context(), load(t, text), Options{Real: real})
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("got %v, want Errors", err)
	}
	var lines []string
	for _, e := range errs {
		lines = append(lines, fmt.Sprint(e.Line))
	}
	if got := strings.Join(lines, " "); got != "3 6 9 14 18 18 18" {
		t.Errorf("got lines %s, want 3 6 9 14 18 18 18:\n%v", got, errs)
	}
}

// TestMasterKey: terminals have the key that the user names, or the published one.
func TestMasterKey(t *testing.T) {
	const text = "scenarios: [{name: x, steps: [{sign_on: , expect: {outcome: approved, keys: true}}]}]"
	other, err := hsm.ParseKey(hsm.TDES, "0123456789ABCDEFFEDCBA9876543210")
	if err != nil {
		t.Fatal(err)
	}
	there, real := outside(t, false)
	if err := there.inside.host.Registry.SetTMK(other); err != nil {
		t.Fatal(err)
	}
	if sum, err := Run(t.Context(), load(t, text), Options{Real: real}); err != nil || sum.Failed != 1 {
		t.Errorf("got %v, %+v: the host has another key", err, failures(sum))
	}
	real.TMK = other
	if sum, err := Run(t.Context(), load(t, text), Options{Real: real}); err != nil || sum.Passed != 1 {
		t.Errorf("got %v, %+v", err, failures(sum))
	}
}

// TestMACOption: a run can do without MACs, or want them in every dialect.
func TestMACOption(t *testing.T) {
	const text = "scenarios: [{name: x, steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00, keys: %s}}]}]"
	for _, tt := range []struct {
		dialect, mac, keys string
	}{
		{"unionpay", "", "true"}, {"unionpay", "off", "false"}, {"iso87ascii", "", "false"}, {"iso87ascii", "require", "true"},
	} {
		d, err := wire.ByName(tt.dialect)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := Run(t.Context(), load(t, fmt.Sprintf(text, tt.keys)), Options{Dialect: d, MAC: tt.mac})
		if err != nil || sum.Passed != 1 {
			t.Errorf("%s %q: got %v %+v", tt.dialect, tt.mac, err, failures(sum))
		}
	}
}

// TestRealHostHasHistory: what an earlier scenario left in the batch is not among the
// totals that a later one looks at; the next batch is all its own.
func TestRealHostHasHistory(t *testing.T) {
	const text = `possim: 1
dialects: unionpay
scenarios:
  - name: leaves a sale behind
    steps: [{sale: 1.00}, {swipe: good, expect: {rc: 00}}]
  - name: settles
    steps:
      - sale: 2.00
      - swipe: good
      - settle:
        expect: {balanced: true, totals: {debit: 2.00, debits: 1}}
      - sale: 4.00
      - swipe: good
      - settle:
        expect: {balanced: true, totals: {debit: 4.00, debits: 1}}
`
	_, real := outside(t, false)
	sum, err := Run(t.Context(), load(t, text), Options{Real: real, Dialect: wire.UnionPay()})
	if err != nil || sum.Passed != 2 {
		t.Errorf("got %v %+v", err, failures(sum))
	}
}
