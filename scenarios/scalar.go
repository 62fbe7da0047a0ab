package scenarios

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/money"
)

// text reads a scalar as written: 00 stays 00 and 062 stays 062. It returns ""
// after noting an error.
func (p *parser) text(n *yaml.Node, what string) string {
	if !p.plain(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || strings.TrimSpace(n.Value) == "" {
		p.fail(n, "%s is a text, not %s", what, kindName(n))
		return ""
	}
	return n.Value
}

// digits reads a text of min to max digits.
func (p *parser) digits(n *yaml.Node, what string, min, max int) string {
	s := p.text(n, what)
	if s == "" {
		return ""
	}
	if len(s) < min || len(s) > max || strings.Trim(s, "0123456789") != "" {
		want := fmt.Sprintf("%d to %d digits", min, max)
		if min == max {
			want = fmt.Sprintf("%d digits", min)
		}
		p.fail(n, "%s is %s, not %s", what, want, kindName(n))
		return ""
	}
	return s
}

// choice reads one word of a closed list; "_" may stand for "-".
func (p *parser) choice(n *yaml.Node, what string, known ...string) string {
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
	s := p.text(n, what)
	if s != "" && s != "true" && s != "false" {
		p.fail(n, "%s is true or false, not %s", what, kindName(n))
	}
	return s == "true"
}

// count reads a whole number from low to high.
func (p *parser) count(n *yaml.Node, what string, low, high int) int {
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
