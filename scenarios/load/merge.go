package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// ErrNoLatencies says that a report has its percentiles alone: those of several runs
// cannot be made of them.
var ErrNoLatencies = errors.New("it has percentiles and no latencies_us, of which alone those of several runs can be made")

// Add adds the figures of a run that went on elsewhere at the same time: rates add up,
// and percentiles are those of all answered orders, and of those of a series.
func (r *Report) Add(o Report) {
	r.Ran = max(r.Ran, o.Ran)
	r.Rate += o.Rate
	for _, sum := range []struct{ to, add *int64 }{
		{&r.Sent, &o.Sent}, {&r.Answered, &o.Answered}, {&r.Approved, &o.Approved}, {&r.Errors, &o.Errors},
		{&r.Dials, &o.Dials}, {&r.Lost, &o.Lost}, {&r.Strays, &o.Strays}, {&r.Garbled, &o.Garbled}, {&r.NotSignedOn, &o.NotSignedOn},
	} {
		*sum.to += *sum.add
	}
	r.Codes, r.Causes, r.Orders = added(r.Codes, o.Codes), added(r.Causes, o.Causes), added(r.Orders, o.Orders)
	r.Played = r.Played.plus(o.Played)
	all := newLatencies()
	for _, h := range []*hdrhistogram.Histogram{r.latency, o.latency} {
		merge(all, h)
	}
	r.latency = all
	series := shelf{}
	for _, s := range slices.Concat(r.Series, o.Series) {
		series.add(s)
	}
	r.Series = series.sorted()
}

// added is the sum of both, and neither.
func added[K comparable](a, b map[K]int64) map[K]int64 {
	sum := make(map[K]int64, len(a))
	for _, counts := range []map[K]int64{a, b} {
		for k, n := range counts {
			sum[k] += n
		}
	}
	return sum
}

// latencies are answered orders by how long they took: microseconds and how many.
func latencies(h *hdrhistogram.Histogram) [][2]int64 {
	bars := [][2]int64{}
	if h == nil {
		return bars
	}
	for _, b := range h.Distribution() {
		if b.Count > 0 {
			bars = append(bars, [2]int64{b.To, b.Count})
		}
	}
	return bars
}

// UnmarshalJSON reads what MarshalJSON wrote of a report WithLatencies. One that does
// not add up is an error. One from before there were series has none, and its orders are
// Unlisted.
func (r *Report) UnmarshalJSON(text []byte) error {
	var j jsonReport
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	for name, n := range map[string]float64{
		"rate": j.Rate, "seconds": j.Seconds, "sent": float64(j.Sent), "answered": float64(j.Answered), "approved": float64(j.Approved),
		"errors": float64(j.Errors), "connections_opened": float64(j.Dials),
	} {
		if n < 0 {
			return fmt.Errorf("%s is %v, and is never below 0", name, n)
		}
	}
	if j.Approved > j.Answered {
		return fmt.Errorf("approved is %d, and only %d were answered", j.Approved, j.Answered)
	}
	if err := errors.Join(plain("codes", j.Codes), plain("causes", j.Causes), plain("orders", j.Orders)); err != nil {
		return err
	}
	if err := j.Played.sound(); err != nil {
		return err
	}
	if j.Latencies == nil {
		return ErrNoLatencies
	}
	h, err := readLatencies(j.Latencies, j.Answered)
	if err != nil {
		return err
	}
	series, err := readSeries(j.Series, j.Answered, j.Errors)
	if err != nil {
		return err
	}
	*r = Report{
		Ran: time.Duration(math.Round(j.Seconds * float64(time.Second))), Rate: j.Rate,
		Sent: j.Sent, Answered: j.Answered, Approved: j.Approved, Errors: j.Errors,
		Codes: added(j.Codes, nil), Causes: added(j.Causes, nil), Orders: added(j.Orders, nil),
		Dials: j.Dials, Lost: j.Lost, Strays: j.Strays, Garbled: j.Garbled, NotSignedOn: j.Unready,
		Series: series, Played: j.Played, latency: h, WithLatencies: true,
	}
	return nil
}

// plain refuses counts by names that no report has: they would be printed.
func plain[K ~string](title string, counts map[K]int64) error {
	for name, n := range counts {
		code := len(name) == 2 && title == "codes"
		if n < 0 || !code && !isPlain(string(name)) {
			return fmt.Errorf("%s: a name that no report has, or a number below 0", title)
		}
	}
	return nil
}

// readLatencies is the histogram of what latencies wrote for so many answered orders.
func readLatencies(bars [][2]int64, answered int64) (*hdrhistogram.Histogram, error) {
	h, sum := newLatencies(), int64(0)
	for _, b := range bars {
		if b[0] < 0 || b[1] < 1 || b[1] > answered-sum {
			return nil, fmt.Errorf("latencies_us: %d orders of %d us do not add up to %d answered", b[1], b[0], answered)
		}
		sum += b[1]
		_ = h.RecordValues(min(max(b[0], shortest), longest), b[1]) // always in its range
	}
	if sum != answered {
		return nil, fmt.Errorf("latencies_us: they are of %d orders, and %d were answered", sum, answered)
	}
	return h, nil
}
