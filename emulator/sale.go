package emulator

import (
	"context"
	"errors"

	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// sale is a purchase from the amount to the slip.
func (t *Terminal) sale(ctx context.Context, l *line, o Order) (Outcome, error) {
	out := Outcome{Amount: o.Amount, Reversal: ReversalNone}
	settled, err := t.settle(ctx, l)
	if err != nil {
		return out, err
	}
	if !settled {
		return t.refuse(ctx, out, ReversalPending, screenPending)
	}
	if cause, screen, err := t.confirm(ctx, o); err != nil || cause != "" {
		return t.refuseOr(ctx, out, cause, screen, err)
	}
	swiped, cause, err := t.readCard(ctx, o, &out)
	if err != nil || cause != "" {
		return t.refuseOr(ctx, out, cause, readCause[cause], err)
	}
	return t.authorise(ctx, l, out, swiped)
}

// readCause is what the screen says when reading ended without a card to charge.
var readCause = map[Cause]Screen{NoCard: screenNoCard, ChipFirst: screenUseChip}

// refuse ends an order before anything was sent.
func (t *Terminal) refuse(ctx context.Context, out Outcome, c Cause, s Screen) (Outcome, error) {
	out.Result, out.Cause = Refused, c
	if c == ReversalPending {
		out.Reversal = ReversalQueued
	}
	return out, t.Face.Show(ctx, s)
}

func (t *Terminal) refuseOr(ctx context.Context, out Outcome, c Cause, s Screen, err error) (Outcome, error) {
	if err != nil {
		return out, err
	}
	return t.refuse(ctx, out, c, s)
}

// confirm has the amount entered twice; both entries must agree with each other
// and with the order (RULES: amount confirmed twice).
func (t *Terminal) confirm(ctx context.Context, o Order) (Cause, Screen, error) {
	for _, screen := range []Screen{screenAmount, screenAgain} {
		a, err := t.Face.Ask(ctx, Question{Kind: AskAmount, Screen: screen, Amount: o.Amount})
		switch {
		case err != nil:
			return "", Screen{}, err
		case a.Cancel:
			return Cancelled, screenCancelled, nil
		case a.Amount != nil && *a.Amount != o.Amount:
			return AmountMismatch, screenMismatch, nil
		}
	}
	return "", Screen{}, nil
}

// charge is a card that can be charged: what a sale needs of its stripe.
type charge struct {
	track2 card.TrackData
	parsed card.Track2
}

// readCard waits for a swipe whose track 2 can be used (RULES: a sale needs
// track 2 alone). A bad read is said by its name and the card asked for again.
func (t *Terminal) readCard(ctx context.Context, o Order, out *Outcome) (charge, Cause, error) {
	if err := t.Face.Show(ctx, screenSwipe); err != nil {
		return charge{}, "", err
	}
	ask := reader.Ask{Accept: []reader.Kind{reader.KindSwipe}, Amount: o.Amount.Minor}
	for {
		p, err := t.Reader.Next(ctx, ask)
		if errors.Is(err, reader.ErrEnd) {
			return charge{}, NoCard, nil
		}
		if err != nil {
			return charge{}, "", err
		}
		swipe, ok := p.(*reader.Swipe)
		if !ok {
			continue // not what was asked for
		}
		c, screen := t.use(swipe, out)
		if screen == (Screen{}) {
			return t.chipFirst(c, out)
		}
		if err := t.Face.Show(ctx, screen); err != nil {
			return charge{}, "", err
		}
	}
}

// use takes what a swipe delivered into the outcome; a screen other than the
// zero one says why the card cannot be charged.
func (t *Terminal) use(s *reader.Swipe, out *Outcome) (charge, Screen) {
	r := Read{Verdict: s.Verdict, Speed: s.Speed}
	for i, track := range s.Tracks {
		r.Tracks[i] = track.Status
	}
	out.Reads = append(out.Reads, r)
	if s.Tracks[1].Status != magstripe.StatusOK {
		return charge{}, unread(s.Verdict)
	}
	parsed, err := card.ParseTrack2(s.Tracks[1].Data)
	if err != nil {
		t.Log.Warn().Err(err).Msg("track 2 was read but is not a payment card's")
		return charge{}, screenUnreadable
	}
	out.PAN, out.Entry = parsed.PAN, string(reader.KindSwipe)
	return charge{track2: s.Tracks[1].Data, parsed: parsed}, Screen{}
}

// chipFirst sends a chip card to the chip reader where there is one (RULES: chip first).
func (t *Terminal) chipFirst(c charge, out *Outcome) (charge, Cause, error) {
	if t.ChipReader && c.parsed.ServiceCode.HasChip() {
		return charge{}, ChipFirst, nil
	}
	return c, "", nil
}

// authorise sends the purchase and carries its end through.
func (t *Terminal) authorise(ctx context.Context, l *line, out Outcome, c charge) (Outcome, error) {
	if err := t.Face.Show(ctx, screenDialling); err != nil {
		return out, err
	}
	if err := l.dial(ctx); err != nil {
		return t.unsent(ctx, out, err)
	}
	var req wire.Message
	err := t.commit(func(s *State) {
		req = t.purchase(s, out.Amount, c)
		s.Open = pending(&req)
	})
	if err != nil {
		return out, err
	}
	out.STAN = req.STAN
	ans, err := l.exchange(ctx, &req)
	if m, ok := errAs(err); ok {
		return t.unanswered(ctx, l, out, m)
	}
	if err != nil {
		return out, err
	}
	return t.decide(ctx, out, &req, ans)
}

// unsent ends an order whose dial failed: nothing left, nothing is reversed.
func (t *Terminal) unsent(ctx context.Context, out Outcome, err error) (Outcome, error) {
	m, ok := errAs(err)
	if !ok {
		return out, err
	}
	out.Note = m.note
	return t.refuse(ctx, out, HostDown, screenHostDown)
}

// unanswered ends an order whose request left and brought no answer: a reversal,
// reason 98, unless not one byte of it was sent.
func (t *Terminal) unanswered(ctx context.Context, l *line, out Outcome, m *miss) (Outcome, error) {
	if m.cause == HostDown {
		if err := t.commit(func(s *State) { s.Open = nil }); err != nil {
			return out, err
		}
		return t.unsent(ctx, out, m)
	}
	out.Result, out.Cause, out.Note, out.Reversal = Unknown, m.cause, m.note, ReversalQueued
	if err := t.commit(func(s *State) { s.queueOpen(wire.NoResponse) }); err != nil {
		return out, err
	}
	if err := t.Face.Show(ctx, screenReversing); err != nil {
		return out, err
	}
	done, err := t.settle(ctx, l)
	if err != nil {
		return out, err
	}
	if !done {
		return out, t.Face.Show(ctx, screenQueued)
	}
	out.Result, out.Reversal = Reversed, ReversalAcknowledged
	return out, t.Face.Show(ctx, screenReversed)
}

// decide books the host's answer: one durable write, and only then the slip.
func (t *Terminal) decide(ctx context.Context, out Outcome, req, ans *wire.Message) (Outcome, error) {
	out.Code, out.RRN, out.Auth = ans.Code, ans.RRN, ans.AuthCode
	if ans.Code != wire.Approved {
		out.Result = Declined
		if err := t.commit(func(s *State) { s.Open = nil }); err != nil {
			return out, err
		}
		return out, t.Face.Show(ctx, decided(ans.Code))
	}
	s := t.slip(out, req, ans)
	again := s
	again.Duplicate = true
	err := t.commit(func(st *State) { st.Open, st.LastSlip, st.Unprinted = nil, again.Text(), true })
	if err != nil {
		return out, err
	}
	out.Result, out.Slip = Approved, s.Text()
	if err := t.Face.Show(ctx, decided(ans.Code)); err != nil {
		return out, err
	}
	if err := t.Print(ctx, out.Slip); err != nil {
		return out, err
	}
	return out, t.commit(func(st *State) { st.Unprinted = false })
}
