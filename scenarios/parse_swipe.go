package scenarios

import (
	"time"

	"go.yaml.in/yaml/v4"

	"possim/reader/magstripe"
)

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
		"cvn":          func(v *yaml.Node) { s.CVN = r.cvn(v) },
		"speed":        func(v *yaml.Node) { s.Hand.Speed = r.measure(v, "speed", 0.1, 5000, speedUnits) },
		"profile":      func(v *yaml.Node) { s.Hand.Profile = r.profile(v) },
		"ratio":        func(v *yaml.Node) { s.Hand.Ratio = r.measure(v, "ratio", 1, 10, map[string]float64{"": 1}) },
		"direction":    func(v *yaml.Node) { s.Hand.Direction = r.direction(v) },
		"from":         func(v *yaml.Node) { s.Hand.From = r.measure(v, "from", 0, cardLength, lengthUnits) },
		"to":           func(v *yaml.Node) { s.Hand.To = r.measure(v, "to", 0.1, cardLength, lengthUnits) },
		"partial":      func(v *yaml.Node) { s.Hand.To = cardLength * r.measure(v, "partial", 0.01, 1, shareUnits) },
		"pause":        func(v *yaml.Node) { s.Hand.Pause = r.duration(v, "pause", time.Millisecond) },
		"wear":         func(v *yaml.Node) { s.Wear = r.measure(v, "wear", 0, 1, shareUnits) },
		"demagnetised": func(v *yaml.Node) { s.Demagnetised = r.flag(v, "demagnetised") },
		"scratch":      func(v *yaml.Node) { s.Scratches = append(s.Scratches, r.scratches(v)...) },
	})
	r.needs(n, ok, "card", s.Card != "", "the swipe does not say which card")
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
		r.probe.of(v).require("width")
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
