package emulator

import (
	"context"
	"errors"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// charge is what pays: a card as its stripe or chip has it, or a number kept from one.
type charge struct {
	track2   card.TrackData // "" for a number alone
	pan      card.PAN
	expiry   string // YYMM
	service  card.ServiceCode
	sequence string // F23, three digits; "" where the card has none
	entry    string // how it was read: the first two digits of F22; "" is a swipe
}

// chip reports whether a chip told it, by its contacts or in the field.
func (c charge) chip() bool { return c.entry == wayChip || c.entry == wayTap }

// The ways of F22.
const (
	waySwipe    = "02"
	wayCode     = "03"
	wayChip     = "05"
	wayTap      = "07"
	wayFallback = "80" // a stripe, since the chip could not be read
)

// reading is how a presentation was taken.
type reading byte

const (
	readAgain reading = iota // the card is asked for again
	readDone                 // there is a card to charge
	readOver                 // the order has ended
)

// readCard waits for a card that can be used (RULES: a sale needs track 2 alone). A bad
// read is said by its name and the card asked for again.
func (x *txn) readCard(ctx context.Context) (over bool, err error) {
	if err := x.Face.Show(ctx, x.invitation()); err != nil {
		return true, err
	}
	for {
		p, err := x.Reader.Next(ctx, reader.Ask{Accept: x.accepts(), Amount: x.out.Amount.Minor})
		if errors.Is(err, reader.ErrEnd) {
			return x.noCard(ctx)
		}
		if err != nil {
			return true, err
		}
		got, err := x.accept(ctx, p)
		if err != nil || got != readAgain {
			return got == readOver || err != nil, err
		}
	}
}

// accept takes one presentation. What was not asked for is passed over.
func (x *txn) accept(ctx context.Context, p reader.Presentation) (reading, error) {
	switch p := p.(type) {
	case *reader.Swipe:
		return x.swiped(ctx, p)
	case *reader.Chip:
		if x.ChipReader {
			return x.inserted(ctx, p)
		}
	case *reader.Tap:
		if x.takesTaps() {
			return x.tapped(ctx, p)
		}
	}
	return readAgain, nil
}

// accepts lists what the reader is asked for.
func (x *txn) accepts() []reader.Kind {
	all := []reader.Kind{reader.KindSwipe}
	if x.ChipReader {
		all = append(all, reader.KindChip)
	}
	if x.takesTaps() {
		all = append(all, reader.KindTap)
	}
	return all
}

// takesTaps: a tap is a whole transaction, so that what follows up an earlier one cannot
// be tapped; nor can a card that wants its contacts used.
func (x *txn) takesTaps() bool {
	return x.Contactless && x.wholeChip() && !x.noTap && x.chipsFailed < chipTries
}

func (x *txn) invitation() Screen {
	switch {
	case x.takesTaps():
		return screenAnyCard
	case x.ChipReader:
		return screenSwipeOrInsert
	}
	return screenSwipe
}

// noCard ends an order for which no usable card came: where a chip was asked for, that
// is why.
func (x *txn) noCard(ctx context.Context) (bool, error) {
	switch {
	case x.noTap:
		return x.stop(ctx, TapRefused, screenInsertInstead)
	case x.wantsChip:
		return x.stop(ctx, ChipFirst, screenUseChip)
	case x.chipsFailed > 0:
		return x.stop(ctx, ChipUnreadable, screenNoCard)
	}
	return x.stop(ctx, NoCard, screenNoCard)
}

// swiped takes a swipe. A chip card's stripe is taken where the terminal has no chip
// reader, or has failed three times to read the chip (RULES: chip first, fallback).
func (x *txn) swiped(ctx context.Context, s *reader.Swipe) (reading, error) {
	c, screen := x.use(s)
	if screen != (Screen{}) {
		return readAgain, x.Face.Show(ctx, screen)
	}
	if x.ChipReader && c.service.HasChip() {
		if x.chipsFailed < chipTries {
			x.wantsChip = true
			return readAgain, x.Face.Show(ctx, screenUseChip)
		}
		c.entry = wayFallback
	}
	x.charge = c
	return readDone, nil
}

// use takes what a swipe delivered into the outcome; a screen other than the
// zero one says why the card cannot be charged.
func (x *txn) use(s *reader.Swipe) (charge, Screen) {
	r := Read{Kind: reader.KindSwipe, Verdict: s.Verdict, Speed: s.Speed}
	for i, track := range s.Tracks {
		r.Tracks[i] = track.Status
	}
	x.out.Reads = append(x.out.Reads, r)
	if s.Tracks[1].Status != magstripe.StatusOK {
		return charge{}, unread(s.Verdict)
	}
	parsed, err := card.ParseTrack2(s.Tracks[1].Data)
	if err != nil {
		x.Log.Warn().Err(err).Msg("track 2 was read but is not a payment card's")
		return charge{}, screenUnreadable
	}
	x.out.PAN, x.out.Entry = parsed.PAN, string(reader.KindSwipe)
	return charge{track2: s.Tracks[1].Data, pan: parsed.PAN, expiry: parsed.Expiry.String(), service: parsed.ServiceCode}, Screen{}
}
