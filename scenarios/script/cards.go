package script

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/grafana/sobek"

	"possim/reader"
	"possim/reader/card"
	"possim/scenarios"
	"possim/scenarios/load"
)

// payer is a card in a script's hand. What is on it the script does not see, and what it
// sees it may write to: nothing here goes by that.
type payer struct {
	name   string // "" for one of the run's pool
	pan    string // masked
	stripe load.Card
	entry  *scenarios.Card // nil for one of the run's pool
}

// chip reports whether it has one that the script may use.
func (p *payer) chip() bool { return p.entry != nil && p.entry.Chip != nil }

// shows makes the script's object of a card.
func (v *vm) shows(p *payer) *sobek.Object {
	o := v.rt.NewObject()
	_, _, _ = o.Set("name", p.name), o.Set("pan", p.pan), o.Set("chip", p.chip()) // a new object takes anything
	v.hide(o, p)
	return o
}

// cards is the script's object of that name.
func (v *vm) cards() *sobek.Object {
	o := v.rt.NewObject()
	set := func(name string, value any) { _ = o.Set(name, value) } // a new object takes anything
	n := 0
	if v.seat != nil {
		n = len(v.seat.Cards())
	}
	pooled := func(i int) sobek.Value {
		if v.seat == nil {
			return v.shows(&payer{name: "nobody's"})
		}
		c := v.seat.Cards()[i]
		p := &payer{stripe: c}
		if id, err := card.ParseTrack2(c.Track2); err == nil {
			p.pan = id.PAN.String()
		}
		return v.shows(p)
	}
	set("length", n)
	set("any", func() sobek.Value {
		if v.seat == nil {
			return pooled(0)
		}
		return pooled(v.seat.Rand().IntN(n))
	})
	set("at", func(call sobek.FunctionCall) sobek.Value {
		i := call.Argument(0).ToInteger()
		if v.seat != nil && (i < 0 || i >= int64(n)) {
			v.throw("cards.at(%d): there are %d, from 0", i, n)
		}
		return pooled(int(i))
	})
	set("named", v.namedCard)
	return o
}

// namedCard finds a card of the file of --cards, or of the catalog.
func (v *vm) namedCard(call sobek.FunctionCall) sobek.Value {
	name := call.Argument(0).String()
	i := slices.IndexFunc(v.script.Named, func(c *scenarios.Card) bool { return c.Name == name })
	if i < 0 {
		var names []string
		for _, c := range v.script.Named {
			names = append(names, c.Name)
		}
		slices.Sort(names)
		v.throw("cards.named(%q): there is none; there are %s", name, strings.Join(names, ", "))
	}
	c := v.script.Named[i]
	if _, err := v.script.chips.profile(c); err != nil { // now, and not while the clock runs
		v.throw("cards.named(%q): %s", name, err)
	}
	_, track2, err := c.Tracks()
	if err != nil {
		v.throw("cards.named(%q): %s", name, err)
	}
	return v.shows(&payer{name: c.Name, pan: c.PAN().String(), stripe: load.Card{Track2: track2}, entry: c})
}

// card reads an argument that is a card.
func (v *vm) card(method string, value sobek.Value) *payer {
	p, is := hidden[*payer](value)
	if !is {
		v.throw("terminal.%s: %s is no card: want one of cards.any(), cards.at(0) or cards.named('good')", method, value)
	}
	return p
}

// take takes the card in hand for one order. put presents it, and release gives it back:
// until then no other terminal has its chip.
func (p *payer) take(ctx context.Context, s *Script, by string) (put func() (reader.Presentation, error), release func(), err error) {
	if by == bySwipe {
		return func() (reader.Presentation, error) { return p.stripe.Swipe(), nil }, func() {}, nil
	}
	if !p.chip() {
		return nil, nil, fmt.Errorf("card %s has no chip to %s", p.shown(), by)
	}
	c, err := s.chips.of(p.entry)
	if err != nil {
		return nil, nil, err
	}
	if err := c.hold(ctx); err != nil {
		return nil, nil, err
	}
	if put, err = c.put(by == byTap); err != nil {
		c.release()
		return nil, nil, err
	}
	return put, c.release, nil
}

func (p *payer) shown() string {
	return cmp.Or(p.name, p.pan)
}
