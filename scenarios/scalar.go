package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/money"
)

// The forms of scalars, for a schema: what follows reads them more closely.
var (
	wholeForm    = regexp.MustCompile(`^[+-]?[0-9]+$`)
	amountForm   = regexp.MustCompile(`^[0-9]+(\.[0-9]{1,2})?$`)
	signedForm   = regexp.MustCompile(`^-?[0-9]+(\.[0-9]{1,2})?$`)
	durationForm = regexp.MustCompile(`^[+-]?(0|[0-9]+d|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`)
)

// measureForm is the form of a number with one of the units.
func measureForm(units map[string]float64) *regexp.Regexp {
	var known []string
	for _, u := range words(units) {
		known = append(known, regexp.QuoteMeta(u))
	}
	return regexp.MustCompile(`^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*(` + strings.Join(known, "|") + `)$`)
}

// text reads a scalar as written: 00 stays 00 and 062 stays 062. It returns ""
// after noting an error.
func (p *parser) text(n *yaml.Node, what string) string {
	if p.probe != nil {
		p.probe.note(n, yaml.ScalarNode, object{"type": []string{"string", "number", "boolean"}, "description": what, "pattern": `\S`})
		return ""
	}
	if !p.plain(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		p.fail(n, "%s is a text, not %s", what, kindName(n))
		return ""
	}
	return n.Value
}

// literal reads a scalar that is one of a few words, beside the other things it may be:
// anything else is "" and no error.
func (p *parser) literal(n *yaml.Node, what string, known ...string) string {
	if p.probe != nil {
		p.probe.words(n, what, known)
		return ""
	}
	if n.Kind == yaml.ScalarNode && slices.Contains(known, n.Value) {
		return n.Value
	}
	return ""
}

// like reads a text of a form, which is put into words.
func (p *parser) like(n *yaml.Node, what string, form *regexp.Regexp, words string) string {
	if p.probe != nil {
		p.probe.scalar(n, what, form, object{"minimum": 0})
		return ""
	}
	s := p.text(n, what)
	if s != "" && !form.MatchString(s) {
		p.fail(n, "%s is %s, not %s", what, words, kindName(n))
		return ""
	}
	return s
}

// digits reads a text of low to high digits.
func (p *parser) digits(n *yaml.Node, what string, low, high int) string {
	return p.number(n, what, low, high, func() string { return ", not " + kindName(n) })
}

// secretDigits reads digits that are never shown.
func (p *parser) secretDigits(n *yaml.Node, what string, low, high int) string {
	return p.number(n, what, low, high, func() string { return "" })
}

func (p *parser) number(n *yaml.Node, what string, low, high int, but func() string) string {
	if p.probe != nil {
		p.probe.scalar(n, what, regexp.MustCompile(fmt.Sprintf("^[0-9]{%d,%d}$", low, high)), object{"minimum": 0, "maximum": math.Pow10(high) - 1})
		return ""
	}
	s := p.text(n, what)
	if s == "" || len(s) >= low && len(s) <= high && strings.Trim(s, "0123456789") == "" {
		return s
	}
	want := fmt.Sprintf("%d to %d digits", low, high)
	if low == high {
		want = fmt.Sprintf("%d digits", low)
	}
	p.fail(n, "%s is %s%s", what, want, but())
	return ""
}

// choice reads one word of a closed list; "_" may stand for "-".
func (p *parser) choice(n *yaml.Node, what string, known ...string) string {
	if p.probe != nil {
		p.probe.choice(n, what, known)
		return ""
	}
	s := p.text(n, what)
	if s == "" {
		return ""
	}
	for _, k := range known {
		if s == k || strings.ReplaceAll(s, "_", "-") == strings.ReplaceAll(k, "_", "-") {
			return k
		}
	}
	p.unknown(n, "no such "+what, known)
	return ""
}

// flag reads true or false.
func (p *parser) flag(n *yaml.Node, what string) bool {
	if p.probe != nil {
		p.probe.note(n, yaml.ScalarNode, object{"type": []string{"boolean", "string"}, "description": what, "pattern": "^(true|false)$"})
		return false
	}
	s := p.text(n, what)
	if s != "" && s != "true" && s != "false" {
		p.fail(n, "%s is true or false, not %s", what, kindName(n))
	}
	return s == "true"
}

// count reads a whole number from low to high.
func (p *parser) count(n *yaml.Node, what string, low, high int) int {
	if p.probe != nil {
		p.probe.scalar(n, what, wholeForm, object{"minimum": low, "maximum": high})
		return low
	}
	s := p.text(n, what)
	if s == "" {
		return low
	}
	i, err := strconv.Atoi(s)
	if err != nil || i < low || i > high {
		p.fail(n, "%s is a whole number from %d to %d, not %s", what, low, high, kindName(n))
		return low
	}
	return i
}

// amount reads yuan with at most two decimals (RULES: scenarios).
func (p *parser) amount(n *yaml.Node, what string) money.Amount {
	if p.probe != nil {
		p.probe.scalar(n, what, amountForm, object{"minimum": 0})
		return money.Yuan(0)
	}
	s := p.text(n, what)
	if s == "" {
		return money.Yuan(0)
	}
	a, err := money.Parse(s, money.CNY)
	if err != nil {
		p.fail(n, "%s: %v", what, err)
	}
	return a
}

// signed reads an amount that may be below zero, in minor units.
func (p *parser) signed(n *yaml.Node, what string) int64 {
	if p.probe != nil {
		p.probe.scalar(n, what, signedForm, object{})
		return 0
	}
	s := p.text(n, what)
	if s == "" {
		return 0
	}
	digits, below := strings.CutPrefix(s, "-")
	a, err := money.Parse(digits, money.CNY)
	if err != nil {
		p.fail(n, "%s: %v", what, err)
	}
	if below {
		return -a.Minor
	}
	return a.Minor
}

// longest bounds what a clock step may skip: ten years.
const longest = 10 * 366 * 24 * time.Hour

// duration reads 70s, 1.5s, 2h30m or 3d, with low as its least.
func (p *parser) duration(n *yaml.Node, what string, low time.Duration) time.Duration {
	if p.probe != nil {
		p.probe.scalar(n, what, durationForm, map[bool]object{true: {"minimum": 0, "maximum": 0}}[low <= 0])
		return low
	}
	s := p.text(n, what)
	if s == "" {
		return low
	}
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var i int
		i, err = strconv.Atoi(days)
		d = time.Duration(min(max(i, 0), 100000)) * 24 * time.Hour
	}
	if err != nil || d < low || d > longest {
		p.fail(n, "%s is a time from %s to %s such as 70s, 1h30m or 3d, not %s", what, low, longest, kindName(n))
		return low
	}
	return d
}

// measure reads a number with one of the units, scaled: "40cm/s".
func (p *parser) measure(n *yaml.Node, what string, low, high float64, units map[string]float64) float64 {
	if p.probe != nil {
		p.probe.scalar(n, what, measureForm(units), map[bool]object{true: {"minimum": low, "maximum": high}}[units[""] != 0])
		return low
	}
	s := p.text(n, what)
	if s == "" {
		return low
	}
	number, scale := s, units[""]
	for unit, factor := range units {
		if rest, ok := strings.CutSuffix(s, unit); ok && unit != "" && endsInDigit(rest) {
			number, scale = rest, factor
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	v *= scale
	if err != nil || scale == 0 || math.IsNaN(v) || v < low || v > high || strings.ContainsAny(number, "xXpP_eEnN") {
		p.fail(n, "%s is a number from %g to %g%s, not %s", what, low, high, unitHint(units), kindName(n))
		return low
	}
	return v
}

func endsInDigit(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && s[len(s)-1] >= '0' && s[len(s)-1] <= '9'
}

func unitHint(units map[string]float64) string {
	for _, u := range words(units) {
		if u != "" && units[u] == 1 {
			return " " + u
		}
	}
	return ""
}
