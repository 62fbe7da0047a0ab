package emulator

import (
	"cmp"
	"context"

	"possim/emulator/slip"
	"possim/host/money"
	"possim/host/wire"
)

// purchase builds a sale's request; it takes the next STAN from s.
func (t *Terminal) purchase(s *State, amount money.Amount, c charge) wire.Message {
	m := t.request(s, wire.Purchase)
	m.Amount, m.Currency = amount.Minor, amount.Currency
	m.Has.Add(4)        // an amount of 0 is sent too: the host refuses it
	m.EntryMode = "022" // swiped, PIN entry bypassed
	m.Track2 = c.track2
	m.Expiry = c.parsed.Expiry.String()
	return m
}

// request is what all requests of a kind have in common. The clock is sent where
// the dialect's originals are found by it (F90); UnionPay's host tells the time.
func (t *Terminal) request(s *State, k wire.Kind) wire.Message {
	m := wire.Message{STAN: s.nextSTAN(), TID: t.TID, MID: t.MID}
	t.start(&m, k, s.Batch)
	if t.Dialect.Carries(90) {
		now := t.Now()
		m.Time, m.Date = now.Format("150405"), now.Format("0102")
	}
	return m
}

// start makes m a request of its kind in the terminal's dialect.
func (t *Terminal) start(m *wire.Message, k wire.Kind, batch string) {
	kind, _ := t.Dialect.Transaction(k)
	if kind.Type != "" {
		m.Private60 = wire.Sub60{Type: kind.Type, Batch: cmp.Or(batch, firstBatch), Network: kind.Network,
			ReadCapability: t.capability(), ICCondition: "0", PartialDebit: "0"}.String()
	}
	kind.Start(m)
}

// firstBatch is the batch of a terminal that never signed on.
const firstBatch = "000001"

// capability is 60.4: what the terminal can read.
func (t *Terminal) capability() string {
	if t.ChipReader {
		return "5" // contact chip
	}
	return "2" // stripe only
}

// pending keeps what a reversal of m repeats.
func pending(m *wire.Message) *Pending {
	return &Pending{
		MTI: m.MTI, ProcessingCode: m.ProcessingCode, Amount: m.Amount, Currency: m.Currency, STAN: m.STAN,
		Time: m.Time, Date: m.Date, EntryMode: m.EntryMode, Condition: m.Condition, Private60: m.Private60,
	}
}

// reversal builds the 0400 of a transaction: the original's fields with its F11,
// the reason in F39, and F90 where the dialect finds originals by it. It carries
// no card data (UnionPay table of transactions, 0400).
func (t *Terminal) reversal(p Pending) wire.Message {
	m := wire.Message{
		ProcessingCode: p.ProcessingCode, Amount: p.Amount, Currency: p.Currency, STAN: p.STAN,
		EntryMode: p.EntryMode, Condition: p.Condition, Private60: p.Private60, Code: p.Reason, TID: t.TID, MID: t.MID,
	}
	m.Has.Add(4)
	kind, _ := t.Dialect.Transaction(wire.Reversal)
	kind.Start(&m)
	if t.Dialect.Carries(90) {
		m.Time, m.Date = p.Time, p.Date
		m.OriginalData = wire.Original{MTI: p.MTI, STAN: p.STAN, Date: p.Date, Time: p.Time}.Field90()
	}
	return m
}

// echo asks the host whether it is there.
func (t *Terminal) echo(ctx context.Context, l *line) (Outcome, error) {
	out := Outcome{Reversal: ReversalNone}
	var req wire.Message
	if err := t.commit(func(s *State) { req = t.request(s, wire.Echo) }); err != nil {
		return out, err
	}
	ans, err := l.exchange(ctx, &req)
	if m, ok := errAs(err); ok {
		out.Note = m.note
		return t.refuse(ctx, out, m.cause, screenHostDown)
	}
	if err != nil {
		return out, err
	}
	out.Result, out.Code, out.STAN = Approved, ans.Code, req.STAN
	if ans.Code != wire.Approved {
		out.Result = Declined
		return out, t.Face.Show(ctx, decided(ans.Code))
	}
	return out, t.Face.Show(ctx, screenEchoed)
}

// slip is the sales slip of an approved sale.
func (t *Terminal) slip(out Outcome, req, ans *wire.Message) slip.Slip {
	return slip.Slip{
		MerchantName: t.MerchantName, MID: t.MID, TID: t.TID, PAN: out.PAN, Entry: slip.Swiped, Kind: slip.Sale,
		Batch: req.Batch(), Voucher: req.STAN, Auth: ans.AuthCode, RRN: ans.RRN,
		At: t.Now(), Amount: out.Amount,
	}
}
