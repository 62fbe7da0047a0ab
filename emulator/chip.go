package emulator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"possim/emulator/kernel"
	"possim/host/wire"
	"possim/reader"
	"possim/reader/card"
	"possim/reader/emv"
)

// wholeChip reports whether the chip takes part in deciding on the order. What follows
// up an earlier transaction only reads who the card is (PBOC's simplified flow).
func (x *txn) wholeChip() bool { return x.form.by == byNothing }

// inserted runs the kernel on a chip card as far as it gets without the issuer.
func (x *txn) inserted(ctx context.Context, c *reader.Chip) (reading, error) {
	x.hold(c.Release)
	if err := emv.CheckATR(c.ATR); err != nil && len(c.ATR) > 0 {
		defer x.letGo()
		return x.judge(ctx, reader.KindChip, kernel.Result{Decision: kernel.Fallback, Cause: kernel.CauseFormat, Err: err}, nil)
	}
	k, t := x.kernel(), x.timed(c.Card)
	run := k.Identify
	if x.wholeChip() {
		run = k.Start
	}
	r, err := run(ctx, t, x.chipTransaction())
	got, err := x.judge(ctx, reader.KindChip, r, err)
	if r.Decision == kernel.Online && err == nil {
		x.asked = k
	} else {
		x.letGo()
	}
	return got, err
}

// tapped runs the contactless kernel on a card in the field: it may leave at once.
func (x *txn) tapped(ctx context.Context, c *reader.Tap) (reading, error) {
	x.hold(c.Release)
	defer x.letGo()
	r, err := x.kernel().Tap(ctx, x.timed(c.Card), x.chipTransaction())
	return x.judge(ctx, reader.KindTap, r, err)
}

// decides reports whether a chip has taken part in deciding: its cryptogram is for one
// request, and its CVM list has said whether a PIN is entered.
func (x *txn) decides() bool {
	return x.out.Chip != nil && x.charge.chip() && x.out.Chip.Decision != kernel.Identified
}

// judge takes what the kernel made of a card to the next step of the order.
func (x *txn) judge(ctx context.Context, how reader.Kind, r kernel.Result, err error) (reading, error) {
	x.out.Reads = append(x.out.Reads, Read{Kind: how, Chip: r.Decision})
	if errors.Is(err, errKeyCancel) {
		_, err = x.stop(ctx, Cancelled, screenCancelled)
		return readOver, err
	}
	if err != nil {
		return readOver, err
	}
	if how == reader.KindTap && r.Cause == kernel.CauseNoApplication {
		r.Decision = kernel.OtherInterface // its contacts may have more to offer
	}
	switch r.Decision {
	case kernel.Fallback:
		return x.chipFailed(ctx, r)
	case kernel.OtherInterface:
		x.noTap, x.out.Note = true, words(r.Err)
		return readAgain, x.Face.Show(ctx, screenInsertInstead)
	case kernel.TryAgain:
		x.out.Note = words(r.Err)
		return readAgain, x.Face.Show(ctx, tapAgain(r.Cause))
	}
	x.out.Chip, x.out.PAN, x.out.Entry, x.out.Note = &r, r.PAN, string(how), words(r.Err)
	x.charge = chargeOf(r)
	x.charge.entry = map[reader.Kind]string{reader.KindChip: wayChip, reader.KindTap: wayTap}[how]
	switch r.Decision {
	case kernel.Online, kernel.Approved, kernel.Identified:
		return readDone, nil
	case kernel.Declined:
		x.out.Result, x.out.Code = Declined, wire.Code(r.Code)
		return readOver, x.Face.Show(ctx, decided(x.out.Code))
	}
	return x.unusable(ctx, r)
}

// tapAgain asks for another tap.
func tapAgain(c kernel.Cause) Screen {
	if c == kernel.CauseSeePhone {
		return screenSeePhone
	}
	return screenTapAgain
}

// words is an error for people, "" for none.
func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// chipFailed counts a failed chip read; after three the stripe may be swiped (RULES: the
// terminal).
func (x *txn) chipFailed(ctx context.Context, r kernel.Result) (reading, error) {
	x.chipsFailed++
	x.out.Note = fmt.Sprintf("chip read %d failed: %s", x.chipsFailed, words(r.Err))
	if x.chipsFailed >= chipTries {
		x.wantsChip = false
		return readAgain, x.Face.Show(ctx, screenFallback)
	}
	return readAgain, x.Face.Show(ctx, screenChipFailed)
}

// chipStops says what ends an order at a card whose chip cannot make it.
var chipStops = map[kernel.Cause]struct {
	cause  Cause
	screen Screen
}{
	kernel.CauseNoApplication: {NoApplication, screenNoApplication},
	kernel.CauseCardBlocked:   {CardBlocked, screenCardBlocked},
	kernel.CauseAppBlocked:    {CardBlocked, screenAppBlocked},
	kernel.CauseRefused:       {Cancelled, screenCancelled},
	kernel.CauseNoAnswer:      {CardRemoved, screenCardRemoved},
	kernel.CauseConditions:    {NoApplication, screenNoApplication},
}

// unusable ends an order at a card that cannot be used: nothing was sent.
func (x *txn) unusable(ctx context.Context, r kernel.Result) (reading, error) {
	s, ok := chipStops[r.Cause]
	if !ok {
		s.cause, s.screen = ChipUnreadable, screenChipError
	}
	_, err := x.stop(ctx, s.cause, s.screen)
	return readOver, err
}

// chargeOf is what a request says of a chip card.
func chargeOf(r kernel.Result) charge {
	c := charge{track2: r.Track2, pan: r.PAN, expiry: r.Expiry.YYMM()}
	if r.Sequence != "" {
		c.sequence = "0" + r.Sequence
	}
	if t, err := card.ParseTrack2(r.Track2); err == nil {
		c.service = t.ServiceCode
	}
	return c
}

// hold keeps a card in its reader until letGo.
func (x *txn) hold(release func() error) {
	x.letGo()
	x.release = release
}

// letGo gives the card back. A reader that cannot is no trouble of this order's.
func (x *txn) letGo() {
	x.asked = nil
	if x.release == nil {
		return
	}
	if err := x.release(); err != nil {
		x.Log.Debug().Err(err).Msg("the card could not be let go")
	}
	x.release = nil
}

// timed has every answer of a card come within CardWait.
func (x *txn) timed(t reader.Transceiver) reader.Transceiver {
	if x.Within == nil {
		return t
	}
	wait := x.EMV.CardWait
	if wait == 0 {
		wait = 10 * time.Second
	}
	return deadline{t, x.Within, wait}
}

type deadline struct {
	reader.Transceiver
	within func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	wait   time.Duration
}

// Transmit implements reader.Transceiver.
func (d deadline) Transmit(ctx context.Context, apdu []byte) ([]byte, error) {
	ctx, cancel := d.within(ctx, d.wait)
	defer cancel()
	return d.Transceiver.Transmit(ctx, apdu)
}

// tellCard has the card hear what the host said, or that it said nothing (ans nil), and
// reports whether it lets an approval stand. Without a card that waits it does.
func (x *txn) tellCard(ctx context.Context, ans *wire.Message) (stands bool, err error) {
	k := x.asked
	if k == nil {
		return true, nil
	}
	defer x.letGo()
	r, err := k.Finish(ctx, x.verdict(ans))
	if err != nil {
		return false, err
	}
	x.out.Chip = &r
	if r.Err != nil {
		x.out.Note = r.Err.Error()
	}
	return r.Decision == kernel.Approved, nil
}

// verdict is the host's answer as the kernel takes it. A code that this terminal takes
// for a decline must not be an approval to the card, and where nothing came only a sale
// that can be told of later may end in the card's own approval.
func (x *txn) verdict(ans *wire.Message) kernel.HostAnswer {
	if ans == nil {
		if x.chipTransaction().ForceOnline {
			return kernel.HostAnswer{Code: emv.UnableOnlineDeclined}
		}
		return kernel.HostAnswer{}
	}
	a := kernel.HostAnswer{Code: string(ans.Code), Auth: ans.AuthCode}
	if ans.Code != wire.Approved && kernel.Approves(a.Code) {
		a.Code = "05"
	}
	list, err := emv.Parse(ans.Chip)
	if err != nil {
		x.Log.Warn().Err(err).Msg("field 55 of the answer is no TLV: the card is told the code alone")
	}
	a.F55 = list
	return a
}
