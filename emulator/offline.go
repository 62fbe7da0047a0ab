package emulator

import (
	"context"
	"slices"

	"possim/emulator/kernel"
	"possim/host/wire"
)

// nothing goes with a durable write.
func nothing(*State) {}

// endOffline ends a sale that the card approved by itself, under the floor limit: it is
// booked, and the host told of it later.
func (x *txn) endOffline(ctx context.Context) (bool, error) {
	if c := x.out.Chip; c == nil || c.Decision != kernel.Approved {
		return false, nil
	}
	return true, x.bookOffline(ctx, nothing)
}

// abandon tells the card that the host cannot be asked, and reports whether it approves
// by itself all the same (8A = Y3).
func (x *txn) abandon(ctx context.Context) (stands bool, err error) {
	if x.asked == nil {
		return false, nil
	}
	return x.tellCard(ctx, nil)
}

// bookOffline makes an approval of the card's own count: in one durable write the journal
// has it, the message that tells the host is stored, and what else also does is done.
func (x *txn) bookOffline(ctx context.Context, also func(*State)) error {
	x.out.Result, x.out.Code, x.out.Cause = Approved, wire.Code(x.out.Chip.Code), ""
	err := x.commit(func(s *State) {
		also(s)
		p := x.offlineSale(s)
		e := x.entryOf(p, &wire.Message{})
		x.out.STAN, x.out.Date = p.STAN, e.Date
		slip, again := x.write(p, e)
		x.out.Slip = slip
		s.Offline = append(s.Offline, p)
		s.enter(p, e, again)
	})
	if err != nil {
		return err
	}
	if err := x.Face.Show(ctx, decided(x.out.Code)); err != nil {
		return err
	}
	return x.hand(ctx, x.out.Slip)
}

// offlineSale builds the message that tells of it, with the card's certificate (TC) in
// field 55 and the terminal's own time.
func (x *txn) offlineSale(s *State) Pending {
	tx, _ := x.Dialect.Transaction(wire.OfflineSale)
	now := x.now()
	p := Pending{
		Kind: wire.OfflineSale, STAN: s.nextSTAN(), Amount: x.out.Amount.Minor, Currency: x.chipTransaction().Amount.Currency,
		EntryMode: x.entryMode(), Sequence: x.charge.sequence, Chip: x.certificate(),
		Time: now.Format("150405"), Date: now.Format("0102"),
	}
	x.start(&p, tx, s.Batch)
	p.PAN = x.secrets().masked()
	p.Sealed = x.lock(secrets{charge: x.charge}, p.STAN)
	return p
}

// standIn books what the card approved by itself after the host was asked in vain: what
// was sent is reversed, and the sale told of under a number of its own.
func (x *txn) standIn(ctx context.Context, m *miss) error {
	x.out.Reversal = ReversalQueued
	if err := x.bookOffline(ctx, func(s *State) { s.queueOpen(m.reason()) }); err != nil {
		return err
	}
	done, err := x.flush(ctx, x.line)
	if done {
		x.out.Reversal = ReversalAcknowledged
	}
	return err
}

// cardDeclined takes back what the host approved and the card did not (RULES: a chip that
// declines afterwards).
func (x *txn) cardDeclined(ctx context.Context, p Pending, ans *wire.Message) error {
	x.out.Cause = CardDeclined
	if err := x.commit(func(s *State) { x.queueScripts(s, p, ans) }); err != nil {
		return err
	}
	return x.reverseOpen(ctx, &miss{CardDeclined, x.out.Note})
}

// certificate is field 55 with the card's last cryptogram.
func (x *txn) certificate() []byte {
	if x.out.Chip == nil || x.out.Chip.Decision != kernel.Approved {
		return nil
	}
	return x.out.Chip.Tags.Bytes()
}

// queueScripts keeps the results of the issuer's scripts, to be told (0620).
func (x *txn) queueScripts(s *State, p Pending, ans *wire.Message) {
	_, known := x.Dialect.Transaction(wire.ScriptResult)
	if x.out.Chip == nil || len(x.out.Chip.Scripts) == 0 || !known {
		return
	}
	q := p
	q.Kind, q.RRN, q.Auth, q.Acquirer = wire.ScriptResult, ans.RRN, ans.AuthCode, ans.Acquirer
	q.Original = wire.Original{Batch: p.batch(), STAN: p.STAN, Date: ans.Date}.Field61()
	q.Chip = x.out.Chip.Pick(kernel.UnionPayScript55...).Bytes()
	m := wire.Message{}
	tx, _ := x.Dialect.Transaction(wire.ScriptResult)
	x.begin(&m, tx, s.Batch)
	q.MTI, q.Private60, q.STAN = m.MTI, m.Private60, s.nextSTAN()
	s.Scripts = append(s.Scripts, q)
}

// acknowledge takes down what the host said of a sale that it was told of.
func (s *State) acknowledge(stan string, ans *wire.Message) {
	i := slices.IndexFunc(s.Journal, func(e Entry) bool { return e.STAN == stan })
	if i < 0 {
		return
	}
	s.Journal = slices.Clone(s.Journal)
	s.Journal[i].RRN, s.Journal[i].Auth = ans.RRN, ans.AuthCode
}
