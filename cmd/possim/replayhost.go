package main

import (
	"cmp"
	"context"
	"time"

	"github.com/rs/zerolog"

	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// ownHost is a host with fresh books, whose clock is the journal's.
func (p *replay) ownHost(ctx context.Context, player *journal.Player, header journal.Header) error {
	clock := p.now()
	if header.Start != nil {
		clock = *header.Start
	}
	start := clock
	own := &serve{app: p.app, cards: p.cards, walkIn: p.walkIn, sealing: p.sealing, dayLimit: money.Format(host.DefaultTerminalDay)}
	h, err := own.host(&books{Book: ledger.NewMemory(), key: make([]byte, keyBytes)}, zerolog.Nop())
	if err != nil {
		return err
	}
	h.Now = func() time.Time { return clock }
	if h.MAC, err = p.sealing.policy(player.Dialect); err != nil {
		return err
	}
	if err := h.Registry.SetTMK(player.Stage.TMK); err != nil {
		return usage("--tmk: %w", err)
	}
	if bdk := player.Stage.BDK; !bdk.Zero() {
		if err := h.Registry.SetBDK(bdk); err != nil {
			return usage("--dukpt: %w", err)
		}
	}
	method := player.Method
	if method == "" {
		method = methodOf(header)
	}
	if err := h.Registry.SetMACAlgorithm(method); err != nil {
		return err
	}
	if err := h.Due(ctx); err != nil {
		return err
	}
	player.Stage.Dial = func(context.Context) (wire.Link, error) { return &near{handle: h.Handler(player.Dialect)}, nil }
	player.At = func(t float64) error {
		before := clock
		clock = start.Add(time.Duration(t * float64(time.Second)))
		if before.Truncate(time.Minute).Equal(clock.Truncate(time.Minute)) {
			return nil
		}
		return h.Due(ctx)
	}
	return nil
}

// methodOf is how MACs of a journal are computed.
func methodOf(header journal.Header) hsm.MACAlgorithm {
	return cmp.Or(hsm.MACAlgorithm(header.MAC), hsm.MACECB)
}

// near is a link to a host in this process, which answers at once.
type near struct {
	handle func(context.Context, []byte) ([]byte, bool)
	inbox  [][]byte
}

// Send implements wire.Link.
func (l *near) Send(ctx context.Context, frame []byte) error {
	if answer, ok := l.handle(ctx, frame); ok {
		l.inbox = append(l.inbox, answer)
	}
	return nil
}

// Receive implements wire.Link: what is not there yet never comes.
func (l *near) Receive(context.Context, time.Duration) ([]byte, error) {
	if len(l.inbox) == 0 {
		return nil, wire.ErrNoAnswer
	}
	frame := l.inbox[0]
	l.inbox = l.inbox[1:]
	return frame, nil
}

// Close implements wire.Link.
func (l *near) Close() error { return nil }
