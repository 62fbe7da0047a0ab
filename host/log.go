package host

import (
	"github.com/rs/zerolog"

	"possim/host/money"
)

// log writes one line a decision. What came from outside is quoted by the
// encoder; the PAN masks itself; tracks and PIN are not looked at.
func (d *deal) log(dec *Decision) {
	level := zerolog.InfoLevel
	if dec.Silent {
		level = zerolog.WarnLevel
	}
	e := d.h.Log.WithLevel(level)
	if e == nil {
		return
	}
	e.Str("mti", string(d.MTI)).Str("stan", d.STAN).Str("tid", d.tid).Str("mid", d.mid).
		Str("kind", d.kind.String()).Str("pan", d.pan.String()).Str("amount", money.Format(d.Amount))
	if dec.Seq != 0 {
		e.Uint64("seq", dec.Seq).Str("rrn", dec.Answer.RRN)
	}
	if d.chip.right {
		e.Str("cryptogram", "verified").Int64("atc", d.chip.atc)
	}
	if dec.Rule != "" {
		e.Str("rule", dec.Rule)
	}
	if n := len(dec.Why); n > 0 && !dec.Why[n-1].OK {
		e.Stringer("why", dec.Why[n-1])
	}
	if dec.Repeat {
		e.Bool("repeat", true)
	}
	if dec.Note != "" {
		e.Str("note", dec.Note)
	}
	if dec.Silent {
		e.Msg("silent")
		return
	}
	e.Str("code", string(dec.Answer.Code)).Msg("answered")
}
