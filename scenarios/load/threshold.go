package load

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Threshold is a condition under which a run has failed.
type Threshold struct {
	text    string
	metric  string
	than    string  // > >= < <=
	limit   float64 // microseconds, orders or orders a second
	percent bool    // of all orders of the run
	of      Labels  // of what orders; an empty label is any
}

var (
	thresholdForm = regexp.MustCompile(`^\s*([^\s{}<>=]+)\s*(\{[^{}]*\})?\s*(>=|<=|>|<)\s*(\S+)\s*$`)
	quantile      = regexp.MustCompile(`^p(\d{1,2}(\.\d+)?|100)$`)
)

const thresholdHelp = "want METRIC>LIMIT or METRIC{LABEL:VALUE,...}>LIMIT with >, >=, < or <=; LABEL is kind, tag, code or cause; METRIC is p50, p99, p99.9 and the like or max (50ms), rate (approvals a second), or sent, answered, approved, declined or errors (a number, or 1% of all orders); of a script also checks (those that passed: a number, or 99% of all checks) and iterations"

// ParseThreshold reads p99>50ms, errors>0, approved<99%, and the same of some orders
// alone: p99{code:00}>50ms, errors{kind:void,cause:no-answer}>1%. A share is always one of
// all orders of the run. What no order could ever have is an error.
func ParseThreshold(text string) (Threshold, error) {
	parts := thresholdForm.FindStringSubmatch(text)
	if parts == nil {
		return Threshold{}, fmt.Errorf("%q: %s", text, thresholdHelp)
	}
	t := Threshold{text: text, metric: parts[1], than: parts[3]}
	if t.metric == "max" {
		t.metric = "p100"
	}
	selector, value := parts[2], parts[4]
	if _, known := counts(&Report{}, t.metric); !known && !quantile.MatchString(t.metric) {
		return Threshold{}, fmt.Errorf("%q: there is no metric %q: %s", text, t.metric, thresholdHelp)
	}
	if selector != "" {
		var err error
		if played[t.metric] {
			return Threshold{}, fmt.Errorf("%q: %s are not of orders, and have no labels", text, t.metric)
		}
		if t.of, err = parseLabels(strings.Trim(selector, "{}")); err == nil {
			err = t.of.possible(parts[1])
		}
		if err != nil {
			return Threshold{}, fmt.Errorf("%q: %w", text, err)
		}
	}
	if quantile.MatchString(t.metric) {
		d, err := time.ParseDuration(value)
		if err != nil || d < 0 {
			return Threshold{}, fmt.Errorf("%q: %s is a time, as in 50ms: %s", text, parts[1], thresholdHelp)
		}
		t.limit = float64(d.Microseconds())
		return t, nil
	}
	number, percent := strings.CutSuffix(value, "%")
	limit, err := strconv.ParseFloat(number, 64)
	if err != nil || !(limit >= 0 && limit < math.Inf(1)) || percent && (t.metric == "rate" || t.metric == "iterations" || limit > 100) {
		return Threshold{}, fmt.Errorf("%q: %q is no limit for %s: %s", text, value, t.metric, thresholdHelp)
	}
	t.limit, t.percent = limit, percent
	return t, nil
}

// played are the metrics of players alone.
var played = map[string]bool{"checks": true, "iterations": true}

// counts returns what a metric other than a percentile comes to.
func counts(r *Report, metric string) (value float64, known bool) {
	switch metric {
	case "rate":
		return r.Rate, true
	case "sent":
		return float64(r.Sent), true
	case "answered":
		return float64(r.Answered), true
	case "approved":
		return float64(r.Approved), true
	case "declined":
		return float64(r.Answered - r.Approved), true
	case "errors":
		return float64(r.Errors), true
	case "checks":
		return float64(r.Played.All().Passed), true
	case "iterations":
		return float64(r.Played.iterations()), true
	}
	return 0, false
}

// whole is what a share is of, and its name.
func (t Threshold) whole(r *Report) (n int64, name string) {
	if t.metric == "checks" {
		all := r.Played.All()
		return all.Passed + all.Failed, "checks"
	}
	return r.All(), "orders"
}

// Crossed reports whether a run has failed by it, and says how. A percentile of no
// answers, and a share of no orders or checks, is no success; neither is a figure of some orders
// where the report does not say of all what they were (Report.Unlisted).
func (t Threshold) Crossed(r *Report) (string, bool) {
	of, share, which := r, "", "order"
	if t.of != (Labels{}) {
		if n := r.Unlisted(); n > 0 {
			return fmt.Sprintf("%s: %d orders are in no series, and may be such", t.text, n), true
		}
		of, share, which = r.of(t.of), " of all orders", "such order"
	}
	value, known := counts(of, t.metric)
	whole, parts := t.whole(r)
	shown := strconv.FormatFloat(value, 'f', -1, 64)
	switch {
	case !known && of.Answered == 0:
		return t.text + ": no " + which + " was answered", true
	case t.percent && whole == 0:
		return t.text + ": there were no " + parts, true
	case !known:
		p, _ := strconv.ParseFloat(t.metric[1:], 64)
		value = float64(of.Percentile(p).Microseconds())
		shown = of.Percentile(p).String()
	case t.percent:
		value = value * 100 / float64(whole)
		shown = fmt.Sprintf("%.3f%%%s", value, share)
	}
	crossed := map[string]bool{">": value > t.limit, ">=": value >= t.limit, "<": value < t.limit, "<=": value <= t.limit}[t.than]
	return t.text + ": it is " + shown, crossed
}
