package emulator

import (
	"context"
	"errors"
	"slices"

	"possim/emulator/kernel"
	"possim/host/hsm"
	"possim/host/money"
	"possim/host/wire"
)

// txn is one financial order on its way from the cashier to the slip.
type txn struct {
	*Terminal
	line  *line
	form  form
	tx    wire.Transaction
	order Order
	out   Outcome

	orig   Original
	entry  *Entry // the original in the journal; nil when it is not there
	charge charge
	code   wire.QRCode
	pin    hsm.PIN
	wrong  int    // PINs the host has refused
	told   string // what its last answer said beside the code

	wantsChip   bool           // a chip card was swiped
	chipsFailed int            // chip reads that failed
	noTap       bool           // the card wants its contacts used
	asked       *kernel.Kernel // of a chip that waits for the host's answer
	release     func() error   // lets the card in the reader go
}

// transact carries out a financial order. Each step either goes on or ends it.
func (t *Terminal) transact(ctx context.Context, l *line, o Order, f form) (Outcome, error) {
	x := &txn{Terminal: t, line: l, form: f, order: o, out: Outcome{Amount: o.Amount, Reversal: ReversalNone}}
	defer x.letGo()
	for _, step := range []func(context.Context) (bool, error){
		x.clear, x.ready, x.find, x.confirm, x.present, x.enterPIN, x.endOffline,
	} {
		if over, err := step(ctx); err != nil || over {
			return x.out, err
		}
	}
	for {
		err := x.send(ctx)
		if err != nil || x.out.Code != wire.WrongPIN || x.pin.Zero() || x.decides() {
			return x.out, err // a chip's cryptogram is for one request
		}
		if over, err := x.wrongPIN(ctx); err != nil || over {
			return x.out, err
		}
	}
}

// stop ends the order before anything was sent.
func (x *txn) stop(ctx context.Context, c Cause, s Screen) (over bool, err error) {
	x.out, err = x.refuse(ctx, x.out, c, s)
	return true, err
}

// clear sees that nothing stands in the way: nothing financial goes before a
// reversal or into a batch that is being settled (RULES: the terminal).
func (x *txn) clear(ctx context.Context) (bool, error) {
	if x.form.kind != wire.Purchase { // a sale begins with its amount
		if err := x.Face.Show(ctx, x.title()); err != nil {
			return true, err
		}
	}
	var ok bool
	if x.tx, ok = x.Dialect.Transaction(x.form.kind); !ok {
		x.out.Note = "the dialect " + x.Dialect.Name() + " has no message for it"
		return x.stop(ctx, NotSupported, screenNotSupported)
	}
	settled, err := x.flush(ctx, x.line)
	if err != nil {
		return true, err
	}
	if !settled {
		return x.stop(ctx, ReversalPending, screenPending)
	}
	if x.state.Settling != nil {
		if out, err := x.goOnSettling(ctx, x.line); err != nil || out.Result != Approved {
			x.out.Note = out.Note
			_, stopErr := x.stop(ctx, SettlePending, screenSettlePending)
			return true, errors.Join(err, stopErr)
		}
	}
	if x.state.InBatch >= mostInBatch {
		return x.stop(ctx, BatchFull, screenBatchFull)
	}
	return false, nil
}

// title names what the order is.
func (x *txn) title() Screen {
	if x.form.kind == wire.Balance {
		return screenInquiry
	}
	return Screen(x.form.slip)
}

// confirm has the amount entered twice; both entries must agree with each other
// and with the order (RULES: amount confirmed twice).
func (x *txn) confirm(ctx context.Context) (bool, error) {
	if x.form.amount == noAmount || x.form.amount == ofOriginal && x.entry != nil {
		return false, nil
	}
	agree := true
	for _, screen := range []Screen{screenAmount, screenAgain} {
		a, err := x.Face.Ask(ctx, Question{Kind: AskAmount, Screen: screen, Amount: x.out.Amount})
		switch {
		case err != nil:
			return true, err
		case a.Cancel:
			return x.stop(ctx, Cancelled, screenCancelled)
		case a.Amount != nil && *a.Amount != x.out.Amount:
			agree = false
		}
	}
	if !agree {
		return x.stop(ctx, AmountMismatch, screenMismatch)
	}
	return false, nil
}

// present takes the card or the code that pays.
func (x *txn) present(ctx context.Context) (bool, error) {
	if x.form.kind == wire.QR || x.form.by != byNothing && x.order.Code != "" {
		return x.scan(ctx)
	}
	if x.entry != nil && x.entry.Kind == wire.QR {
		x.out.Entry = entryCode
		x.code = x.unlock(x.entry.Sealed, x.entry.STAN).code
		return false, nil
	}
	if !x.form.card {
		return false, nil
	}
	return x.readCard(ctx)
}

// scan takes the customer's code.
func (x *txn) scan(ctx context.Context) (bool, error) {
	code, err := wire.ParseQRCode(x.order.Code)
	if err != nil {
		x.out.Note = err.Error()
		return x.stop(ctx, BadCode, screenBadCode)
	}
	x.code, x.out.Entry = code, entryCode
	return false, nil
}

// send sends the request and carries its end through.
func (x *txn) send(ctx context.Context) error {
	if err := x.Face.Show(ctx, screenDialling); err != nil {
		return err
	}
	if err := x.line.dial(ctx); err != nil && !(x.form.stored && isMiss(err)) {
		return x.unsent(ctx, err)
	}
	var p Pending
	err := x.commit(func(s *State) { p = x.take(s) })
	if err != nil {
		return err
	}
	x.out.STAN, x.out.Code = p.STAN, ""
	ans, err := x.converse(ctx, x.line, &p, x.secrets())
	for try := 1; x.queued(p.STAN) && try < x.Tries && isMiss(err); try++ {
		before := err
		if ans, err = x.converse(ctx, x.line, &p, x.secrets()); hostDown(err) || err == nil && unheard(ans.Code) {
			err = before // that one may have arrived
		}
	}
	if m, ok := errAs(err); ok {
		return x.unanswered(ctx, p, m)
	}
	if err != nil {
		return err
	}
	return x.decide(ctx, p, ans)
}

// take builds what is sent from the next STAN of s and keeps it there: open where
// it is reversed, queued where it is repeated until answered (RULES: a 0220), and
// nowhere where neither is done.
func (x *txn) take(s *State) Pending {
	p := x.pending(s)
	switch {
	case x.tx.Reversible:
		s.Open = &p
	case x.tx.Request == wire.MTIAdvice:
		s.Offline = append(s.Offline, p)
	}
	return p
}

// queued reports whether a notice of that STAN waits for its answer.
func (t *Terminal) queued(stan string) bool {
	return slices.ContainsFunc(t.state.Offline, func(p Pending) bool { return p.STAN == stan })
}

// unsent ends an order whose dial failed: nothing left, nothing is reversed.
func (x *txn) unsent(ctx context.Context, err error) error {
	m, ok := errAs(err)
	if !ok {
		return err
	}
	x.out.Note = m.note
	stands, err := x.abandon(ctx)
	if err != nil {
		return err
	}
	if stands {
		return x.bookOffline(ctx, nothing)
	}
	_, err = x.stop(ctx, HostDown, screenHostDown)
	return err
}

// unanswered ends an order whose request brought no answer that counts: with a
// reversal, unless not one byte of it was sent.
func (x *txn) unanswered(ctx context.Context, p Pending, m *miss) error {
	if m.cause == HostDown && !x.form.stored {
		if err := x.commit(func(s *State) { s.close(p.STAN) }); err != nil {
			return err
		}
		return x.unsent(ctx, m)
	}
	x.out.Result, x.out.Cause, x.out.Note = Unknown, m.cause, m.note
	stands, err := x.abandon(ctx)
	if err != nil {
		return err
	}
	if stands {
		return x.standIn(ctx, m)
	}
	if x.tx.Reversible {
		return x.reverseOpen(ctx, m)
	}
	if x.queued(p.STAN) {
		return x.Face.Show(ctx, screenStored)
	}
	return x.Face.Show(ctx, screenNoAnswer)
}

// reverseOpen queues the reversal of what is open and sends it. What the chip says now
// goes with it.
func (x *txn) reverseOpen(ctx context.Context, m *miss) error {
	x.out.Result, x.out.Reversal = Unknown, ReversalQueued
	err := x.commit(func(s *State) {
		if s.Open != nil && x.out.Chip != nil {
			s.Open.Chip = x.verdictOfChip().Bytes()
		}
		s.queueOpen(m.reason())
	})
	if err != nil {
		return err
	}
	if err := x.Face.Show(ctx, reversing(m.cause)); err != nil {
		return err
	}
	done, err := x.flush(ctx, x.line)
	if err != nil {
		return err
	}
	if !done {
		return x.Face.Show(ctx, screenQueued)
	}
	x.out.Result, x.out.Reversal = Reversed, ReversalAcknowledged
	return x.Face.Show(ctx, screenReversed)
}

// decide takes the host's answer to its end.
func (x *txn) decide(ctx context.Context, p Pending, ans *wire.Message) error {
	x.out.Code, x.out.RRN, x.out.Auth, x.told = ans.Code, ans.RRN, ans.AuthCode, texts(ans)
	if ans.Code == wire.Approved && x.form.kind != wire.Balance {
		if err := bookable(p, ans); err != nil {
			return x.cannotBook(ctx, err)
		}
	}
	stands, err := x.tellCard(ctx, ans)
	switch {
	case err != nil:
		return err
	case ans.Code != wire.Approved:
		x.out.Result = Declined
		if err := x.commit(func(s *State) { s.close(p.STAN); x.queueScripts(s, p, ans) }); err != nil {
			return err
		}
		return x.Face.Show(ctx, refused(ans))
	case x.form.kind == wire.Balance:
		return x.tell(ctx, p, ans)
	case !stands:
		return x.cardDeclined(ctx, p, ans)
	}
	return x.approve(ctx, p, ans)
}

// approve books what host and card agree on: one durable write, and only then the slip.
func (x *txn) approve(ctx context.Context, p Pending, ans *wire.Message) error {
	x.out.Result = Approved
	e := x.entryOf(p, ans)
	e.Chip = x.certificate()
	x.out.Date = e.Date
	text, err := x.book(ctx, p, e, func(s *State) { x.queueScripts(s, p, ans) })
	if err != nil {
		return x.cannotBook(ctx, err)
	}
	x.out.Slip = text
	if err := x.Face.Show(ctx, decided(ans.Code)); err != nil {
		return err
	}
	return x.hand(ctx, text)
}

// tell shows the balance the host told.
func (x *txn) tell(ctx context.Context, p Pending, ans *wire.Message) error {
	x.out.Result = Approved
	if err := x.commit(func(s *State) { x.queueScripts(s, p, ans) }); err != nil {
		return err
	}
	b, err := wire.ParseBalance(ans.Balance)
	if err != nil {
		x.out.Note = err.Error()
		return x.Face.Show(ctx, decided(ans.Code))
	}
	x.out.Balance = &b.Amount
	return x.Face.Show(ctx, screenBalance(b.Amount))
}

// amountOf gives an entry's or a pending message's amount its currency.
func amountOf(minor int64, c money.Currency) money.Amount {
	return money.Amount{Minor: minor, Currency: c}
}

// hostDown reports whether nothing was sent.
func hostDown(err error) bool {
	m, ok := errAs(err)
	return ok && m.cause == HostDown
}

// unheard reports whether a code says nothing of what the host did with an earlier
// try: it did not get as far as looking (RULES: order of refusals).
func unheard(c wire.Code) bool { return c == wire.SignOnAgain || c == wire.MACError }

// isMiss reports whether an exchange brought no answer of its own.
func isMiss(err error) bool {
	_, ok := errAs(err)
	return ok
}
