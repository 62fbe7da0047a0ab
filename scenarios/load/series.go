package load

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Series is the orders of a run that have all labels in common, so that a fast decline
// does not make approvals look fast. Every order stands in one (but see Report.Unlisted),
// and one that was due and never begun in that of the cause behind. What a player could
// not do stands in that of the cause script-error.
type Series struct {
	Labels
	Count    int64
	Sent     int64 // of them, those whose request left
	Approved int64

	latency *hdrhistogram.Histogram // of answered orders; else nil
}

// Percentile is the time within which p percent of these orders had ended; the longest
// for 100. It is 0 of errors.
func (s *Series) Percentile(p float64) time.Duration { return percentile(s.latency, p) }

func percentile(h *hdrhistogram.Histogram, p float64) time.Duration {
	if h == nil || h.TotalCount() == 0 {
		return 0
	}
	if p >= 100 {
		return time.Duration(h.Max()) * time.Microsecond
	}
	// A low percentile of few orders is the fastest of them; the histogram says 0.
	return time.Duration(max(h.ValueAtQuantile(p), h.Min())) * time.Microsecond
}

// MostSeries bounds how many series a report has. The latencies of one take some 190 kB,
// and a host, or a script, may give every order a code or a tag of its own.
const MostSeries = 128

// shelf keeps series, as many as there is room for.
type shelf map[Labels]*Series

// of is the series with these labels; nil where there is no room for another.
func (s shelf) of(l Labels) *Series {
	one := s[l]
	if one == nil && len(s) < MostSeries {
		one = &Series{Labels: l}
		if l.Cause == "" {
			one.latency = newLatencies()
		}
		s[l] = one
	}
	return one
}

// count counts an order that has ended; took is in microseconds.
func (s shelf) count(l Labels, r result, took int64) {
	one := s.of(l)
	if one == nil {
		return
	}
	one.Count++
	if r.sent {
		one.Sent++
	}
	if !r.answered {
		return
	}
	if r.approved {
		one.Approved++
	}
	_ = one.latency.RecordValue(took) // always in its range
}

// add adds what another run has.
func (s shelf) add(o Series) {
	one := s.of(o.Labels)
	if one == nil {
		return
	}
	one.Count, one.Sent, one.Approved = one.Count+o.Count, one.Sent+o.Sent, one.Approved+o.Approved
	merge(one.latency, o.latency)
}

// merge adds latencies; there may be none.
func merge(to, from *hdrhistogram.Histogram) {
	if from != nil {
		to.Merge(from)
	}
}

// sorted is the series in their order. They still share their latencies with the shelf.
func (s shelf) sorted() []Series {
	all := make([]Series, 0, len(s))
	for one := range maps.Values(s) {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b Series) int { return a.compare(b.Labels) })
	return all
}

// Unlisted is how many orders stand in no series: those beyond MostSeries, and those of
// reports that have none.
func (r *Report) Unlisted() int64 {
	n := r.All()
	for _, s := range r.Series {
		n -= s.Count
	}
	return n
}

// column is one of the table of series.
type column struct {
	title   string
	figure  bool // stands at the right
	content func(*Series) string
}

var columns = []column{
	{"kind", false, func(s *Series) string { return string(s.Kind) }},
	{"tag", false, func(s *Series) string { return s.Tag }},
	{"code", false, func(s *Series) string { return string(s.Code) }},
	{"cause", false, func(s *Series) string { return s.Cause }},
	{"count", true, func(s *Series) string { return strconv.FormatInt(s.Count, 10) }},
	{"p50", true, func(s *Series) string { return shown(s.Percentile(50)) }},
	{"p99", true, func(s *Series) string { return shown(s.Percentile(99)) }},
	{"max", true, func(s *Series) string { return shown(s.Percentile(100)) }},
}

// writeSeries writes the table where there is more than one. A column that no series has
// is left out.
func (r *Report) writeSeries(b *strings.Builder) {
	if len(r.Series) > 1 {
		lines := make([]strings.Builder, 1+len(r.Series))
		for i := range lines {
			fmt.Fprintf(&lines[i], "%-8s", []string{"series", ""}[min(i, 1)])
		}
		for _, c := range columns {
			r.writeColumn(lines, c)
		}
		for i := range lines {
			b.WriteString(strings.TrimRight(lines[i].String(), " ") + "\n")
		}
	}
	if n := r.Unlisted(); n > 0 && len(r.Series) > 0 {
		fmt.Fprintf(b, "besides   %d orders are in no series: a run keeps %d, and older reports have none\n", n, MostSeries)
	}
}

// writeColumn writes a column behind those that the lines have.
func (r *Report) writeColumn(lines []strings.Builder, c column) {
	cells, width, empty := []string{c.title}, len(c.title), true
	for i := range r.Series {
		text := c.content(&r.Series[i])
		empty = empty && text == ""
		text = cmp.Or(text, "-")
		cells, width = append(cells, text), max(width, len(text))
	}
	if empty {
		return
	}
	if !c.figure {
		width = -width
	}
	for i, text := range cells {
		fmt.Fprintf(&lines[i], "  %*s", width, text)
	}
}
