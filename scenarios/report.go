package scenarios

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Format is a way of writing a Summary.
type Format string

// The formats.
const (
	Pretty   Format = "pretty"
	JSON     Format = "json"
	JUnit    Format = "junit"    // with the file and line of each case, as GitLab and most others read it
	JUnit10  Format = "junit10"  // what junit-10.xsd takes, for Jenkins' xUnit plugin, which refuses the rest
	TAP      Format = "tap"      // version 14
	TAP13    Format = "tap13"    // for prove, which before Test::Harness 3.48 refuses a later version
	GitHub   Format = "github"   // pretty, with annotations
	Markdown Format = "markdown" // for a step summary
)

// Formats returns every format, for flags and messages.
func Formats() []Format {
	return []Format{Pretty, JSON, JUnit, JUnit10, TAP, TAP13, GitHub, Markdown}
}

// Report writes a Summary. Nothing in it depends on real time, so the same seed
// gives the same bytes. Colour is for terminals and for pretty alone.
func Report(w io.Writer, f Format, s *Summary, colour bool) error {
	switch f {
	case Pretty:
		return reportPretty(w, s, colour)
	case JSON:
		return reportJSON(w, s)
	case JUnit, JUnit10:
		return reportJUnit(w, s, f == JUnit10)
	case TAP:
		return reportTAP(w, s, 14)
	case TAP13:
		return reportTAP(w, s, 13)
	case GitHub:
		return reportGitHub(w, s, colour)
	case Markdown:
		return reportMarkdown(w, s)
	}
	return fmt.Errorf("format %q: it is one of %v", f, Formats())
}

// List writes the names of scenarios, a line each: name, file:line, tags.
func List(w io.Writer, scenarios []*Scenario) error {
	var b strings.Builder
	for _, s := range scenarios {
		fmt.Fprintf(&b, "%s\t%s:%d\t%s\n", s.Name, s.File, s.Line, strings.Join(s.Tags, ","))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// place says where a failure is: "step 2, line 14".
func (f Failure) place() string {
	if f.Step == 0 {
		return fmt.Sprintf("line %d", f.Line)
	}
	return fmt.Sprintf("step %d, line %d", f.Step, f.Line)
}

// again is the command that runs one scenario again, alone and the same.
func (r *Result) again(seed uint64) string {
	file := ""
	if !r.shipped() {
		file = " " + r.File
	}
	return fmt.Sprintf("possim run%s --seed %d --filter '^%s$'", file, seed, strings.ReplaceAll(regexp.QuoteMeta(r.Name), "'", "."))
}
