package scenarios

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of JUnit's XML that CI systems read. file, line and the properties of a
// case, and skipped of all suites, are read by many and have no place in junit-10.xsd.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"` // none: what could not be done is a failure
	Skipped  *int         `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	File       string          `xml:"file,attr"`
	Time       string          `xml:"time,attr"` // simulated
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperties struct {
	Property []junitProperty `xml:"property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name       string           `xml:"name,attr"`
	Class      string           `xml:"classname,attr"`
	File       string           `xml:"file,attr,omitempty"`
	Line       int              `xml:"line,attr,omitempty"`
	Time       string           `xml:"time,attr"` // simulated
	Properties *junitProperties `xml:"properties"`
	Failure    *junitFailure    `xml:"failure"`
	Skipped    *junitSkipped    `xml:"skipped"`
	Out        *junitText       `xml:"system-out"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// reportJUnit writes one testsuite a file and one testcase a scenario. strict keeps to
// junit-10.xsd; what that has no place for then begins a case's system-out.
func reportJUnit(w io.Writer, s *Summary, strict bool) error {
	out := junitSuites{Name: "possim", Tests: len(s.Results), Failures: s.Failed}
	if !strict {
		out.Skipped = &s.Skipped
	}
	for i := 0; i < len(s.Results); {
		n := 1
		for i+n < len(s.Results) && s.Results[i+n].File == s.Results[i].File {
			n++
		}
		out.Suites = append(out.Suites, junitFile(s.Seed, s.Results[i:i+n], strict))
		i += n
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitFile(seed uint64, results []Result, strict bool) junitSuite {
	suite := junitSuite{Name: results[0].className(), File: results[0].File, Tests: len(results), Properties: []junitProperty{{"seed", fmt.Sprint(seed)}}}
	total := Summary{Results: results}
	suite.Time = fmt.Sprintf("%.3f", total.simulated().Seconds())
	for i := range results {
		switch results[i].Status {
		case Failed:
			suite.Failures++
		case Skipped:
			suite.Skipped++
		}
		suite.Cases = append(suite.Cases, results[i].junit(strict))
	}
	return suite
}

// junit is the testcase of one scenario.
func (r *Result) junit(strict bool) junitCase {
	c := junitCase{Name: r.Name, Class: r.className(), Time: fmt.Sprintf("%.3f", r.Simulated.Seconds())}
	out := r.Wire
	if strict {
		out = append([]string{fmt.Sprintf("%s:%d, seed %d", r.File, r.Line, r.Seed)}, out...)
	} else {
		c.File, c.Line = r.File, r.Line
		c.Properties = &junitProperties{[]junitProperty{{"seed", fmt.Sprint(r.Seed)}}}
	}
	switch r.Status {
	case Failed:
		c.Failure = junitFailed(r)
	case Skipped:
		c.Skipped = &junitSkipped{r.Reason}
	}
	if len(out) > 0 {
		c.Out = &junitText{xmlText(strings.Join(out, "\n"))}
	}
	return c
}

// className is what CI systems group by: the suite, or the file without one.
func (r *Result) className() string {
	if r.Suite != "" {
		return r.Suite
	}
	return r.File
}

func junitFailed(r *Result) *junitFailure {
	first := r.Failures[0]
	out := &junitFailure{Type: first.Key, Message: fmt.Sprintf("%s: %s: want %s, got %s", first.place(), first.Key, first.Want, first.Got)}
	for _, f := range r.Failures {
		out.Text += xmlText(fmt.Sprintf("%s:%d:%d: %s\nwant %s\ngot  %s\n", r.File, f.Line, f.Column, f.Key, f.Want, f.Got))
	}
	return out
}

// xmlText replaces what XML 1.0 cannot carry at all (2.2 Characters); encoding/xml
// does so in attributes and not in CDATA.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, s)
}
