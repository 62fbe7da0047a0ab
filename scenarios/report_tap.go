package scenarios

import (
	"fmt"
	"io"
	"strings"
)

// reportTAP writes TAP version 14. What was not run carries a SKIP directive and
// "not ok", so that a consumer without directives does not count it as a success.
func reportTAP(w io.Writer, s *Summary) error {
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version 14\n1..%d\n# seed %d\n", len(s.Results), s.Seed)
	for i, r := range s.Results {
		verdict := "not ok"
		if r.Status == Passed {
			verdict = "ok"
		}
		fmt.Fprintf(&b, "%s %d - %s", verdict, i+1, tapEscape(r.Name))
		if r.Status == Skipped {
			fmt.Fprintf(&b, " # SKIP %s", tapLine(r.Reason))
		}
		b.WriteString("\n")
		if r.Status == Failed {
			r.diagnose(&b)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// diagnose writes the YAML block below a test that failed.
func (r *Result) diagnose(b *strings.Builder) {
	b.WriteString("  ---\n")
	fmt.Fprintf(b, "  file: %s\n  seed: %d\n  failures:\n", quoted(r.File), r.Seed)
	for _, f := range r.Failures {
		fmt.Fprintf(b, "    - step: %d\n      line: %d\n      column: %d\n      key: %s\n      want: %s\n      got: %s\n",
			f.Step, f.Line, f.Column, quoted(f.Key), quoted(f.Want), quoted(f.Got))
	}
	if len(r.Wire) > 0 {
		b.WriteString("  wire:\n")
		for _, line := range r.Wire {
			fmt.Fprintf(b, "    - %s\n", quoted(line))
		}
	}
	b.WriteString("  ...\n")
}

// quoted is a YAML double-quoted scalar, whose escapes are those of Go's strings
// as far as these texts go.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7F:
			fmt.Fprintf(&b, `\x%02X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// tapEscape escapes what ends a description (TAP 14: "\" and "#").
func tapEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `#`, `\#`).Replace(tapLine(s))
}

func tapLine(s string) string { return strings.Join(strings.Fields(s), " ") }
