package scenarios

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Bounds of a step summary: GitHub takes 1 MiB of a step and nothing of a longer one.
const (
	longestCell    = 500
	longestSummary = 900 << 10
)

// reportMarkdown writes a heading with the counts and a table of what did not pass. The
// table is HTML, inside of which Markdown gives no character a meaning.
func reportMarkdown(w io.Writer, s *Summary) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### possim: %d passed, %d failed, %d skipped\n\n", s.Passed, s.Failed, s.Skipped)
	switch {
	case s.Empty != "":
		fmt.Fprintf(&b, "%s\n\n", cell(s.Empty))
	case s.Passed == len(s.Results) && s.Passed > 0:
		fmt.Fprintf(&b, "All of them passed, seed %d.\n\n", s.Seed)
	default:
		markdownTable(&b, s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownTable(b *strings.Builder, s *Summary) {
	b.WriteString("<table>\n<tr><th></th><th>Scenario</th><th>Where</th><th>Want</th><th>Got</th></tr>\n")
	left := 0
	for _, status := range []Status{Failed, Skipped} {
		for i := range s.Results {
			r := &s.Results[i]
			switch {
			case r.Status != status:
			case b.Len() > longestSummary:
				left++
			default:
				b.WriteString(r.row())
			}
		}
	}
	b.WriteString("</table>\n\n")
	if left > 0 {
		fmt.Fprintf(b, "and %d more\n\n", left)
	}
	fmt.Fprintf(b, "Seed %d.\n\n", s.Seed)
}

// row is the row of a scenario that did not pass.
func (r *Result) row() string {
	if r.Status == Skipped {
		return fmt.Sprintf("<tr><td>%s</td><td>%s</td><td>%s:%d</td><td colspan=\"2\">%s</td></tr>\n",
			marks[Skipped][0], cell(r.Name), cell(r.File), r.Line, cell(r.Reason))
	}
	f := r.Failures[0]
	return fmt.Sprintf("<tr><td>%s</td><td>%s</td><td>%s:%d</td><td>%s: %s</td><td>%s</td></tr>\n",
		marks[Failed][0], cell(r.Name), cell(r.File), f.Line, cell(f.Key), cell(f.Want), cell(f.Got))
}

// cell is a text inside a table: on one line, since a blank one would end the HTML.
func cell(s string) string {
	return strings.Join(strings.FieldsFunc(html.EscapeString(shorten(s, longestCell)), func(r rune) bool { return r == '\n' || r == '\r' }), "<br>")
}
