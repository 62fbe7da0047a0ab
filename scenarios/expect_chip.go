package scenarios

import (
	"go.yaml.in/yaml/v4"

	"possim/emulator"
	"possim/emulator/kernel"
	"possim/reader"
)

// ofChip reads a pattern for what the chip and the terminal came to in the end.
func (r *stepReader) ofChip(key string, get func(*kernel.Result) string) reading {
	return func(v *yaml.Node) (string, func(*view) (string, bool)) {
		p := newPattern(r.text(v, key))
		return p.String(), func(w *view) (string, bool) {
			switch {
			case w.outcome == nil:
				return w.unfinished(), false
			case w.outcome.Chip == nil:
				return "no chip took part", false
			}
			got := get(w.outcome.Chip)
			return got, p.match(got, w.vars)
		}
	}
}

// chipRead reads how the last chip or tap was judged before the host was asked.
func (r *stepReader) chipRead(v *yaml.Node) (string, func(*view) (string, bool)) {
	s := r.choice(v, "how a chip is read", string(kernel.Online), string(kernel.Approved), string(kernel.Declined),
		string(kernel.Terminated), string(kernel.Fallback), string(kernel.Identified), string(kernel.OtherInterface), string(kernel.TryAgain))
	return s, func(w *view) (string, bool) {
		reads := w.chipReads()
		if len(reads) == 0 {
			return "no chip was read" + w.readSoFar(), false
		}
		got := string(reads[len(reads)-1].Chip)
		return got + w.readSoFar(), got == s
	}
}

// chipReads is the chips of this order, as far as it has ended.
func (w *view) chipReads() (all []emulator.Read) {
	if w.outcome == nil {
		return nil
	}
	for _, o := range w.outcome.Reads {
		if o.Kind == reader.KindChip || o.Kind == reader.KindTap {
			all = append(all, o)
		}
	}
	return all
}

// readSoFar says why there may be nothing yet.
func (w *view) readSoFar() string {
	if w.outcome == nil {
		return " (" + w.unfinished() + ")"
	}
	return ""
}
