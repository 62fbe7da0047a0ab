package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"possim/emulator/kernel"
	"possim/reader"
	"possim/reader/magstripe"
	"possim/reader/pcsc"
)

// chipTime is how long a card may take to be read. One that waits for its holder's hand
// takes a second or two.
const chipTime = 30 * time.Second

// errInterrupted is wrapped by the error of a card that did not let itself be read to the
// end.
var errInterrupted = errors.New("the card was not read to the end")

// presentChip reads what a contact card gives out.
func presentChip(ctx context.Context, c *reader.Chip, unsafe bool) (presentation, error) {
	out := presentation{Kind: c.Kind(), ATR: hexText(c.ATR), Verdict: magstripe.VerdictOK}
	return out.peek(ctx, c.Card, c.Release, unsafe)
}

// presentTap reads what a contactless card gives out; of one that only stores, that is its
// UID and type.
func presentTap(ctx context.Context, c *reader.Tap, unsafe bool) (presentation, error) {
	out := presentation{Kind: c.Kind(), ATR: hexText(c.ATR), UID: hexText(c.UID), CardType: pcsc.CardType(c.ATR), Verdict: magstripe.VerdictOK}
	if c.Card == nil || pcsc.Storage(c.ATR) {
		out.Problem = "no payment card: it only stores"
		return out, release(c.Release)
	}
	return out.peek(ctx, c.Card, c.Release, unsafe)
}

func (p presentation) peek(ctx context.Context, card reader.Transceiver, done func() error, unsafe bool) (presentation, error) {
	ctx, cancel := context.WithTimeout(ctx, chipTime)
	defer cancel()
	got, err := kernel.Peek(ctx, card, p.Kind)
	for _, h := range got.Applications {
		p.Applications = append(p.Applications, applicationOf(h, unsafe))
		if p.PAN == "" && h.PAN() != "" {
			p.PAN, p.Expiry, p.ServiceCode = show(h.PAN(), unsafe), h.Expiry().YYMM(), string(h.ServiceCode())
		}
	}
	switch {
	case err != nil && len(p.Applications) == 0:
		p.Verdict = magstripe.VerdictUnreadable
	case err != nil:
		p.Verdict = magstripe.VerdictPartial
	case got.Problem != nil:
		p.Problem = got.Problem.Error()
	case len(p.Applications) == 0:
		p.Problem = "no payment card: it has no EMV application"
	}
	if err != nil {
		p.Problem = err.Error()
		err = fmt.Errorf("%w: %w", errInterrupted, err)
	}
	_ = release(done) // what was read was read
	return p, err
}

func release(done func() error) error {
	if done == nil {
		return nil
	}
	return done()
}

// lines are what people read of a chip, below the first line.
func (p presentation) lines() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "\n  "+format, args...) }
	if p.UID != "" {
		line("UID %s", p.UID)
	}
	if p.CardType != "" {
		line("%s", p.CardType)
	}
	if p.ATR != "" {
		line("ATR %s", p.ATR)
	}
	for i, a := range p.Applications {
		line("%d. %s", i+1, a.title())
		for _, detail := range a.details() {
			line("   %s", detail)
		}
	}
	return b.String()
}
