package load

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
)

// till is one terminal and who works it: cashier, customer and printer.
type till struct {
	load     *Load
	index    int
	tid      string
	rng      *rand.Rand
	terminal *emulator.Terminal
	trunks   []*trunk // of its connections; it takes turns
	turn     int
	dialled  bool   // the order under way reached a host
	lost     bool   // and its connection broke
	card     *Card  // in the customer's hand
	past     []past // what may be named again, the oldest first
	orders   int

	player Player // nil has it draw what to do
	seat   *Seat
	hand   Hand // that works the order under way, with a player
}

// past is an approved order that another may name.
type past struct {
	kind    emulator.OrderKind
	voucher string
	amount  money.Amount
	card    *Card
}

// mostPast bounds how far back a terminal looks for an original.
const mostPast = 8

// trimEvery is how many orders a terminal's journal grows by before what no order will
// name is taken out of it.
const trimEvery = 1000

func newTill(l *Load, i int) *till {
	t := &till{load: l, index: i, tid: fmt.Sprintf("%08d", l.FirstTID+i), rng: rand.New(rand.NewPCG(l.Seed, uint64(l.FirstTID+i)))}
	if m := len(l.trunks); m <= l.Terminals {
		t.trunks = l.trunks[i%m : i%m+1]
	} else {
		for k := i; k < m; k += l.Terminals {
			t.trunks = append(t.trunks, l.trunks[k])
		}
	}
	t.start(emulator.State{})
	return t
}

// start puts the terminal to work from a state, which is kept in memory alone. It has no
// printer: laying out a slip takes longer than all else a terminal does for a sale.
func (t *till) start(s emulator.State) {
	l := t.load
	c := emulator.Config{TID: t.tid, MID: l.MID, MerchantName: "LOAD", MAC: l.MAC, AnswerWait: l.AnswerWait, Tries: 1}
	if l.Player != nil {
		c.PINEntry = l.MAC != "" // a PIN goes under keys that are exchanged with those of MACs
		if l.Chips != nil {
			c.ChipReader, c.Contactless, c.EMV = true, true, *l.Chips
		}
	}
	t.terminal = emulator.New(c, emulator.World{
		Reader: t, Face: t, Dial: t.dial, Dialect: l.Dialect, Now: l.Now, TMK: l.TMK, Random: l.Random, Log: l.Log,
		Save: func(emulator.State) error { return nil },
	}, s)
}

// dial takes the next of the terminal's connections.
func (t *till) dial(ctx context.Context) (wire.Link, error) {
	trunk := t.trunks[t.turn%len(t.trunks)]
	t.turn++
	link, err := trunk.connect(ctx, t.tid, &t.lost)
	t.dialled = t.dialled || err == nil
	return link, err
}

// work carries out orders until there are none to take.
func (t *till) work(ctx, work context.Context) {
	if d := t.load.enter(t.index); d > 0 && t.load.Sleep(ctx, d) != nil {
		return
	}
	for {
		intended, ok := t.load.take(ctx)
		if !ok {
			return
		}
		var rest bool
		if t.player != nil {
			rest = t.play(work, intended)
		} else {
			rest = t.drawn(work, intended)
		}
		if rest && t.load.Rate == 0 && t.load.Sleep(ctx, lull) != nil {
			return
		}
	}
}

// drawn carries out an order that chance gives. It reports whether the host needs a rest.
func (t *till) drawn(work context.Context, intended time.Time) (rest bool) {
	order := t.draw()
	out, err := t.do(work, order)
	if err == nil {
		t.remember(order, out)
	}
	t.tell(work, order.Kind, out, err, intended)
	return unserved(out)
}

// unserved reports whether an order ended at once for want of a host: one after the other
// would be begun and none sent.
func unserved(out emulator.Outcome) bool {
	return out.Cause == emulator.HostDown || out.Cause == emulator.ReversalPending
}

// tell counts an order that has ended.
func (t *till) tell(work context.Context, kind emulator.OrderKind, out emulator.Outcome, err error, begun time.Time) {
	now := t.load.Now()
	t.load.tally.order(kind, t.hand.Tag, t.ended(work, out, err), now.Sub(begun), now)
}

// lull is how long a terminal of a closed loop lets a host be that is not there.
const lull = 100 * time.Millisecond

// do carries out one order.
func (t *till) do(ctx context.Context, o emulator.Order) (emulator.Outcome, error) {
	t.dialled, t.lost = false, false
	out, err := t.terminal.Do(ctx, o)
	if t.orders++; t.orders%trimEvery == 0 && (t.player != nil || t.load.Mix[emulator.Settle] == 0) {
		t.trim()
	}
	return out, err
}

// draw chooses what to do and who pays. What needs an original is done to the newest
// there is; where there is none, one is made.
func (t *till) draw() emulator.Order {
	o := emulator.Order{Kind: t.load.Mix.draw(t.rng)}
	if original, needs := follows[o.Kind]; needs {
		i := slices.IndexFunc(t.past, func(p past) bool { return p.kind == original })
		if i < 0 {
			o.Kind = original
		} else {
			p := t.past[i]
			t.card, o.Original.Voucher, o.Amount = p.card, p.voucher, p.amount
			t.past = slices.Delete(t.past, i, i+1)
			return o
		}
	}
	t.card = &t.load.Cards[t.rng.IntN(len(t.load.Cards))]
	if o.Kind == emulator.Sale || o.Kind == emulator.PreAuth {
		o.Amount = money.Yuan(t.load.Amount)
	}
	return o
}

// remember keeps what may be named again.
func (t *till) remember(o emulator.Order, out emulator.Outcome) {
	switch {
	case out.Result != emulator.Approved:
	case o.Kind == emulator.Settle:
		t.past = t.past[:0]
	case o.Kind == emulator.Sale || o.Kind == emulator.PreAuth:
		t.past = append(t.past, past{o.Kind, out.STAN, out.Amount, t.card})
		if len(t.past) > mostPast {
			t.past = slices.Delete(t.past, 0, 1)
		}
	}
}

// mostKept bounds the batch of a terminal whose player may name anything in it. What a
// batch lost its settlement misses: a player that settles does so before.
const mostKept = 10_000

// trim takes out of the journal what no order will name: a terminal that never settles
// would keep each sale for ever.
func (t *till) trim() {
	s := t.terminal.State()
	if t.player != nil {
		if n := len(s.Journal); n > mostKept {
			s.Journal = slices.Clone(s.Journal[n-mostKept/2:])
			t.start(s)
		}
		return
	}
	s.Journal = slices.DeleteFunc(s.Journal, func(e emulator.Entry) bool {
		return !slices.ContainsFunc(t.past, func(p past) bool { return p.voucher == e.STAN })
	})
	t.start(s)
}

// ended is how an order counts: by the host's code, or by the cause of an error.
func (t *till) ended(work context.Context, out emulator.Outcome, err error) result {
	r := result{code: out.Code, cause: string(out.Cause), approved: out.Result == emulator.Approved}
	switch {
	case err != nil && work.Err() != nil:
		r.cause = causeInterrupted
	case err != nil:
		r.cause = causeFault
		t.load.Log.Error().Err(err).Str("tid", t.tid).Msg("a terminal could not act")
	case out.Cause == emulator.NoAnswer && t.lost:
		r.cause = causeLost
	case out.Settlement != nil && !out.Settlement.Balanced():
		r.cause = causeUnbalanced
	case out.Result == emulator.Unknown || out.Result == emulator.Refused || out.Result == emulator.Reversed:
		r.cause = cmp.Or(r.cause, string(out.Result))
	}
	r.sent = t.dialled && out.Result != emulator.Refused
	r.answered = r.cause == ""
	return r
}

// Next presents the customer's card.
func (t *till) Next(context.Context, reader.Ask) (reader.Presentation, error) {
	switch {
	case t.player == nil:
		return t.card.Swipe(), nil
	case t.hand.Present == nil:
		return nil, reader.ErrEnd
	}
	present := t.hand.Present
	t.hand.Present = nil // a terminal that does not take it would ask for ever
	return present()
}

// Close does nothing: there is no device.
func (t *till) Close() error { return nil }

// Show shows nobody anything.
func (t *till) Show(context.Context, emulator.Screen) error { return nil }

// Ask agrees, and types the PIN of the hand that is there.
func (t *till) Ask(_ context.Context, q emulator.Question) (emulator.Answer, error) {
	if q.Kind == emulator.AskPIN {
		return emulator.Answer{PIN: t.hand.PIN}, nil
	}
	return emulator.Answer{}, nil
}
