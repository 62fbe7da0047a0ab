package emulator

import (
	"context"
	"slices"

	"possim/host/wire"
)

// forward sends what was stored: refunds and notices without an answer, each under
// its own STAN, up to tries times (RULES: a 0220 is repeated until answered). It
// reports whether all of them have one now. One that is approved is booked and its
// slip printed here, since its own order could not.
func (t *Terminal) forward(ctx context.Context, l *line, tries int) (bool, error) {
	for _, p := range slices.Clone(t.state.Offline) {
		kept := t.unlock(p.Sealed, p.STAN)
		var ans *wire.Message
		var err error = &miss{}
		for try := 0; try < tries && isMiss(err); try++ {
			ans, err = t.converse(ctx, l, &p, kept)
		}
		if m, ok := errAs(err); ok {
			t.Log.Warn().Str("stan", p.STAN).Str("cause", string(m.cause)).Msg("stored message not answered: " + m.note)
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if unheard(ans.Code) {
			return false, nil
		}
		if err := t.conclude(ctx, p, ans); err != nil {
			return false, err
		}
	}
	return true, nil
}

// conclude ends a stored message as decide ends an order.
func (t *Terminal) conclude(ctx context.Context, p Pending, ans *wire.Message) error {
	if ans.Code != wire.Approved {
		if err := t.commit(func(s *State) { s.close(p.STAN) }); err != nil {
			return err
		}
		return t.Face.Show(ctx, refused(ans))
	}
	if p.Kind == wire.OfflineSale {
		return t.commit(func(s *State) { s.close(p.STAN); s.acknowledge(p.STAN, ans) })
	}
	x := &txn{Terminal: t}
	text, err := x.book(ctx, p, t.entryOf(p, ans), nothing)
	if err != nil {
		return err
	}
	return t.hand(ctx, text)
}

// reportScripts sends the results of issuer scripts (0620) until they are
// acknowledged.
func (t *Terminal) reportScripts(ctx context.Context, l *line) (bool, error) {
	if _, ok := t.Dialect.Transaction(wire.ScriptResult); !ok {
		return true, nil
	}
	for len(t.state.Scripts) > 0 {
		p := t.state.Scripts[0]
		ans, err := t.ask(ctx, l, wire.ScriptResult, func(wire.Code) (wire.Message, error) {
			return t.message(&p), nil
		})
		if isMiss(err) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if ans.Code != wire.Approved {
			t.Log.Warn().Str("stan", p.STAN).Str("code", string(ans.Code)).Msg("script result refused: not sent again")
		}
		if err := t.commit(func(s *State) { s.Scripts = s.Scripts[1:] }); err != nil {
			return false, err
		}
	}
	return true, nil
}
