package load

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"possim/emulator"
	"possim/host/wire"
)

// Report is what a run came to, or has come to so far.
type Report struct {
	Ran      time.Duration
	Rate     float64 // approvals a second
	Sent     int64   // orders whose request left
	Answered int64   // by the host, whatever it said
	Approved int64
	Errors   int64 // orders without an answer that counts, and orders that were never begun
	Codes    map[wire.Code]int64
	Causes   map[string]int64 // of the errors
	Orders   map[emulator.OrderKind]int64
	Series   []Series // the same orders by kind, tag, code and cause, in that order; at most MostSeries

	Dials       int64 // connections opened
	Lost        int64 // connections that broke
	Strays      int64 // answers that nobody waited for: late ones, second ones, other numbers
	Garbled     int64 // frames that name nobody
	NotSignedOn int64 // terminals whose sign-on failed before the start

	Played *Played // what players counted; nil where none did

	latency *hdrhistogram.Histogram

	WithLatencies bool // MarshalJSON writes them too, so that reports can be added up
}

// Report is the figures now, while it runs or afterwards.
func (l *Load) Report() Report {
	r := l.tally.report(l.Now())
	if l.Player != nil {
		r.Played = l.tally.plays.report()
	}
	return r
}

// All is how many orders there were, or should have been.
func (r *Report) All() int64 { return r.Answered + r.Errors }

// Percentile is the time within which p percent of the answered orders had ended; the
// longest for 100. Where none was answered it is 0.
func (r *Report) Percentile(p float64) time.Duration { return percentile(r.latency, p) }

// jsonReport is the line of --json (a contract).
type jsonReport struct {
	Rate     float64                      `json:"rate"`
	P50      float64                      `json:"p50_ms"`
	P90      float64                      `json:"p90_ms"`
	P99      float64                      `json:"p99_ms"`
	P999     float64                      `json:"p999_ms"`
	Max      float64                      `json:"max_ms"`
	Seconds  float64                      `json:"seconds"`
	Sent     int64                        `json:"sent"`
	Answered int64                        `json:"answered"`
	Approved int64                        `json:"approved"`
	Errors   int64                        `json:"errors"`
	Codes    map[wire.Code]int64          `json:"codes"`
	Causes   map[string]int64             `json:"causes"`
	Orders   map[emulator.OrderKind]int64 `json:"orders"`
	Dials    int64                        `json:"connections_opened"`
	Lost     int64                        `json:"connections_lost"`
	Strays   int64                        `json:"strays"`
	Garbled  int64                        `json:"garbled"`
	Unready  int64                        `json:"not_signed_on"`
	Series   []jsonSeries                 `json:"series"`
	Unlisted int64                        `json:"series_left_out,omitzero"`

	Played *Played `json:"played,omitzero"`

	Latencies [][2]int64 `json:"latencies_us,omitzero"`
}

// MarshalJSON writes the object of --json. Times are in milliseconds.
func (r Report) MarshalJSON() ([]byte, error) {
	ms := func(p float64) float64 { return milliseconds(r.Percentile(p)) }
	j := jsonReport{
		Rate: math.Round(r.Rate*10) / 10, P50: ms(50), P90: ms(90), P99: ms(99), P999: ms(99.9), Max: ms(100), Seconds: math.Round(r.Ran.Seconds()*1000) / 1000,
		Sent: r.Sent, Answered: r.Answered, Approved: r.Approved, Errors: r.Errors, Codes: r.Codes, Causes: r.Causes, Orders: r.Orders,
		Dials: r.Dials, Lost: r.Lost, Strays: r.Strays, Garbled: r.Garbled, Unready: r.NotSignedOn,
		Series: []jsonSeries{}, Unlisted: r.Unlisted(),
	}
	for i := range r.Series {
		j.Series = append(j.Series, r.Series[i].json(r.WithLatencies))
	}
	j.Played = r.Played
	if r.WithLatencies {
		j.Latencies = latencies(r.latency)
	}
	return json.Marshal(j)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// WriteText writes the figures for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%.1f approvals/s over %s\n", r.Rate, r.Ran.Round(time.Millisecond))
	fmt.Fprintf(&b, "latency   p50 %s  p90 %s  p99 %s  p99.9 %s  max %s\n", r.shown(50), r.shown(90), r.shown(99), r.shown(99.9), r.shown(100))
	fmt.Fprintf(&b, "orders    sent %d  answered %d  approved %d  errors %d\n", r.Sent, r.Answered, r.Approved, r.Errors)
	line(&b, "kinds", r.Orders)
	line(&b, "codes", r.Codes)
	line(&b, "errors", r.Causes)
	r.writeSeries(&b)
	if r.Lost+r.Strays+r.Garbled+r.NotSignedOn > 0 {
		fmt.Fprintf(&b, "besides   connections lost %d of %d  answers nobody waited for %d  unreadable %d  terminals not signed on %d\n", r.Lost, r.Dials, r.Strays, r.Garbled, r.NotSignedOn)
	}
	r.Played.writeText(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// Line is the figures in one line, for a progress display.
func (r Report) Line() string {
	return fmt.Sprintf("%s  %.0f/s  p50 %s  p99 %s  answered %d  errors %d",
		r.Ran.Round(time.Second), r.Rate, r.shown(50), r.shown(99), r.Answered, r.Errors)
}

func (r *Report) shown(p float64) string { return shown(r.Percentile(p)) }

func shown(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Second:
		return fmt.Sprintf("%.2fms", float64(d.Microseconds())/1000)
	}
	return d.Round(time.Millisecond).String()
}

// line writes counts by name, the names in order; nothing where there are none.
func line[K ~string](b *strings.Builder, title string, counts map[K]int64) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(b, "%-8s", title)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(b, "  %s %d", string(name), counts[name])
	}
	b.WriteByte('\n')
}
