package scenarios

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/magstripe"
)

// stepReader reads the steps of one scenario.
type stepReader struct {
	*parser
	cards cardSet
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
	f := fields{
		"expect": func(v *yaml.Node) { expect = v },
		"do":     func(v *yaml.Node) { do = v },
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
	switch {
	case len(verbs) == 0 && len(r.errs) == before:
		r.fail(n, "the step does nothing: give it one of %s", strings.Join(words(r.verbs()), ", "))
	case len(verbs) > 1:
		r.fail(n, "a step does one thing, this one has %s: begin a new step with -", strings.Join(verbs, " and "))
	}
	r.finish(n, s, do, number, times)
	if expect != nil {
		s.Expect = r.expect(expect, s)
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

// verbs is the closed vocabulary of steps.
func (r *stepReader) verbs() map[string]func(*yaml.Node) Action {
	return map[string]func(*yaml.Node) Action{
		"sale":    func(v *yaml.Node) Action { return Sale{r.amount(v, "amount of the sale")} },
		"confirm": func(v *yaml.Node) Action { return r.confirm(v) },
		"swipe":   func(v *yaml.Node) Action { return r.swipe(v) },
		"clock":   func(v *yaml.Node) Action { return r.clock(v) },
		"repeat":  func(v *yaml.Node) Action { return Repeat{Times: r.count(v, "repeat", 1, maxSteps)} },
		"power":   func(v *yaml.Node) Action { return r.power(v) },
		"card":    func(v *yaml.Node) Action { return r.cardStatus(v) },
		"host":    func(v *yaml.Node) Action { return HostSwitch{r.choice(v, "host", "up", "down") == "up"} },
		"fault": func(v *yaml.Node) Action {
			f, _ := r.fault(v)
			return Break{f}
		},
	}
}

// confirm reads one answer or two.
func (r *stepReader) confirm(n *yaml.Node) Confirm {
	var c Confirm
	one := func(v *yaml.Node) {
		switch s := r.text(v, "an answer"); s {
		case "":
		case "确认", "confirm", "ok", "yes":
			c.Answers = append(c.Answers, Typed{})
		case "取消", "cancel":
			c.Answers = append(c.Answers, Typed{Cancel: true})
		default:
			if s[0] < '0' || s[0] > '9' {
				r.unknown(v, "no such answer", []string{"确认", "confirm", "取消", "cancel", "ok", "yes"})
				return
			}
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

var (
	speedUnits  = map[string]float64{"cm/s": 1, "m/s": 100, "mm/s": 0.1, "ips": 2.54}
	lengthUnits = map[string]float64{"mm": 1, "cm": 10}
	shareUnits  = map[string]float64{"": 1, "%": 0.01}
)

// cardLength is an ID-1 card's length in mm (ISO/IEC 7810).
const cardLength = 85.6

// swipe reads a card's name, or how it is pulled through.
func (r *stepReader) swipe(n *yaml.Node) Swipe {
	var s Swipe
	if n.Kind == yaml.ScalarNode {
		s.Card = r.text(n, "swipe (a card's name)")
		r.named(n, s.Card)
		return s
	}
	ok := r.mapping(n, "swipe", fields{
		"card": func(v *yaml.Node) {
			s.Card = r.text(v, "card")
			r.named(v, s.Card)
		},
		"speed":        func(v *yaml.Node) { s.Hand.Speed = r.measure(v, "speed", 0.1, 5000, speedUnits) },
		"profile":      func(v *yaml.Node) { s.Hand.Profile = r.profile(v) },
		"ratio":        func(v *yaml.Node) { s.Hand.Ratio = r.measure(v, "ratio", 1, 10, map[string]float64{"": 1}) },
		"direction":    func(v *yaml.Node) { s.Hand.Direction = r.direction(v) },
		"from":         func(v *yaml.Node) { s.Hand.From = r.measure(v, "from", 0, cardLength, lengthUnits) },
		"to":           func(v *yaml.Node) { s.Hand.To = r.measure(v, "to", 0.1, cardLength, lengthUnits) },
		"pause":        func(v *yaml.Node) { s.Hand.Pause = r.duration(v, "pause", time.Millisecond) },
		"wear":         func(v *yaml.Node) { s.Wear = r.measure(v, "wear", 0, 1, shareUnits) },
		"demagnetised": func(v *yaml.Node) { s.Demagnetised = r.flag(v, "demagnetised") },
		"scratch":      func(v *yaml.Node) { s.Scratches = append(s.Scratches, r.scratches(v)...) },
	})
	if ok && s.Card == "" && !r.failedIn(n) {
		r.fail(n, "the swipe does not say which card")
	}
	if s.Hand.To > 0 && s.Hand.To <= s.Hand.From {
		r.fail(n, "to: lies before from:")
	}
	return s
}

func (r *stepReader) profile(n *yaml.Node) (p magstripe.Profile) {
	_ = p.UnmarshalText([]byte(r.choice(n, "profile", "hand", "constant", "stall", "reversal")))
	return p
}

func (r *stepReader) direction(n *yaml.Node) (d magstripe.Direction) {
	_ = d.UnmarshalText([]byte(r.choice(n, "direction", "forward", "reverse")))
	return d
}

// scratches reads {at: 30mm, width: 2mm, depth: 0.8} or a list of those.
func (r *stepReader) scratches(n *yaml.Node) []magstripe.Scratch {
	var out []magstripe.Scratch
	one := func(v *yaml.Node) {
		var s magstripe.Scratch
		r.mapping(v, "scratch", fields{
			"at":    func(v *yaml.Node) { s.At = r.measure(v, "at", 0, cardLength, lengthUnits) },
			"width": func(v *yaml.Node) { s.Width = r.measure(v, "width", 0.01, cardLength, lengthUnits) },
			"depth": func(v *yaml.Node) { s.Depth = r.measure(v, "depth", 0, 1, shareUnits) },
		})
		if s.Width == 0 {
			r.fail(v, "the scratch has no width: write it as 2mm")
		}
		out = append(out, s)
	}
	if n.Kind == yaml.MappingNode {
		one(n)
		return out
	}
	r.list(n, "scratch", one)
	return out
}

// clock reads +24h or 23:59 or 23:59:30.
func (r *stepReader) clock(n *yaml.Node) Clock {
	s := r.text(n, "clock")
	if s == "" {
		return Clock{}
	}
	if rest, ok := strings.CutPrefix(s, "+"); ok {
		copied := *n
		copied.Value = rest
		return Clock{Add: r.duration(&copied, "clock", time.Nanosecond)}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return Clock{At: new(t.Sub(t.Truncate(24 * time.Hour)))}
		}
	}
	r.fail(n, "clock is a step such as +24h or a time such as 23:59, not %s", kindName(n))
	return Clock{}
}

// power reads on, off, or {cut: after_send} with the request it belongs to.
func (r *stepReader) power(n *yaml.Node) Power {
	if n.Kind == yaml.ScalarNode {
		if r.choice(n, "power", "on", "off") == "on" {
			return Power{On: true}
		}
		return Power{Cut: CutNow}
	}
	p := Power{Of: wire.MTIFinancialRequest}
	ok := r.mapping(n, "power", fields{
		"on": func(v *yaml.Node) {
			p.Of = wire.MTI(r.choice(v, "request", string(wire.MTIFinancialRequest), string(wire.MTIReversal)))
		},
		"cut": func(v *yaml.Node) {
			p.Cut = CutPoint(r.choice(v, "point of a cut",
				string(CutBeforeSend), string(CutAfterSend), string(CutAfterReceive), string(CutBeforePrint)))
		},
	})
	if ok && p.Cut == "" && !r.failedIn(n) {
		r.fail(n, "power is on, off or {cut: after_send}")
	}
	return p
}

// cardStatus reads {good: frozen}.
func (r *stepReader) cardStatus(n *yaml.Node) CardStatus {
	var c CardStatus
	r.pairs(n, "card", func(k, v *yaml.Node) {
		r.named(k, k.Value)
		if known := r.cards.find(k.Value); known != nil && known.Unknown {
			r.fail(k, "the host does not know card %q: it has no status", k.Value)
		}
		c.Names = append(c.Names, k.Value)
		c.Status = append(c.Status, r.status(v))
	})
	return c
}

// defaultTerminal is the terminal of a scenario that says nothing of it.
func defaultTerminal() Terminal { return Terminal{TID: "00000001", MID: registry.DefaultMID} }

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
			case Sale:
				open = true
			case Confirm, Swipe:
				if !open && !noted[s] {
					noted[s] = true
					r.at(s.Line, s.Column, "%s: the terminal waits for nothing here: put a sale before it", s.Verb)
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
