package emulator

import (
	"context"

	"possim/emulator/slip"
	"possim/host/wire"
	"possim/reader/card"
)

// Settling is a settlement under way. It is durable at every step, so that a power
// cut goes on where it was.
type Settling struct {
	Batch string `json:"batch"` // a sign-on meanwhile may have brought another
	Stage stage  `json:"stage"`
	STAN  string `json:"stan,omitempty"`  // of the message of this stage that may have been sent
	Sent  int    `json:"sent,omitempty"`  // details the host has acknowledged
	Chips int    `json:"chips,omitempty"` // chip transactions whose certificates it has acknowledged
	F48   string `json:"f48,omitempty"`   // the host's answer: the sums with its verdict
	Moved bool   `json:"moved,omitempty"` // the host has refused one batch already

	Declined bool `json:"declined,omitempty"` // the host has declined this message once
}

// stage is where a settlement is.
type stage string

// The stages of a settlement (UnionPay: 0500, 0320 with details, 0320 for each chip
// transaction, 0320 end).
const (
	sendTotals  stage = "totals"
	sendDetails stage = "details"
	sendChips   stage = "chips"
	sendEnd     stage = "end"
)

// Report is what a settlement came to.
type Report struct {
	Batch  string
	Totals wire.Totals // with the host's verdict on each side
}

// Balanced reports whether the host's sums are the terminal's.
func (r Report) Balanced() bool { return r.Totals.Domestic.Agreed.OK() && r.Totals.Foreign.Agreed.OK() }

// Totals adds the open batch up. A card's scheme is not told apart: all are domestic.
func (s *State) Totals() (sum wire.Totals) {
	d := &sum.Domestic
	for _, e := range s.Journal {
		switch formOf(e.Kind).side {
		case debit:
			d.Debit, d.DebitCount = d.Debit+e.Amount, d.DebitCount+1
		case credit:
			d.Credit, d.CreditCount = d.Credit+e.Amount, d.CreditCount+1
		}
	}
	// Three digits count to 999. A fuller batch says 999, does not balance, and is
	// uploaded in detail.
	d.DebitCount, d.CreditCount = min(d.DebitCount, 999), min(d.CreditCount, 999)
	return sum
}

// settleBatch closes the batch (批结算): what is stored goes first, then the totals,
// the details where they differ, and the end; then the batch is empty and the next
// sign-on brings a new one.
func (t *Terminal) settleBatch(ctx context.Context, l *line) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone}
	if t.state.Settling == nil {
		cause, screen, err := t.emptyQueues(ctx, l)
		if err != nil {
			return out, err
		}
		if cause != "" {
			return t.refuse(ctx, out, cause, screen)
		}
		if err := t.commit(func(s *State) { s.Settling = &Settling{Batch: t.batch(), Stage: sendTotals} }); err != nil {
			return out, err
		}
	}
	return t.goOnSettling(ctx, l)
}

// emptyQueues sends script results, reversals and stored notices, in this order,
// and names what would not go.
func (t *Terminal) emptyQueues(ctx context.Context, l *line) (Cause, Screen, error) {
	for _, q := range []struct {
		send   func() (bool, error)
		cause  Cause
		screen Screen
	}{
		{func() (bool, error) { return t.reportScripts(ctx, l) }, OfflinePending, screenOfflinePending},
		{func() (bool, error) { return t.flush(ctx, l) }, ReversalPending, screenPending},
		{func() (bool, error) { return t.forward(ctx, l, t.Tries) }, OfflinePending, screenOfflinePending},
	} {
		if done, err := q.send(); err != nil || !done {
			return q.cause, q.screen, err
		}
	}
	return "", Screen{}, nil
}

// goOnSettling carries a settlement from wherever it is to its end. A message
// without an answer leaves it there; the same message goes first the next time.
func (t *Terminal) goOnSettling(ctx context.Context, l *line) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone, Batch: t.state.Settling.Batch}
	if err := t.Face.Show(ctx, screenSettling); err != nil {
		return out, err
	}
	for {
		stan, ans, err := t.settleStep(ctx, l)
		out.STAN = stan
		if m, ok := errAs(err); ok {
			out.Result, out.Cause, out.Note = Unknown, m.cause, m.note
			return out, t.Face.Show(ctx, screenSettlePending)
		}
		if err != nil {
			return out, err
		}
		out.Code = ans.Code
		if moved, err := t.followBatch(ctx, l, ans); err != nil || moved {
			if err != nil {
				return out, err
			}
			out.Batch = t.state.Settling.Batch
			continue
		}
		declined := ans.Code != wire.Approved && ans.Code != "" // a 0510 has no F39
		if declined && !t.state.Settling.Declined {
			return t.settlementRefused(ctx, out, ans)
		}
		if t.state.Settling.Stage == sendEnd || t.last(t.state.Settling.Stage) {
			return t.closeBatch(ctx, out, ans)
		}
		if err := t.advance(ans); err != nil {
			return out, err
		}
	}
}

// followBatch signs on, once, where the host refuses the batch to be settled (77):
// it has none open, or another. What the terminal has is settled under the number
// the host has open then; the sums may differ there, and the details say in what.
func (t *Terminal) followBatch(ctx context.Context, l *line, ans *wire.Message) (bool, error) {
	if ans.Code != wire.SignOnAgain || t.state.Settling.Stage != sendTotals || t.state.Settling.Moved {
		return false, nil
	}
	signed, err := t.signOn(ctx, l)
	if err != nil || signed.Result != Approved {
		return false, err
	}
	return true, t.commit(func(s *State) { s.Settling = &Settling{Batch: t.batch(), Stage: sendTotals, Moved: true} })
}

// settlementRefused ends an order whose settlement the host declines. Totals that
// are declined leave the batch as it is. What follows them is sent once more by the
// next order; declined again it is let be, since a terminal whose totals were
// compared must not stay shut over their details.
func (t *Terminal) settlementRefused(ctx context.Context, out Outcome, ans *wire.Message) (Outcome, error) {
	out.Result = Declined
	err := t.commit(func(s *State) {
		if s.Settling.Stage == sendTotals {
			s.Settling = nil
			return
		}
		s.Settling.STAN, s.Settling.Declined = "", true
	})
	if err != nil {
		return out, err
	}
	return out, t.Face.Show(ctx, refused(ans))
}

// last reports whether nothing follows a stage: the ISO dialects have totals alone.
func (t *Terminal) last(s stage) bool {
	_, ok := t.Dialect.Transaction(wire.BatchEnd)
	return !ok && s == sendTotals
}

// settleStep sends the message of the stage, with the STAN it had before a power
// cut, up to Tries times.
func (t *Terminal) settleStep(ctx context.Context, l *line) (stan string, ans *wire.Message, err error) {
	var req wire.Message
	var buildErr error
	err = t.commit(func(s *State) { req, buildErr = t.settleMessage(s) })
	if err != nil || buildErr != nil {
		return "", nil, firstError(err, buildErr)
	}
	for try := 0; ; try++ {
		ans, err = l.exchange(ctx, &req, seals{})
		if !isMiss(err) || try+1 >= t.Tries {
			return req.STAN, ans, err
		}
	}
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// settleMessage builds the message of the stage and notes its STAN.
func (t *Terminal) settleMessage(s *State) (m wire.Message, err error) {
	at := s.Settling
	balanced := at.balanced()
	kind := map[stage]wire.Kind{sendTotals: wire.Settlement, sendDetails: wire.BatchUpload, sendChips: wire.BatchUpload, sendEnd: wire.BatchEnd}[at.Stage]
	kept, counted := at.STAN, s.LastSTAN
	if m, err = t.notice(s, kind); err != nil {
		return m, err
	}
	if kept != "" { // sent before: the number it drew just now is given back
		m.STAN, s.LastSTAN = kept, counted
		s.InBatch--
	}
	at.STAN = m.STAN
	sub := m.Sub60()
	if sub.Batch != "" {
		sub.Batch = at.Batch
	}
	switch at.Stage {
	case sendTotals:
		m.Currency, m.Private63 = t.Currency, wire.Operator63(t.operator())
		m.Private48, err = s.Totals().Field48()
	case sendDetails:
		m.Private48, err = wire.Details48(t.details(s, at.Sent))
	case sendChips:
		sub.Network, err = t.certificate(&m, s.chips()[at.Chips], balanced)
	case sendEnd:
		m.Private48, err = wire.Uploaded48(at.Sent % 10_000)
		if !balanced {
			sub.Network = endUnbalanced
		}
	}
	m.Private60 = sub.String()
	return m, err
}

// endUnbalanced is 60.3 of the end of an upload that followed sums which differ.
const endUnbalanced = "202"

// balanced reads the host's verdict. A host that gives none agrees; one whose sums
// cannot be read does not, and gets the details.
func (s *Settling) balanced() bool {
	domestic, foreign := s.verdict()
	return domestic.OK() && foreign.OK()
}

// verdict is what the host says of each side of the sums.
func (s *Settling) verdict() (domestic, foreign wire.Agreed) {
	if s.F48 == "" {
		return wire.NotCompared, wire.NotCompared
	}
	totals, err := wire.ParseTotals(s.F48)
	if err != nil {
		return wire.NotReconciled, wire.NotReconciled
	}
	return totals.Domestic.Agreed, totals.Foreign.Agreed
}

// details are the next of the batch to upload, at most eight.
func (t *Terminal) details(s *State, from int) []wire.Detail {
	var all []wire.Detail
	for i, e := range s.counted() {
		if i < from || len(all) == wire.MostDetails {
			continue
		}
		pan := t.unlock(e.Sealed, e.STAN).charge.pan
		all = append(all, wire.Detail{CardType: domestic, STAN: e.STAN, PAN: card.PAN(pan), Amount: e.Amount})
	}
	return all
}

// domestic is the card type of a detail: 00 UnionPay, 01 foreign.
const domestic = "00"

// counted are the entries that the totals count.
func (s *State) counted() (all []Entry) {
	for _, e := range s.Journal {
		if formOf(e.Kind).side != neither {
			all = append(all, e)
		}
	}
	return all
}

// advance goes to the next stage, or the next message of the details.
func (t *Terminal) advance(ans *wire.Message) error {
	return t.commit(func(s *State) {
		at := s.Settling
		at.STAN, at.Declined = "", false
		switch at.Stage {
		case sendTotals:
			at.F48 = ans.Private48
		case sendDetails:
			at.Sent = min(at.Sent+wire.MostDetails, len(s.counted()))
		case sendChips:
			at.Chips++
		}
		switch {
		case !at.balanced() && at.Sent < len(s.counted()):
			at.Stage = sendDetails
		case at.Chips < len(s.chips()):
			at.Stage = sendChips
		default:
			at.Stage = sendEnd
		}
	})
}

// closeBatch books the settlement in one durable write and prints its slip. The
// batch counts on by itself; the keys end with it, so that the next sign-on brings
// the host's.
func (t *Terminal) closeBatch(ctx context.Context, out Outcome, ans *wire.Message) (Outcome, error) {
	at := *t.state.Settling
	if at.Stage == sendTotals {
		at.F48 = ans.Private48
	}
	r := Report{Batch: at.Batch, Totals: t.state.Totals()}
	r.Totals.Domestic.Agreed, r.Totals.Foreign.Agreed = at.verdict()
	slip, again := t.writeTotals(r)
	err := t.commit(func(st *State) {
		st.Settling, st.Journal = nil, nil
		if t.batch() == r.Batch {
			st.Batch, st.InBatch, st.Keys = nextBatch(r.Batch), 0, ""
		}
		st.LastSlip, st.Unprinted = again, again != ""
	})
	if err != nil {
		return out, err
	}
	out.Result, out.Settlement, out.Slip = Approved, &r, slip
	screen := screenBalanced
	if !r.Balanced() {
		screen = screenUnbalanced
	}
	if err := t.Face.Show(ctx, screen); err != nil {
		return out, err
	}
	return out, t.hand(ctx, out.Slip)
}

// writeTotals is the 结算总计单, and as a reprint would show it. Without a printer there
// is neither.
func (t *Terminal) writeTotals(r Report) (text, again string) {
	if t.Print == nil {
		return "", ""
	}
	s := slip.Totals{
		MerchantName: t.MerchantName, MID: t.MID, TID: t.TID, Operator: t.slipOperator(), Batch: r.Batch,
		At: t.now(), Currency: t.Currency, Totals: r.Totals,
	}
	text, s.Duplicate = s.Text(), true
	return text, s.Text()
}
