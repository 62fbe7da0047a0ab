package scenarios

import (
	"go.yaml.in/yaml/v4"

	"possim/emulator"
)

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
	if s := r.literal(v, "no response code", "none"); s != "" {
		return s, func(w *view) (string, bool) {
			return w.code(), w.outcome == nil || w.outcome.Code == ""
		}
	}
	r.like(v, "rc", codeOrNameForm, "two characters such as 00 or A0, or none")
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
var causes = []emulator.Cause{emulator.NoAnswer, emulator.Unmatched, emulator.Unreadable, emulator.BadMAC, emulator.TerminalFault,
	emulator.HostDown, emulator.ChipFirst, emulator.AmountMismatch, emulator.ReversalPending, emulator.NoCard, emulator.Cancelled,
	emulator.BadKeys, emulator.NoOriginal, emulator.AlreadyVoid, emulator.BadCode, emulator.OfflinePending, emulator.SettlePending,
	emulator.BatchFull, emulator.NotSupported, emulator.BadOperator, emulator.ChipUnreadable, emulator.TapRefused,
	emulator.NoApplication, emulator.CardBlocked, emulator.CardRemoved, emulator.CardDeclined}

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
