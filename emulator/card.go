package emulator

import (
	"context"
	"errors"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
)

// charge is what pays: a card as its stripe has it, or a number kept from one.
type charge struct {
	track2  card.TrackData // "" for a number alone
	pan     card.PAN
	expiry  string // YYMM
	service card.ServiceCode
}

// readCause is what the screen says when reading ended without a card to charge.
var readCause = map[Cause]Screen{NoCard: screenNoCard, ChipFirst: screenUseChip}

// readCard waits for a swipe whose track 2 can be used (RULES: a sale needs
// track 2 alone). A bad read is said by its name and the card asked for again.
func (t *Terminal) readCard(ctx context.Context, out *Outcome) (charge, Cause, error) {
	if err := t.Face.Show(ctx, screenSwipe); err != nil {
		return charge{}, "", err
	}
	ask := reader.Ask{Accept: []reader.Kind{reader.KindSwipe}, Amount: out.Amount.Minor}
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
			return t.chipFirst(c)
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
	return charge{track2: s.Tracks[1].Data, pan: parsed.PAN, expiry: parsed.Expiry.String(), service: parsed.ServiceCode}, Screen{}
}

// chipFirst sends a chip card to the chip reader where there is one (RULES: chip first).
func (t *Terminal) chipFirst(c charge) (charge, Cause, error) {
	if t.ChipReader && c.service.HasChip() {
		return charge{}, ChipFirst, nil
	}
	return c, "", nil
}
