package journal

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"possim/host/wire"
)

// What went wrong at a line.
type What string

// What may go wrong. The first three are the three ways to have no answer.
const (
	NothingCame What = "nothing came"
	NoMatch     What = "something came and does not match"
	CannotRead  What = "something came and cannot be read"
	Differs     What = "the answer differs"
	Surplus     What = "an answer came that was not recorded"
	NotSent     What = "the request could not be sent"
	NeverCame   What = "the recorded request never came"
	Unknown     What = "no such request was recorded"
)

// Miss is something that is not as it was recorded.
type Miss struct {
	Line        int          `json:"line,omitempty"` // of the journal; 0 is behind its last
	Scenario    string       `json:"scenario,omitempty"`
	Conn        int          `json:"conn,omitempty"`
	MTI         string       `json:"mti,omitempty"`
	What        What         `json:"what"`
	Detail      string       `json:"detail,omitempty"`
	Nearest     int          `json:"nearest,omitempty"` // line of the recorded message that is most like it
	Differences []Difference `json:"differences,omitempty"`
	Cause       string       `json:"cause,omitempty"` // the likely one
}

// Report is what became of a replay.
type Report struct {
	Scenarios  int    `json:"scenarios"`
	Requests   int    `json:"requests"`
	Answers    int    `json:"answers"`
	Unreadable int    `json:"unreadable"`    // recorded frames that hold nothing to play
	Keyless    int    `json:"keyless"`       // requests sealed with the test keys, as no session was known
	Orphans    int    `json:"orphans"`       // answers to what was sent before the journal began
	Open       int    `json:"open"`          // answers that came now to requests that have none in the journal
	SignedOn   int    `json:"signed_on"`     // terminals that had no sign-on in the journal, and were signed on
	Forwarded  int    `json:"forwarded"`     // requests that a spy passed on to a host
	Steps      int    `json:"steps"`         // of scenarios, that this host could not be made to do
	Cut        int    `json:"cut,omitempty"` // the last line was cut off
	Missed     int    `json:"missed"`        // how many misses there were
	Misses     []Miss `json:"misses"`        // the first of them
}

// miss takes down a miss, whole as long as there are not too many.
func (r *Report) miss(m Miss, most int) {
	r.Missed++
	if len(r.Misses) < most {
		r.Misses = append(r.Misses, m)
	}
}

// Print writes a report for people, each miss with the file's name and its line.
func (r *Report) Print(w io.Writer, file string) {
	for _, m := range r.Misses {
		fmt.Fprint(w, m.text(file))
	}
	if more := r.Missed - len(r.Misses); more > 0 {
		fmt.Fprintf(w, "%s: and %d more misses\n", file, more)
	}
	if r.Cut > 0 {
		fmt.Fprintf(w, "%s:%d: the last line was cut off and is left out\n", file, r.Cut)
	}
	for _, told := range []struct {
		n    int
		what string
	}{
		{r.Orphans, "%d answers are to what was sent before the journal began, and are left out"},
		{r.Open, "%d answers came to requests that have none in it: it was lost then, or the journal ends before it"},
		{r.SignedOn, "the sessions of %d terminals began before the journal did: they were signed on"},
		{r.Keyless, "%d requests were sealed with the published test key, as nobody knows their terminals' keys"},
		{r.Unreadable, "%d recorded frames could not be read then, and are not played"},
		{r.Steps, "%d steps of scenarios change a simulated host, and this one was not told"},
	} {
		if told.n > 0 {
			fmt.Fprintf(w, "%s: "+told.what+"\n", file, told.n)
		}
	}
	fmt.Fprintf(w, "%d requests, %d answers, %d misses\n", r.Requests, r.Answers, r.Missed)
}

func (m *Miss) text(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", file)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d", m.Line)
	}
	fmt.Fprintf(&b, ": %s", m.What)
	if m.MTI != "" {
		fmt.Fprintf(&b, " (%s", m.MTI)
		if m.Scenario != "" {
			fmt.Fprintf(&b, ", scenario %q", m.Scenario)
		}
		b.WriteString(")")
	}
	if m.Detail != "" {
		fmt.Fprintf(&b, ": %s", m.Detail)
	}
	b.WriteString("\n")
	if m.Nearest > 0 {
		fmt.Fprintf(&b, "    nearest: line %d\n", m.Nearest)
	}
	for _, d := range m.Differences {
		fmt.Fprintf(&b, "    %s\n", d)
	}
	if m.Cause != "" {
		fmt.Fprintf(&b, "    likely cause: %s\n", m.Cause)
	}
	return b.String()
}

// cause says in words what is most likely behind a difference.
func (p *play) cause(was, now *side, found []Difference) string {
	has := func(field string) bool {
		return slices.ContainsFunc(found, func(d Difference) bool { return d.Field == field })
	}
	code, then := now.m.Code, was.m.Code
	switch {
	case code == "A0" || code == "99" && then != code:
		if p.report.Keyless > 0 {
			return p.keyless()
		}
		return "MAC key: the host has other keys than the TMK of this replay leads to (--tmk), or another algorithm (--mac-algorithm)"
	case has("64") || has("128") || has("62"):
		return "MAC key: the host's TMK is not the one of this replay (--tmk), or its algorithm is another (--mac-algorithm)"
	case code == "54" && then != code || code != then && then == "54":
		return "clock: the host's date is another than the recording's, and a card's expiry or a code's life lies between"
	case code == "94" && then != code:
		return "match key: the host has seen this terminal, batch and STAN already, with another card or amount; play against fresh books"
	case code == "25" && then != code:
		return "match key: the host knows no original by what the request names (" + named(now.m) + ")"
	case code == "77" && then != code:
		return "match key: the host has another batch open"
	case (code == "14" || code == "97" || code == "03") && then != code:
		return "the host does not know the card, terminal or merchant: --cards, or --walk-in"
	case code == "30" && then != code:
		return "dialect: the host finds the request malformed"
	case has("11") || has("37") || has("38"):
		return "match key: a number that is chosen once does not come again as it did"
	}
	return ""
}

// keyless says why a request was not sealed as the host wants it.
func (p *play) keyless() string {
	s := "MAC key: the recording has no sign-on before this request, so that nobody knows the session's keys"
	if p.unsigned != "" {
		s += ", and the terminal could not be signed on now: " + p.unsigned
	}
	return s
}

// named is by what a message names its original.
func named(m *wire.Message) string {
	switch {
	case m.OriginalData != "":
		return "field 90"
	case m.Original != "":
		return "field 61"
	case m.MTI == wire.MTIReversalAnswer:
		return "its own STAN, " + m.STAN
	}
	return "field 37 or 38"
}

// looksLike says what a frame that does not decode may be.
func looksLike(frame []byte, asked *wire.Dialect) string {
	if len(frame) > 2 && int(frame[0])<<8|int(frame[1]) == len(frame)-2 {
		return "framing: it begins with its own length, which the framing has taken off once already"
	}
	if d, _ := wire.Auto(frame); d != nil && d.Name() != asked.Name() {
		return "dialect: it reads as " + d.Name()
	}
	return "dialect: no dialect here reads it"
}
