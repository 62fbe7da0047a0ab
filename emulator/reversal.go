package emulator

import (
	"context"
	"slices"

	"possim/emulator/kernel"
	"possim/host/wire"
	"possim/reader/emv"
)

// flush sends the reversals that are queued, oldest first, until the host has
// acknowledged all of them. It reports false when something stays queued after the
// tries of one order; then nothing financial may be sent (RULES: the terminal).
func (t *Terminal) flush(ctx context.Context, l *line) (bool, error) {
	for len(t.state.Queue) > 0 {
		done, err := t.reverse(ctx, l, t.state.Queue[0])
		if err != nil || !done {
			return false, err
		}
		if err := t.commit(func(s *State) { s.Queue = s.Queue[1:] }); err != nil {
			return false, err
		}
	}
	return true, nil
}

// reverse sends one reversal up to Tries times and reports whether the host has
// acknowledged it. An acknowledgement whose MAC does not hold may mean that the
// host has other keys by now: that is worth one sign-on.
func (t *Terminal) reverse(ctx context.Context, l *line, p Pending) (bool, error) {
	signed := false
	for range t.Tries {
		ans, err := t.ask(ctx, l, wire.Reversal, func(wire.Code) (wire.Message, error) {
			m := t.reversal(&p)
			return m, t.discloseOriginal(&m, &p)
		})
		if m, ok := errAs(err); ok {
			t.Log.Warn().Str("stan", p.STAN).Str("cause", string(m.cause)).Msg("reversal: " + m.note)
			if m.cause == BadMAC && !signed {
				signed = true
				if _, err := t.signOn(ctx, l); err != nil {
					return false, err
				}
			}
			continue
		}
		if err != nil {
			return false, err
		}
		if acknowledged(ans.Code) {
			return true, nil
		}
		t.Log.Warn().Str("stan", p.STAN).Str("code", string(ans.Code)).Msg("reversal not acknowledged")
	}
	return false, nil
}

// discloseOriginal repeats F59 of a QR payment, and F2 of a chip card.
func (t *Terminal) discloseOriginal(m *wire.Message, p *Pending) error {
	if len(p.Chip) > 0 {
		m.PAN = t.unlock(p.Sealed, p.STAN).charge.pan
	}
	if p.EntryMode != scanned {
		return nil
	}
	if code := t.unlock(p.Sealed, p.STAN).code; code != "" {
		return m.SetScanCode(code)
	}
	return nil
}

// verdictOfChip is field 55 as it stands in the end, with the results of scripts.
func (x *txn) verdictOfChip() emv.List {
	r := x.out.Chip
	list := slices.Clone(r.Tags)
	if len(r.Scripts) > 0 {
		list.Add(emv.TagScriptOutcome, r.Scripts)
	}
	return list
}

// reversal55 is F55 of a reversal: what the request's says of the card's verdict.
func reversal55(request []byte) []byte {
	list, err := emv.Parse(request)
	if err != nil {
		return nil
	}
	return kernel.Result{Data: list}.Pick(kernel.UnionPayReversal55...).Bytes()
}

// acknowledged says which answers to a reversal mean that it is done: reversed,
// or nothing there to reverse (RULES: 0410 with 00, 12 or 25 is done).
func acknowledged(c wire.Code) bool {
	return c == wire.Approved || c == wire.InvalidTxn || c == wire.NotFound
}
