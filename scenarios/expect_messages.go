package scenarios

import (
	"fmt"
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// messagePattern is one message as a scenario expects it on the wire.
type messagePattern struct {
	mti    string // unreadable: a frame that no dialect can read
	fields []fieldPattern
}

type fieldPattern struct {
	number int
	pattern
}

// String shows the pattern: "0400 11=$stan 39=98".
func (m messagePattern) String() string {
	s := m.mti
	for _, f := range m.fields {
		s += fmt.Sprintf(" %d=%s", f.number, f.pattern)
	}
	return s
}

// unreadable is the type of a frame that could not be decoded.
const unreadable = "unreadable"

// messages reads the exact sequence on the terminal's side of the wire during the
// step, or none. What a fault swallowed on its way to the terminal is not in it.
func (r *stepReader) messages(v *yaml.Node) (string, func(*view) (string, bool)) {
	if v.Kind == yaml.ScalarNode {
		r.choice(v, "messages (a list, or none)", "none")
		return "none", func(w *view) (string, bool) { return orNone(w.sequence(nil)), len(w.wire) == 0 }
	}
	var want []messagePattern
	r.list(v, "messages", func(v *yaml.Node) { want = append(want, r.message(v)) })
	shown := make([]string, len(want))
	for i, m := range want {
		shown[i] = m.String()
	}
	return strings.Join(shown, "; "), func(w *view) (string, bool) {
		if len(want) != len(w.wire) {
			return orNone(w.sequence(want)), false
		}
		for i, m := range want {
			if why := m.mismatch(w.wire[i], w.world); why != "" {
				return fmt.Sprintf("%s in message %d of %s", why, i+1, w.sequence(want)), false
			}
		}
		return w.sequence(want), true
	}
}

// message reads {mti: 0400, f: {11: $stan, 39: 98}}.
func (r *stepReader) message(n *yaml.Node) messagePattern {
	var m messagePattern
	ok := r.mapping(n, "a message", fields{
		"mti": func(v *yaml.Node) { m.mti = r.choice(v, "message type", append(messageTypes, unreadable)...) },
		"f": func(v *yaml.Node) {
			r.pairs(v, "f", func(k, v *yaml.Node) {
				number := r.count(k, "a field number", 2, 128)
				if secretFields[number] {
					r.fail(k, "field %d is secret: scenarios do not compare it", number)
				}
				m.fields = append(m.fields, fieldPattern{number, newPattern(r.text(v, "a field"))})
			})
		},
	})
	r.needs(n, ok, "mti", m.mti != "", "the message has no mti")
	sort.SliceStable(m.fields, func(i, j int) bool { return m.fields[i].number < m.fields[j].number })
	return m
}

// mismatch says how a message differs, or "".
func (m messagePattern) mismatch(e wireEvent, w *world) string {
	if e.mti != m.mti {
		return fmt.Sprintf("%s, not %s", e.mti, m.mti)
	}
	for _, f := range m.fields {
		got := e.field(f.number)
		if f.number == 60 {
			got = w.batches.private60(got)
		}
		explained := f.explain(w.vars)
		if !f.match(got, w.vars) {
			return fmt.Sprintf("%d=%s, not %s", f.number, orNone(got), explained)
		}
	}
	return ""
}
