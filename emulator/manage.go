package emulator

import (
	"context"

	"possim/host/wire"
)

// manage carries out what moves no money: a request, an answer, a screen. over is
// true when the order has ended with that: without an answer, or declined.
func (t *Terminal) manage(ctx context.Context, l *line, k wire.Kind, fill func(*wire.Message) error) (ans *wire.Message, out Outcome, over bool, err error) {
	out = Outcome{Reversal: ReversalNone}
	if _, ok := t.Dialect.Transaction(k); !ok {
		out.Note = "the dialect " + t.Dialect.Name() + " has no message for it"
		out, err = t.refuse(ctx, out, NotSupported, screenNotSupported)
		return nil, out, true, err
	}
	req, err := t.draw(k, fill)
	if err != nil {
		return nil, out, true, err
	}
	out.STAN = req.STAN
	ans, err = l.exchange(ctx, &req, seals{})
	if m, ok := errAs(err); ok {
		out.Note = m.note
		screen := screenUnanswered
		if m.cause == HostDown {
			screen = screenHostDown
		}
		out, err = t.refuse(ctx, out, m.cause, screen)
		return nil, out, true, err
	}
	if err != nil {
		return nil, out, true, err
	}
	out.Result, out.Code = Approved, ans.Code
	if ans.Code != wire.Approved {
		out.Result = Declined
		return ans, out, true, t.Face.Show(ctx, refused(ans))
	}
	return ans, out, false, nil
}

// draw builds a request of a kind under the next STAN, durably taken.
func (t *Terminal) draw(k wire.Kind, fill func(*wire.Message) error) (req wire.Message, err error) {
	commitErr := t.commit(func(s *State) { req, err = t.notice(s, k) })
	if commitErr != nil {
		return req, commitErr
	}
	if err == nil && fill != nil {
		err = fill(&req)
	}
	return req, err
}

// echo asks the host whether it is there.
func (t *Terminal) echo(ctx context.Context, l *line) (Outcome, error) {
	_, out, over, err := t.manage(ctx, l, wire.Echo, nil)
	if err != nil || over {
		return out, err
	}
	return out, t.Face.Show(ctx, screenEchoed)
}

// allWell is F62 of a status report: parts 01 to 05, each in order (1). The text
// is the one seen in public; what each part is was not published with it.
const allWell = "011021031041051"

// status reports the terminal's condition (状态上送).
func (t *Terminal) status(ctx context.Context, l *line) (Outcome, error) {
	_, out, over, err := t.manage(ctx, l, wire.Status, func(m *wire.Message) error {
		m.Private62 = []byte(allWell)
		return nil
	})
	if err != nil || over {
		return out, err
	}
	return out, t.Face.Show(ctx, screenReported)
}

// signOff ends the working keys (签退). What is queued goes first: after it there
// is no key to seal a reversal with.
func (t *Terminal) signOff(ctx context.Context, l *line) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone}
	settled, err := t.flush(ctx, l)
	if err != nil {
		return out, err
	}
	if !settled {
		return t.refuse(ctx, out, ReversalPending, screenPending)
	}
	_, out, over, err := t.manage(ctx, l, wire.SignOff, nil)
	if err != nil || over {
		return out, err
	}
	if err := t.commit(func(s *State) { s.Keys = "" }); err != nil {
		return out, err
	}
	return out, t.Face.Show(ctx, screenSignedOff)
}

// signOperator notes who works at the terminal: 63.1 of its requests and a line on
// its slips. Nothing is sent.
func (t *Terminal) signOperator(ctx context.Context, o Order) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone}
	if len(o.Operator) != 2 || !digits(o.Operator) {
		out.Note = "an operator's number has two digits"
		return t.refuse(ctx, out, BadOperator, screenBadOperator)
	}
	if err := t.commit(func(s *State) { s.Operator = o.Operator }); err != nil {
		return out, err
	}
	out.Result = Approved
	return out, t.Face.Show(ctx, screenOperator)
}

// digits reports whether s is one or more digits.
func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
