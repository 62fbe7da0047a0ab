package scenarios

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/emulator"
)

// stepReader reads the steps of one scenario.
type stepReader struct {
	*parser
	cards  cardSet
	labels map[string]bool // of the steps so far
	known  map[string]func(*yaml.Node) Action
}

// maxSteps bounds what repeats may unfold to.
const maxSteps = 100_000

// maxDepth bounds repeats in repeats.
const maxDepth = 8

// steps reads a list of steps; number is the scenario's step they belong to, 0
// for the scenario's own list.
func (r *stepReader) steps(n *yaml.Node, number, times int) []*Step {
	var out []*Step
	r.list(n, "steps", func(v *yaml.Node) {
		own := number
		if number == 0 {
			own = len(out) + 1
		}
		if s := r.step(v, own, times); s != nil {
			out = append(out, s)
		} else {
			out = append(out, &Step{Pos: Pos{v.Line, v.Column}, Number: own})
		}
	})
	if n.Kind == yaml.SequenceNode && len(out)*times > maxSteps {
		r.fail(n, "repeats unfold to more than %d steps", maxSteps)
	}
	return out
}

// step reads one step: a verb, and what is expected of it.
func (r *stepReader) step(n *yaml.Node, number, times int) *Step {
	s := &Step{Pos: Pos{n.Line, n.Column}, Number: number}
	var verbs []string
	var expect, do *yaml.Node
	if n.Kind == yaml.ScalarNode {
		return r.word(n, s)
	}
	f := fields{
		"expect": func(v *yaml.Node) { expect = v },
		"do":     func(v *yaml.Node) { do = v },
		"as":     func(v *yaml.Node) { s.As = r.text(v, "as (a label)") },
	}
	for verb, read := range r.verbs() {
		f[verb] = func(v *yaml.Node) {
			verbs = append(verbs, verb)
			s.Verb, s.Action = verb, read(v)
		}
	}
	before := len(r.errs)
	if !r.mapping(n, "a step", f) {
		return nil
	}
	if r.probe != nil {
		r.kept(n, do, expect, s)
		return s
	}
	switch {
	case len(verbs) == 0 && len(r.errs) == before:
		r.fail(n, "the step does nothing: give it one of %s", strings.Join(words(r.verbs()), ", "))
	case len(verbs) > 1:
		r.fail(n, "a step does one thing, this one has %s: begin a new step with -", strings.Join(verbs, " and "))
	}
	r.finish(n, s, do, number, times)
	if _, is := s.Action.(Order); s.As != "" && !is && s.Action != nil {
		r.fail(n, "as: belongs to a transaction such as a sale, not to %s", s.Verb)
	} else if s.As != "" {
		r.labels[s.As] = true
	}
	if expect != nil {
		s.Expect = r.expect(expect, s)
	}
	return s
}

// kept notes what a step may have beside its verb, which parsing reads once it knows
// the verb.
func (r *stepReader) kept(n, do, expect *yaml.Node, s *Step) {
	r.probe.of(n).group("oneOf", words(r.verbs())...)
	if do == nil { // the vocabulary is known: this is a step of a repeat
		return
	}
	s.Action = nil
	r.steps(do, 1, 1)
	r.expect(expect, s)
}

// word reads a step that is a verb alone: "- settle".
func (r *stepReader) word(n *yaml.Node, s *Step) *Step {
	if !r.plain(n) {
		return nil
	}
	alone := append(words(bare), "balance")
	switch s.Verb = r.literal(n, "a step that is a word alone", alone...); s.Verb {
	case "":
		r.unknown(n, "no step is this word alone:", alone)
		return nil
	case "balance":
		s.Action = Order{Kind: emulator.Balance}
	default:
		s.Action = Order{Kind: bare[s.Verb], plain: true}
	}
	return s
}

// finish reads the steps of a repeat.
func (r *stepReader) finish(n *yaml.Node, s *Step, do *yaml.Node, number, times int) {
	repeat, is := s.Action.(Repeat)
	switch {
	case is && do == nil:
		r.fail(n, "repeat has no do: with the steps to repeat")
	case !is && do != nil && s.Action != nil:
		r.fail(do, "do: belongs to repeat")
	case is && depth(do) > 4*maxDepth:
		r.fail(do, "repeats are nested too deep")
	case is:
		if times *= repeat.Times; times > maxSteps {
			r.fail(n, "repeats unfold to more than %d steps", maxSteps)
			times = 1
		}
		repeat.Do = r.steps(do, number, times)
		s.Action = repeat
	}
}

// depth returns how deep a node is nested, counted only as far as matters.
func depth(n *yaml.Node) int {
	deepest := 0
	for _, c := range n.Content {
		if deepest = max(deepest, depth(c)); deepest > 4*maxDepth+1 {
			break
		}
	}
	return deepest + 1
}

// verbs is the closed vocabulary of steps, made once for all steps of a scenario.
func (r *stepReader) verbs() map[string]func(*yaml.Node) Action {
	if r.known != nil {
		return r.known
	}
	verbs := r.orders()
	for verb, read := range map[string]func(*yaml.Node) Action{
		"confirm": func(v *yaml.Node) Action { return r.confirm(v) },
		"swipe":   func(v *yaml.Node) Action { return r.swipe(v) },
		"insert":  func(v *yaml.Node) Action { return r.insert(v) },
		"tap":     func(v *yaml.Node) Action { return Tap(r.insert(v)) },
		"choose":  func(v *yaml.Node) Action { return r.choose(v) },
		"script":  func(v *yaml.Node) Action { return r.script(v) },
		"pin":     func(v *yaml.Node) Action { return r.typePIN(v) },
		"clock":   func(v *yaml.Node) Action { return r.clock(v) },
		"repeat":  func(v *yaml.Node) Action { return Repeat{Times: r.count(v, "repeat", 1, maxSteps)} },
		"power":   func(v *yaml.Node) Action { return r.power(v) },
		"card":    func(v *yaml.Node) Action { return r.cardStatus(v) },
		"host":    func(v *yaml.Node) Action { return HostSwitch{r.choice(v, "host", "up", "down") == "up"} },
		"fault": func(v *yaml.Node) Action {
			f, _ := r.fault(v)
			return Break{f}
		},
	} {
		verbs[verb] = read
	}
	r.known = verbs
	return verbs
}

// confirm reads one answer or two.
func (r *stepReader) confirm(n *yaml.Node) Confirm {
	var c Confirm
	agrees, cancels := []string{"确认", "confirm", "ok", "yes"}, []string{"取消", "cancel"}
	one := func(v *yaml.Node) {
		switch said := append(agrees, cancels...); {
		case r.literal(v, "an answer", agrees...) != "":
			c.Answers = append(c.Answers, Typed{})
		case r.literal(v, "an answer", cancels...) != "":
			c.Answers = append(c.Answers, Typed{Cancel: true})
		case r.probe == nil && v.Value != "" && (v.Value[0] < '0' || v.Value[0] > '9'):
			r.unknown(v, "no such answer", said)
		default:
			c.Answers = append(c.Answers, Typed{Amount: new(r.amount(v, "an answer"))})
		}
	}
	if n.Kind == yaml.ScalarNode {
		one(n)
		return c
	}
	r.list(n, "confirm", one)
	if len(c.Answers) > 2 {
		r.fail(n, "the amount is asked for twice: confirm has at most two answers")
	}
	return c
}

// named notes the use of a card and reports whether there is such a card.
func (r *stepReader) named(n *yaml.Node, name string) {
	if name == "" {
		return
	}
	if c := r.cards.find(name); c != nil {
		c.used = true
		return
	}
	r.unknown(n, "no card", words(r.cards.all()))
}

// sequence notes gestures that no order waits for.
func (r *stepReader) sequence(steps []*Step) {
	open := false
	noted := map[*Step]bool{}
	var walk func(steps []*Step)
	walk = func(steps []*Step) {
		for _, s := range steps {
			switch a := s.Action.(type) {
			case nil:
				open = true // already an error: say nothing about what follows
			case Order:
				open = !a.plain
			case Confirm, Swipe, Insert, Tap, Choose, TypePIN:
				if !open && !noted[s] {
					noted[s] = true
					r.at(s.Line, s.Column, "the terminal waits for no %s here: put a sale or another order before it", s.Verb)
				}
			case Repeat:
				walk(a.Do)
			default:
				open = false
			}
		}
	}
	walk(steps)
}
