package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/rs/zerolog"

	"possim/host/server"
	"possim/host/wire"
	"possim/scenarios/journal"
)

// serve is the journal's host, for terminals that connect to --listen. It ends when
// every recorded request has come, or at a signal.
func (p *replay) serve(ctx context.Context, header journal.Header, dialect *wire.Dialect) error {
	tmk, err := p.sealing.key()
	if err != nil {
		return err
	}
	bdk, err := p.sealing.base()
	if err != nil {
		return err
	}
	file, r, err := p.open()
	if err != nil {
		return err
	}
	defer file.Close()
	responder, err := journal.NewResponder(r, dialect, methodOf(header), tmk, bdk)
	if err != nil {
		return err
	}
	if responder.Card, err = p.cardSecrets(); err != nil {
		return err
	}
	if p.mode == "spy" {
		responder.Spy = &journal.Spy{Exchange: p.ask, Rand: randomness}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", p.listen)
	if err != nil {
		return badWorld(fmt.Errorf("--listen: %w", err))
	}
	fmt.Fprintf(p.stderr, "listening on %s (%s), playing %s\n", listener.Addr(), dialect, p.path)
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var turn sync.Mutex // connections are served side by side
	handle := func(ctx context.Context, frame []byte) ([]byte, bool) {
		turn.Lock()
		defer turn.Unlock()
		answer, ok, err := responder.Answer(ctx, frame)
		if err != nil || responder.Done() {
			stop(err)
		}
		return answer, ok
	}
	if err := server.Serve(serving, listener, server.Config{Handle: handle, Now: p.now, Log: zerolog.Nop()}); err != nil {
		return badWorld(err)
	}
	if err := context.Cause(serving); err != nil && ctx.Err() == nil && !errors.Is(err, context.Canceled) {
		if wrong := p.wrong(err); errors.As(wrong, new(exitError)) {
			return wrong
		}
		return badWorld(err)
	}
	report, err := responder.Report()
	if err != nil {
		return p.wrong(err)
	}
	if err := p.report(p.stdout, &report); err != nil {
		return err
	}
	if report.Missed > 0 {
		return exitError{code: exitFailed}
	}
	return nil
}

// ask has a host answer what was not recorded.
func (p *replay) ask(ctx context.Context, frame []byte) ([]byte, error) {
	link, err := dialer(p.host, p.now)(ctx)
	if err != nil {
		return nil, err
	}
	defer link.Close()
	if err := link.Send(ctx, frame); err != nil {
		return nil, err
	}
	answer, err := link.Receive(ctx, p.timeout)
	if errors.Is(err, wire.ErrNoAnswer) {
		return nil, nil
	}
	return answer, err
}
