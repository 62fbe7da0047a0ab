package scenarios

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// paint writes text in a colour, when there is any.
type paint bool

func (p paint) in(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// marks are the sign and the colour of each status.
var marks = map[Status][2]string{Passed: {"✓", "32"}, Failed: {"✗", "31"}, Skipped: {"-", "33"}}

// reportPretty writes a line for each scenario, and below those that failed what
// was expected, what was seen and what went over the wire.
func reportPretty(w io.Writer, s *Summary, colour bool) error {
	var b strings.Builder
	p, file := paint(colour), ""
	for _, r := range s.Results {
		if r.File != file {
			file = r.File
			fmt.Fprintf(&b, "%s\n", p.in("1", strings.TrimSpace(file+"  "+r.Suite)))
		}
		mark := marks[r.Status]
		fmt.Fprintf(&b, "  %s %s", p.in(mark[1], mark[0]), r.Name)
		if r.Reason != "" {
			fmt.Fprintf(&b, " (%s)", r.Reason)
		}
		b.WriteString("\n")
		r.explain(&b, s.Seed)
	}
	if s.Empty != "" {
		fmt.Fprintf(&b, "%s\n", s.Empty)
	}
	fmt.Fprintf(&b, "\n%s, %s, %s; %s simulated; seed %d\n",
		p.in(marks[Passed][1], fmt.Sprintf("%d passed", s.Passed)),
		p.in(failColour(s), fmt.Sprintf("%d failed", s.Failed)),
		fmt.Sprintf("%d skipped", s.Skipped), s.simulated(), s.Seed)
	_, err := io.WriteString(w, b.String())
	return err
}

func failColour(s *Summary) string {
	if s.Failed == 0 {
		return "2"
	}
	return marks[Failed][1]
}

// simulated returns the simulated time of all scenarios together.
func (s *Summary) simulated() time.Duration {
	var d time.Duration
	for _, r := range s.Results {
		d += r.Simulated
	}
	return d.Round(time.Millisecond)
}

// explain writes what a scenario failed at.
func (r *Result) explain(b *strings.Builder, seed uint64) {
	for _, f := range r.Failures {
		fmt.Fprintf(b, "      %s:%d:%d  %s\n", r.File, f.Line, f.Column, f.Key)
		fmt.Fprintf(b, "        want  %s\n        got   %s\n", indent(f.Want, 14), indent(f.Got, 14))
	}
	if r.Status != Failed {
		return
	}
	for _, line := range r.Wire {
		fmt.Fprintf(b, "        | %s\n", line)
	}
	fmt.Fprintf(b, "        again: %s\n", r.again(seed))
}

// indent puts the later lines of a text below its first.
func indent(s string, by int) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+strings.Repeat(" ", by))
}
