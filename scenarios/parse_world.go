package scenarios

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"possim/host/wire"
)

// clock reads +24h, 23:59, 23:59:30 or 2026-06-02 09:00.
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
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, China); err == nil {
			if t.Before(Start) || t.After(Start.Add(longest)) {
				r.fail(n, "clock: scenarios begin on %s and end within ten years", Start.Format("2006-01-02 15:04"))
			}
			return Clock{On: t}
		}
	}
	r.fail(n, "clock is a step such as +24h, or a time such as 23:59 or 2026-06-02 09:00, not %s", kindName(n))
	return Clock{}
}

// power reads on, off, blank, or {cut: after_send} with the request it belongs to.
func (r *stepReader) power(n *yaml.Node) Power {
	if n.Kind == yaml.ScalarNode {
		switch r.choice(n, "power", "on", "off", "blank") {
		case "on":
			return Power{On: true}
		case "blank":
			return Power{On: true, Blank: true}
		}
		return Power{Cut: CutNow}
	}
	p := Power{Of: wire.MTIFinancialRequest}
	ok := r.mapping(n, "power", fields{
		"on": func(v *yaml.Node) {
			p.Of = wire.MTI(r.choice(v, "request", cuttable...))
		},
		"cut": func(v *yaml.Node) {
			p.Cut = CutPoint(r.choice(v, "point of a cut",
				string(CutBeforeSend), string(CutAfterSend), string(CutAfterReceive), string(CutBeforePrint)))
		},
	})
	r.needs(n, ok, "cut", p.Cut != "", "power is on, off, blank or {cut: after_send}")
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
