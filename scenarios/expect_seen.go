package scenarios

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"possim/reader/magstripe"
)

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
	if r.literal(v, "no slip", "none") != "" {
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
