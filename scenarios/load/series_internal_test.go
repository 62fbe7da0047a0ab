package load

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/wire"
)

// tallied is a tally at work since the epoch.
func tallied() *tally {
	t := &tally{}
	t.start(time.Unix(0, 0))
	return t
}

// sell counts an answered sale.
func (t *tally) sell(tag string, code wire.Code, took time.Duration) {
	t.order(emulator.Sale, tag, result{code: code, sent: true, answered: true, approved: code == wire.Approved}, took, time.Unix(1, 0))
}

// tagged is a run of two seconds with two tags.
func tagged() Report {
	tally := tallied()
	for range 3 {
		tally.sell("coffee", "00", time.Second)
	}
	tally.sell("tea", "00", time.Millisecond)
	tally.sell("tea", "51", time.Millisecond)
	tally.sell("", "00", time.Millisecond)
	tally.order(emulator.Sale, "tea", result{code: "00", cause: "mac", sent: true}, time.Second, time.Unix(1, 0))
	return tally.report(time.Unix(2, 0))
}

// TestTags: orders of a kind are apart by their tag.
func TestTags(t *testing.T) {
	r := tagged()
	var got []string
	for _, s := range r.Series {
		got = append(got, fmt.Sprint(s.Labels, s.Count, s.Sent, s.Approved))
	}
	want := []string{"{sale  00 } 1 1 1", "{sale coffee 00 } 3 3 3", "{sale tea 00 } 1 1 1", "{sale tea 51 } 1 1 0", "{sale tea 00 mac} 1 1 0"}
	if !slices.Equal(got, want) || r.Unlisted() != 0 {
		t.Errorf("%d unlisted and\n%q, want\n%q", r.Unlisted(), got, want)
	}
}

// TestMostSeries: a host that gives each order a code of its own, or a script that gives
// each a tag, has so many series and no more; nothing is lost from the other figures.
func TestMostSeries(t *testing.T) {
	fill := func(first int) Report {
		tally := tallied()
		for i := range MostSeries + 10 {
			tally.sell(fmt.Sprintf("t%d", first+i), "00", time.Second)
		}
		tally.missed(causeBehind, 5)
		r := tally.report(time.Unix(2, 0))
		r.WithLatencies = true
		return r
	}
	r := fill(0)
	if len(r.Series) != MostSeries || r.Unlisted() != 15 || r.Answered != MostSeries+10 || r.Errors != 5 {
		t.Errorf("%d series, %d unlisted, %d answered, %d errors", len(r.Series), r.Unlisted(), r.Answered, r.Errors)
	}
	text, err := json.Marshal(r)
	var read Report
	if err == nil {
		err = json.Unmarshal(text, &read)
	}
	if err != nil || read.Unlisted() != 15 || !strings.Contains(string(text), `"series_left_out":15`) {
		t.Errorf("%v: %d unlisted of\n%s", err, read.Unlisted(), text)
	}
	read.Add(fill(1000))
	if len(read.Series) != MostSeries || read.Unlisted() != 30+MostSeries {
		t.Errorf("added up: %d series, %d unlisted", len(read.Series), read.Unlisted())
	}
	var people strings.Builder
	if err := r.WriteText(&people); err != nil || !strings.Contains(people.String(), "15 orders are in no series") {
		t.Errorf("%v\n%s", err, &people)
	}
}

// TestReportIsItsOwn: a report does not change with the run that goes on, and adding one
// up changes none of its parts.
func TestReportIsItsOwn(t *testing.T) {
	tally := tallied()
	tally.sell("", "00", time.Millisecond)
	before := tally.report(time.Unix(2, 0))
	tally.sell("", "00", time.Minute)
	after := tally.report(time.Unix(2, 0))
	sum := before
	sum.Add(after)
	for name, c := range map[string]struct {
		r     Report
		count int64
		max   time.Duration
	}{"before": {before, 1, time.Second}, "after": {after, 2, time.Hour}, "sum": {sum, 3, time.Hour}} {
		s := c.r.Series
		if len(s) != 1 || s[0].Count != c.count || s[0].Percentile(100) > c.max || s[0].Percentile(100) != c.r.Percentile(100) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

func TestCheckTag(t *testing.T) {
	for _, tag := range []string{"coffee", "A", "to-go_2.1", "till1234567", strings.Repeat("x", 32)} {
		if err := CheckTag(tag); err != nil {
			t.Errorf("%s: %v", tag, err)
		}
	}
	for _, tag := range []string{"", "1st", "two words", "a,b", "a:b", "café", "x{", strings.Repeat("x", 33), "c62220200", "c6.2.2.2.0.2.0.0", "a\nb", "a\n"} {
		if err := CheckTag(tag); err == nil {
			t.Errorf("%q is taken", tag)
		}
	}
}

// BenchmarkOrder is what counting an order costs.
func BenchmarkOrder(b *testing.B) {
	t := tallied()
	for i := 0; b.Loop(); i++ {
		t.sell("coffee", wire.Approved, time.Duration(i%100_000)*time.Microsecond)
	}
}
