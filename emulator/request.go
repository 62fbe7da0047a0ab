package emulator

import (
	"cmp"
	"fmt"

	"possim/host/wire"
)

// pending builds what a financial order sends, and a reversal repeats, from the
// next STAN of s. What is secret is not in it.
func (x *txn) pending(s *State) Pending {
	p := Pending{
		Kind: x.form.kind, STAN: s.nextSTAN(), Amount: x.out.Amount.Minor, Currency: x.out.Amount.Currency,
		EntryMode: x.entryMode(), Sequence: x.charge.sequence,
	}
	if x.decides() {
		p.Chip = x.out.Chip.Tags.Bytes()
	}
	if p.Currency == "" {
		p.Currency = x.Currency
	}
	x.start(&p, x.tx, s.Batch)
	if x.charge.entry == wayFallback {
		sub := wire.ParseSub60(p.Private60)
		sub.ICCondition = chipFailedBefore
		p.Private60 = sub.String()
	}
	x.name(&p)
	if x.byField90() {
		now := x.now()
		p.Time, p.Date = now.Format("150405"), now.Format("0102")
	}
	p.PAN = x.secrets().masked()
	p.Sealed = x.lock(secrets{charge: x.charge, code: x.code}, p.STAN)
	return p
}

// entryMode is F22: how the card was read, and whether a PIN goes with it.
func (x *txn) entryMode() string {
	switch {
	case x.code != "" || x.out.Entry == entryCode:
		return scanned
	case x.pin.Zero():
		return cmp.Or(x.charge.entry, waySwipe) + "2"
	}
	return cmp.Or(x.charge.entry, waySwipe) + "1"
}

// chipFailedBefore is 60.5 of a stripe that is read since the chip could not be.
const chipFailedBefore = "2"

// start takes MTI, F3, F25 and F60 of a kind into p.
func (t *Terminal) start(p *Pending, tx wire.Transaction, batch string) {
	m := wire.Message{}
	t.begin(&m, tx, batch)
	p.MTI, p.ProcessingCode, p.Condition, p.Private60 = m.MTI, m.ProcessingCode, m.Condition, m.Private60
}

// begin makes m a request of its kind in the terminal's dialect. What moves no
// money says no more in F60 than type, batch and network code.
func (t *Terminal) begin(m *wire.Message, tx wire.Transaction, batch string) {
	if tx.Type != "" {
		sub := wire.Sub60{Type: tx.Type, Batch: cmp.Or(batch, firstBatch), Network: cmp.Or(m.Sub60().Network, tx.Network)}
		if tx.Financial || tx.Kind == wire.ScriptResult {
			sub.ReadCapability, sub.ICCondition, sub.PartialDebit = t.capability(), "0", "0"
		}
		m.Private60 = sub.String()
	}
	tx.Start(m)
}

// name says which original an order means, as its kind does.
func (x *txn) name(p *Pending) {
	o := wire.Original{}
	if e := x.entry; e != nil {
		o.Batch, o.STAN = e.Batch, e.STAN
		p.F90 = e.F90
	}
	switch x.form.by {
	case byNothing:
		return
	case byVoucher:
		p.RRN = x.orig.RRN
	case byDated:
		p.RRN, o.Date = x.orig.RRN, x.orig.Date
	case byRRN:
		p.RRN, o = x.orig.RRN, wire.Original{Date: x.orig.Date}
		p.F63 = "000"
	case byAuth:
		p.Auth, o = x.orig.Auth, wire.Original{Date: x.orig.Date}
	}
	p.Original = o.Field61()
	if x.form.voids {
		p.Voids = x.orig.Voucher
	}
}

// message is the request that p keeps, without what is secret.
func (t *Terminal) message(p *Pending) wire.Message {
	m := wire.Message{
		MTI: p.MTI, ProcessingCode: p.ProcessingCode, STAN: p.STAN, Time: p.Time, Date: p.Date, EntryMode: p.EntryMode,
		Condition: p.Condition, Private60: p.Private60, TID: t.TID, MID: t.MID, Currency: p.Currency,
		RRN: p.RRN, AuthCode: p.Auth, Original: p.Original, Private63: p.F63, OriginalData: p.F90,
		CardSequence: p.Sequence, Chip: p.Chip, Acquirer: p.Acquirer,
	}
	if p.Kind != wire.Balance {
		m.Amount = p.Amount
		m.Has.Add(4) // an amount of 0 is sent too: the host refuses it
	}
	return m
}

// notice is a request that is repeated: 0800s, settlement and the like are built
// as they are needed and carry nothing that p would have to keep.
func (t *Terminal) notice(s *State, k wire.Kind) (wire.Message, error) {
	tx, ok := t.Dialect.Transaction(k)
	if !ok {
		return wire.Message{}, fmt.Errorf("%s: the dialect %s has no message for it", k, t.Dialect.Name())
	}
	m := wire.Message{TID: t.TID, MID: t.MID}
	if k != wire.Echo || t.byField90() { // UnionPay's echo is fields 41, 42 and 60 alone
		m.STAN = s.nextSTAN()
	}
	t.begin(&m, tx, s.Batch)
	if t.byField90() {
		now := t.now()
		m.Time, m.Date = now.Format("150405"), now.Format("0102")
	}
	return m, nil
}

// byField90 reports whether the dialect finds originals by field 90, and so by the
// terminal's clock: where network management has field 70, in the second bitmap.
// A UnionPay message ends at 64, though its dialect reads what lies beyond.
func (t *Terminal) byField90() bool {
	echo, _ := t.Dialect.Transaction(wire.Echo)
	return echo.Code70 != "" && t.Dialect.Carries(90)
}

// firstBatch is the batch of a terminal that never signed on.
const firstBatch = "000001"

// batch returns 60.2 of what is pending.
func (p *Pending) batch() string { return wire.ParseSub60(p.Private60).Batch }

// capability is 60.4: what the terminal can read.
func (t *Terminal) capability() string {
	switch {
	case t.Contactless:
		return "6" // contact and contactless chip
	case t.ChipReader:
		return "5" // contact chip
	}
	return "2" // stripe only
}

// reversal builds the 0400 of a transaction: the original's fields with its F11,
// the reason in F39, the code of a QR payment again, and F90 where the dialect
// finds originals by it. It carries no track (UnionPay table of transactions, 0400).
func (t *Terminal) reversal(p *Pending) wire.Message {
	m := wire.Message{
		ProcessingCode: p.ProcessingCode, Amount: p.Amount, Currency: p.Currency, STAN: p.STAN,
		EntryMode: p.EntryMode, Condition: p.Condition, Private60: p.Private60, Code: p.Reason, TID: t.TID, MID: t.MID,
		CardSequence: p.Sequence, Chip: reversal55(p.Chip),
	}
	m.Has.Add(4)
	tx, _ := t.Dialect.Transaction(wire.Reversal)
	tx.Start(&m)
	if t.byField90() {
		m.Time, m.Date = p.Time, p.Date
		m.OriginalData = wire.Original{MTI: p.MTI, STAN: p.STAN, Date: p.Date, Time: p.Time}.Field90()
	}
	return m
}
