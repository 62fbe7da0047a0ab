package scenarios

import (
	"crypto/sha256"
	"fmt"
	"io"
	"path"
	"strings"
)

// shownErrors is how many failures are annotated each by itself. GitHub shows ten errors
// of a step and drops the others without a word; the tenth counts them.
const shownErrors = 9

// longestAnnotation bounds what one says; GitHub cuts at 64 KiB.
const longestAnnotation = 4000

// reportGitHub writes the pretty report, and below it workflow commands that annotate
// each failure at its line. Texts of scenarios and hosts are no commands: the runner
// looks for none between stop-commands and its token, which is drawn from the text
// and so does not occur in it.
func reportGitHub(w io.Writer, s *Summary, colour bool) error {
	var text, b strings.Builder
	if err := reportPretty(&text, s, colour); err != nil {
		return err
	}
	token := fmt.Sprintf("possim-%x", sha256.Sum256([]byte(text.String())))
	fmt.Fprintf(&b, "::stop-commands::%s\n%s::%s::\n", token, text.String(), token)
	errors, stopped := 0, 0
	for i := range s.Results {
		r := &s.Results[i]
		switch {
		case r.Stopped:
			stopped++
		case r.Status == Failed:
			if errors++; errors <= shownErrors {
				b.WriteString(r.annotation(s.Seed))
			}
		}
	}
	if rest := errors - shownErrors; rest > 0 {
		fmt.Fprintf(&b, "::error title=possim::and %d more of %d scenarios failed: the report above and the summary name them\n", rest, len(s.Results))
	}
	if stopped > 0 {
		fmt.Fprintf(&b, "::warning title=possim::%d of %d scenarios were not run\n", stopped, len(s.Results))
	}
	if s.Err() == ErrNothingRan {
		fmt.Fprintf(&b, "::error title=possim::%s\n", ErrNothingRan)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// annotation is the workflow command for a scenario that failed. The built-in catalog
// is no file of the repository: there is nowhere to show it.
func (r *Result) annotation(seed uint64) string {
	first := r.Failures[0]
	at := ""
	if !r.shipped() {
		at = fmt.Sprintf("file=%s,line=%d,col=%d,", githubProperty(path.Clean(r.File)), first.Line, max(first.Column, 1))
	}
	var text strings.Builder
	for _, f := range r.Failures {
		fmt.Fprintf(&text, "%s: %s: want %s, got %s\n", f.place(), f.Key, f.Want, f.Got)
	}
	return fmt.Sprintf("::error %stitle=%s::%s\n", at, githubProperty(shorten(r.Name, 200)),
		githubData(shorten(text.String(), longestAnnotation)+"again: "+r.again(seed)))
}

// shorten cuts a text to so many characters.
func shorten(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "...\n"
	}
	return s
}

// githubData escapes what would end a command (github.com/actions/toolkit,
// packages/core/src/command.ts).
func githubData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// githubProperty escapes what would also end a property.
func githubProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(githubData(strings.TrimSpace(s)))
}
