package scenarios

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/host/money"
	"possim/reader/magstripe"
)

// Expectation is one thing that must be so when its step is over.
type Expectation struct {
	Pos
	Key  string // rc, screen, messages, ...
	Want string // as it is shown when it fails
	test func(*view) (got string, ok bool)
}

// pattern is a text to compare with: as it is, contained (~), or bound ($name).
type pattern struct {
	text string
	mode byte // 0, '~' or '$'
}

func newPattern(s string) pattern {
	if len(s) > 1 && (s[0] == '~' || s[0] == '$') {
		return pattern{s[1:], s[0]}
	}
	return pattern{text: s}
}

// match compares; a $name takes what it meets first and must meet it again.
func (p pattern) match(got string, vars map[string]string) bool {
	switch p.mode {
	case '~':
		return strings.Contains(got, p.text)
	case '$':
		bound, known := vars[p.text]
		if !known && got != "" {
			vars[p.text] = got
		}
		return got != "" && (!known || bound == got)
	}
	return got == p.text
}

// String shows the pattern as written; a bound name with its value.
func (p pattern) String() string {
	if p.mode == 0 {
		return p.text
	}
	return string(p.mode) + p.text
}

// explain shows a bound name with its value.
func (p pattern) explain(vars map[string]string) string {
	if bound, known := vars[p.text]; p.mode == '$' && known {
		return p.String() + " (" + bound + ")"
	}
	return p.String()
}

// expect reads an expect: mapping.
func (r *stepReader) expect(n *yaml.Node, s *Step) []Expectation {
	if _, is := s.Action.(Repeat); is {
		r.fail(n, "expect: belongs to the steps inside do:, not to the repeat")
		return nil
	}
	var out []Expectation
	f := fields{}
	for key, read := range r.expectations() {
		f[key] = func(v *yaml.Node) {
			before := len(r.errs)
			want, test := read(v)
			if len(r.errs) == before {
				out = append(out, Expectation{keyOf(n, v), key, want, test})
			}
		}
	}
	if r.mapping(n, "expect", f) && len(n.Content) == 0 {
		r.fail(n, "expect: is empty")
	}
	return out
}

// keyOf returns the place of the key whose value v is.
func keyOf(n, v *yaml.Node) Pos {
	for i := 1; i < len(n.Content); i += 2 {
		if n.Content[i] == v {
			return Pos{n.Content[i-1].Line, n.Content[i-1].Column}
		}
	}
	return Pos{v.Line, v.Column}
}

// reading is what reads one key of expect:.
type reading = func(v *yaml.Node) (want string, test func(*view) (string, bool))

// expectations is the closed vocabulary of expect:.
func (r *stepReader) expectations() map[string]reading {
	return map[string]reading{
		"rc":       r.code,
		"outcome":  r.outcome,
		"cause":    r.cause,
		"reversal": r.reversal,
		"stan":     r.ofOutcome("stan", func(o *emulator.Outcome) string { return o.STAN }),
		"rrn":      r.ofOutcome("rrn", func(o *emulator.Outcome) string { return o.RRN }),
		"auth":     r.ofOutcome("auth", func(o *emulator.Outcome) string { return o.Auth }),
		"reader":   r.verdict,
		"tracks":   r.tracks,
		"screen":   r.screen,
		"receipt":  r.receipt,
		"sent":     r.sent,
		"timeout":  r.timeout,
		"messages": r.messages,
		"ledger":   r.ledger,
		"balance":  r.balance,
	}
}

// ofOutcome reads a pattern for a text of the outcome.
func (r *stepReader) ofOutcome(key string, get func(*emulator.Outcome) string) reading {
	return func(v *yaml.Node) (string, func(*view) (string, bool)) {
		p := newPattern(r.text(v, key))
		return p.String(), func(w *view) (string, bool) {
			if w.outcome == nil {
				return w.unfinished(), false
			}
			got := get(w.outcome)
			return orNone(got), p.match(got, w.vars)
		}
	}
}

// orNone names an empty text.
func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// code reads a response code of two characters, or none.
func (r *stepReader) code(v *yaml.Node) (string, func(*view) (string, bool)) {
	s := r.text(v, "rc")
	if s == "none" {
		return s, func(w *view) (string, bool) {
			return w.code(), w.outcome == nil || w.outcome.Code == ""
		}
	}
	if s != "" && s[0] != '$' && (len(s) != 2 || strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		r.fail(v, "rc is two characters such as 00 or A0, or none, not %s", kindName(v))
	}
	return r.ofOutcome("rc", func(o *emulator.Outcome) string { return string(o.Code) })(v)
}

// outcome reads how the order ends; none is an order that did not (a power cut).
func (r *stepReader) outcome(v *yaml.Node) (string, func(*view) (string, bool)) {
	s := r.choice(v, "outcome", string(emulator.Approved), string(emulator.Declined), string(emulator.Refused),
		string(emulator.Reversed), string(emulator.Unknown), "none")
	return s, func(w *view) (string, bool) {
		switch {
		case w.outcome != nil:
			return describe(w.outcome), s == string(w.outcome.Result)
		case s == "none":
			return "none", w.cut
		}
		return w.unfinished(), false
	}
}

// describe says how an order ended, for whoever expected something else.
func describe(o *emulator.Outcome) string {
	s := string(o.Result)
	if o.Code != "" {
		s += ", rc " + string(o.Code)
	}
	if o.Cause != "" {
		s += ", cause " + string(o.Cause)
	}
	if o.Note != "" {
		s += " (" + o.Note + ")"
	}
	return s
}

// causes is every cause a scenario may name.
var causes = []emulator.Cause{emulator.NoAnswer, emulator.Unmatched, emulator.Unreadable, emulator.BadMAC,
	emulator.HostDown, emulator.ChipFirst, emulator.AmountMismatch, emulator.ReversalPending, emulator.NoCard, emulator.Cancelled}

// cause reads why an order ended without the host's answer, or none.
func (r *stepReader) cause(v *yaml.Node) (string, func(*view) (string, bool)) {
	known := []string{"none"}
	for _, c := range causes {
		known = append(known, string(c))
	}
	s := r.choice(v, "cause", known...)
	return s, func(w *view) (string, bool) {
		if w.outcome == nil {
			return w.unfinished(), false
		}
		got := orNone(string(w.outcome.Cause))
		if w.outcome.Note != "" {
			return got + " (" + w.outcome.Note + ")", got == s
		}
		return got, got == s
	}
}

// reversal reads what became of the reversal.
func (r *stepReader) reversal(v *yaml.Node) (string, func(*view) (string, bool)) {
	s := r.choice(v, "state of a reversal", string(emulator.ReversalNone), string(emulator.ReversalQueued), string(emulator.ReversalAcknowledged))
	return s, func(w *view) (string, bool) {
		if w.outcome == nil {
			return w.unfinished(), false
		}
		return string(w.outcome.Reversal), string(w.outcome.Reversal) == s
	}
}

// verdict reads what the reader calls the swipe.
func (r *stepReader) verdict(v *yaml.Node) (string, func(*view) (string, bool)) {
	var known []string
	for i := range int(magstripe.VerdictPartial) + 1 {
		known = append(known, magstripe.Verdict(i).String())
	}
	s := r.choice(v, "verdict of the reader", known...)
	return s, func(w *view) (string, bool) {
		if len(w.reads) == 0 {
			return "nothing was read", false
		}
		last := w.reads[len(w.reads)-1]
		return readText(last), last.Verdict.String() == s
	}
}

// tracks reads {1: parity, 2: ok}.
func (r *stepReader) tracks(v *yaml.Node) (string, func(*view) (string, bool)) {
	var statuses []string
	for i := range int(magstripe.StatusError) + 1 {
		statuses = append(statuses, magstripe.Status(i).String())
	}
	type one struct {
		track  int
		status string
	}
	var want []one
	var shown []string
	r.pairs(v, "tracks", func(k, v *yaml.Node) {
		track := r.count(k, "a track", 1, 3)
		s := r.choice(v, "status of a track", statuses...)
		want = append(want, one{track, s})
		shown = append(shown, fmt.Sprintf("track %d %s", track, s))
	})
	return strings.Join(shown, ", "), func(w *view) (string, bool) {
		if len(w.reads) == 0 {
			return "nothing was read", false
		}
		last, ok := w.reads[len(w.reads)-1], true
		for _, o := range want {
			ok = ok && last.Tracks[o.track-1].String() == o.status
		}
		return readText(last), ok
	}
}

// several reads one pattern or a list of patterns.
func (r *stepReader) several(v *yaml.Node, what string) []pattern {
	if v.Kind == yaml.ScalarNode {
		return []pattern{newPattern(r.text(v, what))}
	}
	var out []pattern
	r.list(v, what, func(v *yaml.Node) { out = append(out, newPattern(r.text(v, what))) })
	return out
}

// join shows patterns as they are written in a list.
func join(ps []pattern) string {
	var s []string
	for _, p := range ps {
		s = append(s, p.String())
	}
	return strings.Join(s, ", ")
}

// screen reads what the display shows at some moment of the step: the Chinese or
// the English text exactly, or a part of one with ~.
func (r *stepReader) screen(v *yaml.Node) (string, func(*view) (string, bool)) {
	ps := r.several(v, "screen")
	return join(ps), func(w *view) (string, bool) {
		for _, p := range ps {
			found := false
			for _, s := range w.screens {
				found = found || p.match(s.Chinese, w.vars) || p.match(s.English, w.vars) || p.match(s.Text(), w.vars)
			}
			if !found {
				return w.shown(), false
			}
		}
		return w.shown(), true
	}
}

// receipt reads texts that the slip of this step contains, or none for no slip.
func (r *stepReader) receipt(v *yaml.Node) (string, func(*view) (string, bool)) {
	if v.Kind == yaml.ScalarNode && v.Value == "none" {
		return "none", func(w *view) (string, bool) {
			return orNone(strings.Join(w.slips, "\n")), len(w.slips) == 0
		}
	}
	ps := r.several(v, "receipt")
	for i := range ps {
		if ps[i].mode == 0 {
			ps[i].mode = '~' // a whole slip is never written out in a scenario
		}
	}
	return join(ps), func(w *view) (string, bool) {
		all := strings.Join(w.slips, "\n")
		for _, p := range ps {
			if !p.match(all, w.vars) {
				return orNone(all), false
			}
		}
		return all, true
	}
}

// sent reads how many frames left the terminal.
func (r *stepReader) sent(v *yaml.Node) (string, func(*view) (string, bool)) {
	n := r.count(v, "sent", 0, 1_000_000)
	return fmt.Sprint(n), func(w *view) (string, bool) {
		got := 0
		for _, e := range w.wire {
			if e.out {
				got++
			}
		}
		return fmt.Sprint(got) + w.onWire(), got == n
	}
}

// timeout reads whether a wait for an answer came to nothing.
func (r *stepReader) timeout(v *yaml.Node) (string, func(*view) (string, bool)) {
	want := r.flag(v, "timeout")
	return fmt.Sprint(want), func(w *view) (string, bool) {
		return fmt.Sprint(w.timeouts > 0) + w.onWire(), want == (w.timeouts > 0)
	}
}

// ledger reads what the host's books took from cards since the scenario began:
// 88.00 after an approved sale of 88.00, 0.00 once it is reversed.
func (r *stepReader) ledger(v *yaml.Node) (string, func(*view) (string, bool)) {
	return r.books(v, "ledger", func(w *view, name string) (int64, error) { return w.taken(name) })
}

// balance reads what the host's books hold for cards.
func (r *stepReader) balance(v *yaml.Node) (string, func(*view) (string, bool)) {
	return r.books(v, "balance", func(w *view, name string) (int64, error) { return w.balance(name) })
}

// books reads amounts by card.
func (r *stepReader) books(v *yaml.Node, what string, read func(*view, string) (int64, error)) (string, func(*view) (string, bool)) {
	var names, shown []string
	var want []int64
	r.pairs(v, what, func(k, v *yaml.Node) {
		r.named(k, k.Value)
		if c := r.cards.find(k.Value); c != nil && c.Unknown {
			r.fail(k, "the host does not know card %q: its books hold nothing of it", k.Value)
		}
		names, want = append(names, k.Value), append(want, r.signed(v, what))
		shown = append(shown, fmt.Sprintf("%s %s", k.Value, money.Format(want[len(want)-1])))
	})
	return strings.Join(shown, ", "), func(w *view) (string, bool) {
		var got []string
		ok := true
		for i, name := range names {
			minor, err := read(w, name)
			if err != nil {
				return err.Error(), false
			}
			ok = ok && minor == want[i]
			got = append(got, fmt.Sprintf("%s %s", name, money.Format(minor)))
		}
		return strings.Join(got, ", "), ok
	}
}
