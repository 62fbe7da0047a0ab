package emulator

import (
	"cmp"
	"context"
	"slices"
	"time"

	"possim/host/wire"
)

// mostInBatch bounds the voucher numbers of a batch: none comes twice in one, and
// what is left of the million is for settling it.
const mostInBatch = 800_000

// nextSTAN is 1 to 999999 and wraps (ISO 8583 F11, n6).
func (s *State) nextSTAN() string {
	s.LastSTAN = s.LastSTAN%999_999 + 1
	s.InBatch++
	return sixDigits(s.LastSTAN)
}

// find looks for the original an order names: in the journal by its voucher,
// otherwise what the cashier typed from the slip has to do.
func (x *txn) find(ctx context.Context) (bool, error) {
	if x.form.by == byNothing {
		return false, nil
	}
	o := x.order.Original
	x.entry = x.state.entry(o, x.form.of)
	if e := x.entry; e != nil {
		if e.Void && x.form.voids {
			return x.stop(ctx, AlreadyVoid, screenAlreadyVoid)
		}
		o = Original{Voucher: e.STAN, RRN: cmp.Or(o.RRN, e.RRN), Auth: cmp.Or(o.Auth, e.Auth), Date: cmp.Or(o.Date, e.Date)}
		if x.form.amount == ofOriginal {
			x.out.Amount = amountOf(e.Amount, e.Currency)
		}
		if err := x.Face.Show(ctx, screenOriginal(*e)); err != nil {
			return true, err
		}
	}
	o.Date = cmp.Or(o.Date, x.now().Format("0102"))
	x.orig = o
	switch x.form.by {
	case byVoucher, byDated:
		if x.entry == nil {
			return x.stop(ctx, NoOriginal, screenNoOriginal)
		}
	case byRRN:
		if o.RRN == "" {
			return x.stop(ctx, NoOriginal, screenNoOriginal)
		}
	case byAuth:
		if o.Auth == "" {
			return x.stop(ctx, NoOriginal, screenNoOriginal)
		}
	}
	return false, nil
}

// entry finds a transaction of the batch by its voucher number or, without one, by
// what else names it. The last one counts.
func (s *State) entry(o Original, of []wire.Kind) *Entry {
	for i := len(s.Journal) - 1; i >= 0; i-- {
		e := s.Journal[i]
		if !slices.Contains(of, e.Kind) {
			continue
		}
		named := o.Voucher != "" && e.STAN == o.Voucher ||
			o.Voucher == "" && (o.RRN != "" && e.RRN == o.RRN || o.Auth != "" && e.Auth == o.Auth && cmp.Or(o.Date, e.Date) == e.Date)
		if named {
			return &e
		}
	}
	return nil
}

// entryOf is what the journal keeps of an approval. The host's clock dates it.
func (t *Terminal) entryOf(p Pending, ans *wire.Message) Entry {
	now := t.now()
	e := Entry{
		Kind: cmp.Or(p.Kind, wire.Purchase), STAN: p.STAN, Batch: p.batch(), Amount: p.Amount, Currency: p.Currency,
		PAN: p.PAN, Sealed: p.Sealed, EntryMode: p.EntryMode, Sequence: p.Sequence, RRN: ans.RRN, Auth: ans.AuthCode,
		Date: cmp.Or(ans.Date, now.Format("0102")), Time: cmp.Or(ans.Time, now.Format("150405")),
	}
	if t.byField90() {
		e.F90 = wire.Original{MTI: p.MTI, STAN: p.STAN, Date: p.Date, Time: p.Time}.Field90()
	}
	return e
}

// at is when an entry was made, by the host's clock.
func (t *Terminal) at(e Entry) time.Time {
	if at, ok := t.hostTime(&wire.Message{Date: e.Date, Time: e.Time}); ok {
		return at
	}
	return t.now()
}

// book makes an approval count: in one durable write the journal has it, what it
// voids is void, nothing is open, and its slip is kept for a reprint.
func (x *txn) book(_ context.Context, p Pending, e Entry, also func(*State)) (slip string, err error) {
	slip, again := x.write(p, e)
	return slip, x.commit(func(st *State) {
		st.close(p.STAN)
		st.enter(p, e, again)
		also(st)
	})
}

// write is a slip, and as a reprint would show it. Without a printer there is neither.
func (x *txn) write(p Pending, e Entry) (slip, again string) {
	if x.Print == nil {
		return "", ""
	}
	s := x.slip(p, e)
	s.Chip = x.chipSlip()
	slip, s.Duplicate = s.Text(), true
	return slip, s.Text()
}

// enter puts an approval into the journal, and keeps its slip for a reprint.
func (s *State) enter(p Pending, e Entry, again string) {
	s.Journal = append(s.Journal, e)
	if p.Voids != "" {
		s.voided(p.Voids)
	}
	s.LastSlip, s.Unprinted = again, again != ""
}

// hand prints a slip that was booked, where there is a printer.
func (t *Terminal) hand(ctx context.Context, slip string) error {
	if t.Print == nil {
		return nil
	}
	if err := t.Print(ctx, slip); err != nil {
		return err
	}
	return t.commit(func(s *State) { s.Unprinted = false })
}
