package scenarios

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// shown is a run with one scenario of each status.
func shown(t testing.TB) Summary {
	return run(t, `possim: 1
suite: 报表 "quoted" & <marked>
tags: [all]
scenarios:
  - name: "passes #1"
    steps: [{sale: 1.00}, {swipe: good}]
  - name: fails
    tags: [x]
    steps:
      - sale: 1.00
      - swipe: good
        expect: {rc: 51, receipt: none}
  - name: skipped
    skip: "not ready ]]>"
    steps: [{sale: 1.00}]
`, Options{Seed: 42})
}

// written is a summary with one scenario of each status, put down by hand: the
// reports are tested apart from what terminal and host do.
func written() Summary {
	place := func(name string, line int) *Scenario {
		return &Scenario{Pos: Pos{line, 5}, File: "x.yaml", Suite: `报表 "quoted" & <marked>`, Name: name, Tags: []string{"all"}}
	}
	return Summary{Seed: 42, Passed: 1, Failed: 1, Skipped: 2, Results: []Result{
		{Scenario: place("passes #1", 5), Status: Passed, Seed: 1, Simulated: 254 * time.Millisecond,
			Wire: []string{"+0.214s > 0200 11=000001", "+0.254s < 0210 11=000001 39=00"}},
		{Scenario: place("fails", 7), Status: Failed, Seed: 2, Simulated: 60 * time.Second,
			Wire:     []string{"+0.214s > 0200 2=622202******0015 11=000001", "+60.214s   nothing came"},
			Failures: []Failure{{2, Pos{12, 18}, "rc", "00", "none"}, {2, Pos{13, 18}, "receipt", "88.00", "two\nlines"}}},
		{Scenario: place("skipped", 15), Status: Skipped, Seed: 3, Reason: "not ready ]]>"},
		{Scenario: place("100 %, ::error::, <b>|", 19), Status: Skipped, Seed: 4, Reason: "not run: an earlier scenario failed", Stopped: true},
	}}
}

// TestReports compares every format with what is written in testdata.
func TestReports(t *testing.T) {
	sum := written()
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := Report(&b, f, &sum, false); err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/report."+string(f), b.String())
	}
	if err := Report(&bytes.Buffer{}, "html", &sum, false); err == nil {
		t.Error("an unknown format was taken")
	}
}

// TestJSONContract reads the report as others do: by the names of the contract.
func TestJSONContract(t *testing.T) {
	sum := shown(t)
	var b bytes.Buffer
	if err := Report(&b, JSON, &sum, false); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Seed, Passed, Failed, Skipped int
		Scenarios                     []struct {
			Name, File, Status string
			Line               int
			Tags               []string
			SimulatedMS        *int `json:"simulated_ms"`
			Failure            *struct {
				Step, Line int
				Want, Got  string
			}
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Seed != 42 || got.Passed != 1 || got.Failed != 1 || got.Skipped != 1 || len(got.Scenarios) != 3 {
		t.Fatalf("got %+v", got)
	}
	s := got.Scenarios[1]
	if s.Name != "fails" || s.File != "x.yaml" || s.Line != 7 || s.Status != "failed" || *s.SimulatedMS < 200 || len(s.Tags) != 2 {
		t.Errorf("got %+v", s)
	}
	if f := s.Failure; f == nil || f.Step != 2 || f.Line != 12 || f.Want != "51" || f.Got != "00" {
		t.Errorf("got %+v", f)
	}
	if got.Scenarios[0].Failure != nil || got.Scenarios[2].Status != "skipped" {
		t.Errorf("got %+v", got.Scenarios)
	}
}

// TestJUnitIsXML: whatever names and texts hold.
func TestJUnitIsXML(t *testing.T) {
	sum := shown(t)
	sum.Results[1].Failures[0].Got = "]]> & < \x01 \n"
	var b bytes.Buffer
	if err := Report(&b, JUnit, &sum, false); err != nil {
		t.Fatal(err)
	}
	var got junitSuites
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v:\n%s", err, b.String())
	}
	c := got.Suites[0].Cases[1]
	if c.Name != "fails" || c.Line != 7 || c.Failure == nil || !strings.Contains(c.Failure.Text, "]]> &") || c.Out == nil {
		t.Errorf("got %+v", c)
	}
}

// TestColour: escapes are for terminals alone, and change no word.
func TestColour(t *testing.T) {
	sum := shown(t)
	var plain, painted bytes.Buffer
	_ = Report(&plain, Pretty, &sum, false)
	_ = Report(&painted, Pretty, &sum, true)
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(painted.String(), "\x1b[31m") {
		t.Error("colour is not as told")
	}
	stripped := painted.String()
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"} {
		stripped = strings.ReplaceAll(stripped, code, "")
	}
	if stripped != plain.String() {
		t.Error("colour changes the text")
	}
}

// TestNoCardInClear runs scenarios that fail in every way they can with a card
// number in it, in every dialect format and log, and looks for it.
func TestNoCardInClear(t *testing.T) {
	const text = `possim: 1
suite: suite 6222020000000403
cards:
  canary: {pan: 6222020000000403, expiry: 2912, holder: CANARY/BIRD, pin: 908172, cvn: 573}
scenarios:
  - name: wrong receipt of 6222020000000403
    steps:
      - sale: 1.00
      - swipe: canary
        expect: {receipt: "6222020000000403", rc: "61"}
  - name: wrong screen
    steps:
      - sale: 1.00
      - swipe: canary
        expect: {screen: "6222020000000403"}
  - name: wrong message
    steps:
      - sale: 1.00
      - swipe: canary
        expect: {messages: [{mti: 0200, f: {2: "6222020000000403", 14: 2912, 39: 6222020000000403}}, {mti: 0210, f: {39: 01}}]}
  - name: bound
    steps:
      - sale: 1.00
      - swipe: canary
        expect: {messages: [{mti: 0200, f: {2: $pan}}, {mti: 0210, f: {39: $pan}}], ledger: {canary: 5.00}}
  - name: lost
    host: {faults: [{on: "0210", garble: 1}, {on: "0400", drop: 1}]}
    steps:
      - sale: 1.00
      - swipe: canary
        expect: {rc: "00", cause: none, outcome: approved}
  - name: wrong PIN
    terminal: {pin_entry: true, encrypt_tracks: true, tmk: 258FB0AB70D025CDB99DF2C4D302D646}
    steps:
      - sale: 1.00
      - swipe: canary
      - pin: 908173
        expect: {screen: ~密码错}
      - pin: 908172
        expect: {rc: "55"}
  - name: guessed CVN
    steps:
      - sale: 1.00
      - swipe: {card: canary, cvn: 574}
        expect: {rc: "00"}
  - name: a code
    steps:
      - qr: {amount: 1.00, code: "6293847561029384756"}
        expect: {rc: "00", receipt: "6293847561029384756"}
  - name: a batch
    steps:
      - sale: 1.00
      - swipe: canary
      - power: blank
      - sign_on
      - status
      - sale: 2.00
      - swipe: canary
      - settle:
        expect: {balanced: true, messages: [{mti: 0500}, {mti: 0510}, {mti: 0320, f: {48: "01"}}, {mti: 0330}, {mti: 0320}, {mti: 0330}]}
`
	var log, journal bytes.Buffer
	files := load(t, text)
	sum, err := Run(t.Context(), files, Options{Record: &journal, Log: zerolog.New(&log)})
	if err != nil {
		t.Fatal(err)
	}
	if sum.Failed != 9 {
		t.Fatalf("got %s, want nine failures: the test looks at what they say", statuses(sum))
	}
	out := reports(t, sum) + journal.String() + log.String()
	if log.Len() == 0 || journal.Len() == 0 || !strings.Contains(out, "622202******0403") {
		t.Error("nothing was written: the test shows nothing")
	}
	inClear := func(out string, canaries ...string) {
		for _, canary := range canaries {
			if i := strings.Index(out, canary); i >= 0 {
				t.Errorf("%q is in the clear: ...%s...", canary, out[max(0, i-80):min(len(out), i+80)])
			}
		}
	}
	// A journal's bytes are to be replayed, with numbers of test cards and nothing else of them.
	inClear(out, "CANARY", "908172", "908173", "0403D29121010000000573", "00000573", "6293847561029384756", "29384756102", "258FB0AB")
	inClear(reports(t, sum)+log.String(), "6222020000000403", "2020000000403", "0403=", "0403D2912")
}
