package scenarios

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// reportTAP writes the Test Anything Protocol. What somebody wished to be skipped is
// "ok # SKIP", as the protocol has it: harnesses count it apart and take "not ok # SKIP"
// for a failure. What the run ended before is "not ok" without a directive, and a run in
// which nothing ran bails out, so that nobody counts either as a success.
func reportTAP(w io.Writer, s *Summary, version int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "TAP version %d\n1..%d", version, len(s.Results))
	if len(s.Results) == 0 {
		fmt.Fprintf(&b, " # SKIP %s", tapLine(s.Empty))
	}
	fmt.Fprintf(&b, "\n# seed %d\n", s.Seed)
	for i, r := range s.Results {
		verdict := "ok"
		if r.Status == Failed || r.Stopped {
			verdict = "not ok"
		}
		fmt.Fprintf(&b, "%s %d - %s", verdict, i+1, tapEscape(r.Name))
		if verdict == "ok" && r.Status == Skipped {
			fmt.Fprintf(&b, " # SKIP %s", tapLine(r.Reason))
		}
		b.WriteString("\n")
		if verdict != "ok" {
			r.diagnose(&b)
		}
	}
	if err := s.Err(); errors.Is(err, ErrNothingRan) {
		fmt.Fprintf(&b, "Bail out! %s\n", err)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// diagnose writes the YAML block below a test that is not ok.
func (r *Result) diagnose(b *strings.Builder) {
	b.WriteString("  ---\n")
	fmt.Fprintf(b, "  file: %s\n  line: %d\n  seed: %d\n", quoted(r.File), r.Line, r.Seed)
	if r.Stopped {
		fmt.Fprintf(b, "  reason: %s\n  ...\n", quoted(r.Reason))
		return
	}
	b.WriteString("  failures:\n")
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
