package load_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"possim/scenarios/load"
)

// TestParts: the parts of a run share no terminal, leave none out, and together are the
// whole.
func TestParts(t *testing.T) {
	whole := load.Config{Terminals: 10, Connections: 5, FirstTID: 101, Rate: 70, Count: 1001}
	for n := 1; n <= whole.Terminals; n++ {
		next, sum := whole.FirstTID, load.Config{}
		for i := 1; i <= n; i++ {
			p, err := whole.Part(i, n)
			if err != nil {
				t.Fatal(err)
			}
			if p.FirstTID != next || p.Terminals < 1 || p.Connections < 1 {
				t.Errorf("part %d of %d begins at %d with %d terminals on %d connections, want %d", i, n, p.FirstTID, p.Terminals, p.Connections, next)
			}
			next += p.Terminals
			sum.Terminals, sum.Count, sum.Rate = sum.Terminals+p.Terminals, sum.Count+p.Count, sum.Rate+p.Rate
		}
		if sum.Terminals != whole.Terminals || sum.Count != whole.Count || sum.Rate < 69.999 || sum.Rate > 70.001 {
			t.Errorf("%d parts come to %+v", n, sum)
		}
	}
	for _, c := range [][2]int{{0, 2}, {3, 2}, {1, 11}, {11, 11}} {
		if p, err := whole.Part(c[0], c[1]); err == nil {
			t.Errorf("part %d of %d: %+v", c[0], c[1], p)
		}
	}
	whole.Count = 3
	if p, err := whole.Part(1, 5); err == nil {
		t.Errorf("a fifth of three orders: %+v", p)
	}
}

// TestAddUp: two parts of a run at one host, through JSON and added up, count what its
// books have, and their percentiles are those of all.
func TestAddUp(t *testing.T) {
	var total load.Report
	slowest := time.Duration(0)
	synctest.Test(t, func(t *testing.T) {
		b, cards := newBank(t), pool(t, 20)
		whole := load.Config{Terminals: 6, Connections: 2, FirstTID: 1, Count: 101, Cards: cards}
		for i := 1; i <= 2; i++ {
			part, err := whole.Part(i, 2)
			if err != nil {
				t.Fatal(err)
			}
			r := b.run(part)
			r.WithLatencies = true
			slowest = max(slowest, r.Percentile(100))
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			var read load.Report
			if err := json.Unmarshal(text, &read); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if again, _ := json.Marshal(read); string(again) != string(text) {
				t.Errorf("it was\n%s\nand came back as\n%s", text, again)
			}
			total.Add(read)
		}
		if got := b.spent(cards); got != 101 || total.Approved != got || total.Codes["00"] != got || total.Answered != got {
			t.Errorf("the books have %d sales, the reports %+v", got, total)
		}
	})
	if total.Percentile(100) != slowest || total.Percentile(50) > slowest {
		t.Errorf("p50 %s, max %s, want %s", total.Percentile(50), total.Percentile(100), slowest)
	}
}

// TestReportsThatDoNotAddUp: none is taken, and the error says why.
func TestReportsThatDoNotAddUp(t *testing.T) {
	const good = `{"rate":2,"seconds":1,"sent":3,"answered":3,"approved":2,"errors":0,"codes":{"00":2,"51":1},"latencies_us":[[1000,2],[2000,1]]}`
	var r load.Report
	if err := json.Unmarshal([]byte(good), &r); err != nil || r.Percentile(50) != time.Millisecond || r.Percentile(100) < 2*time.Millisecond {
		t.Fatalf("%v: p50 %s, max %s", err, r.Percentile(50), r.Percentile(100))
	}
	for _, c := range [][3]string{
		{`,"latencies_us":[[1000,2],[2000,1]]`, ``, "latencies_us"},
		{`[2000,1]`, `[2000,2]`, "add up"},
		{`,[2000,1]`, ``, "of 2 orders, and 3"},
		{`[2000,1]`, `[-1,1]`, "add up"},
		{`[2000,1]`, `[2000,1],[1,-1]`, "add up"},
		{`[2000,1]`, `[2000,9223372036854775807]`, "add up"},
		{`"sent":3`, `"sent":-3`, "below 0"},
		{`"approved":2`, `"approved":4`, "only 3"},
		{`"answered":3`, `"answered":"3"`, "answered"},
		{`"51":1`, `"4111111111111111":1`, "codes"},
		{`"51":1`, `"51":-1`, "codes"},
		{`"errors":0`, `"errors":0,"causes":{"4111":1}`, "causes"},
	} {
		var r load.Report
		err := json.Unmarshal([]byte(strings.Replace(good, c[0], c[1], 1)), &r)
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v, want %q", c[1], err, c[2])
		}
		if r.Answered != 0 {
			t.Errorf("%s: half of it was taken", c[1])
		}
	}
	if err := json.Unmarshal([]byte(`{"answered":0}`), &r); !errors.Is(err, load.ErrNoLatencies) {
		t.Error(err)
	}
}

// TestSeriesAddUp: those of the same labels are one, with the latencies of both; a report
// from before there were series still adds up, and what its orders were is not known.
func TestSeriesAddUp(t *testing.T) {
	const first = `{"sent":3,"answered":3,"approved":2,"errors":2,"latencies_us":[[1000,2],[2000,1]],"series":[
		{"cause":"behind","count":2},
		{"kind":"sale","tag":"coffee","code":"00","count":2,"sent":2,"approved":2,"latencies_us":[[1000,2]]},
		{"kind":"sale","code":"51","count":1,"sent":1,"latencies_us":[[2000,1]]}]}`
	const second = `{"sent":2,"answered":1,"approved":1,"errors":1,"latencies_us":[[9000,1]],"series":[
		{"kind":"pre-auth cancel","cause":"no-answer","count":1,"sent":1},
		{"kind":"sale","tag":"coffee","code":"00","count":1,"sent":1,"approved":1,"latencies_us":[[9000,1]]}]}`
	const old = `{"sent":4,"answered":4,"approved":4,"latencies_us":[[1000,4]]}`
	total := load.Report{WithLatencies: true}
	add := func(text string) string {
		var r load.Report
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		total.Add(r)
		b, err := json.Marshal(total)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	add(first)
	const want = `"series":[{"cause":"behind","count":2},{"kind":"pre-auth cancel","cause":"no-answer","count":1,"sent":1},` +
		`{"kind":"sale","code":"51","count":1,"sent":1,"p50_ms":2,"p99_ms":2,"max_ms":2,"latencies_us":[[2000,1]]},` +
		`{"kind":"sale","tag":"coffee","code":"00","count":3,"sent":3,"approved":3,"p50_ms":1,"p99_ms":9.007,"max_ms":9.007,"latencies_us":[[1000,2],[9007,1]]}]`
	if got := add(second); !strings.Contains(got, want) || total.Unlisted() != 0 {
		t.Errorf("%d unlisted, and\n%s, want\n%s", total.Unlisted(), got, want)
	}
	if got := add(old); !strings.Contains(got, want+`,"series_left_out":4`) || total.Unlisted() != 4 {
		t.Errorf("with an old one %d unlisted, and\n%s", total.Unlisted(), got)
	}
	for _, c := range [][3]string{
		{`"count":2,"sent":2`, `"count":4,"sent":2`, "do not add up to those of the run"},
		{`"cause":"behind","count":2`, `"cause":"behind","count":3`, "do not add up to those of the run"},
		{`"cause":"behind","count":2`, `"cause":"behind","count":0`, "do not add up to those of the run"},
		{`"cause":"behind","count":2`, `"cause":"behind","count":2,"approved":1`, "do not add up"},
		{`"count":2,"sent":2`, `"count":2,"sent":3`, "do not add up"},
		{`"count":2,"sent":2`, `"count":2,"sent":-1`, "do not add up"},
		{`"latencies_us":[[1000,2]]}`, `"latencies_us":[[1000,1]]}`, "series 2: latencies_us"},
		{`,"latencies_us":[[1000,2]]}`, `}`, "series 2: latencies_us"},
		{`"tag":"coffee"`, `"tag":"c4111111111111111"`, "a label that no report has"},
		{`"cause":"behind"`, `"cause":"4111"`, "a label that no report has"},
		{`"kind":"sale","code":"51"`, `"kind":"sale","code":"4111"`, "a label that no report has"},
		{`"kind":"sale","code":"51"`, `"kind":"4111","code":"51"`, "a label that no report has"},
		{`"code":"51","count":1`, `"tag":"coffee","code":"00","count":1`, "its labels are those of another"},
	} {
		text := strings.Replace(first, c[0], c[1], 1)
		var r load.Report
		if err := json.Unmarshal([]byte(text), &r); err == nil || text == first || !strings.Contains(err.Error(), c[2]) || strings.Contains(err.Error(), "4111") {
			t.Errorf("%s: %v, want %q", c[1], err, c[2])
		}
		if r.Answered != 0 {
			t.Errorf("%s: half of it was taken", c[1])
		}
	}
}
