package journal

import (
	"context"
	"errors"
	"fmt"

	"possim/host/wire"
)

// signOn has the host under test give out working keys for a terminal whose session
// began before the journal did: nothing else could seal what comes. A recorded terminal
// that had no keys either, and was told so, goes without as it did then.
func (p *play) signOn(ctx context.Context, l *played, m *wire.Message, e Entry) error {
	of := m.MID + m.TID
	needed := e.Frame.MAC != Unsealed || len(m.PINBlock) > 0 || enciphered(m)
	tx, has := p.Dialect.Transaction(wire.SignOn)
	if p.stage.Simulated || !needed || !has || p.signed[of] || m.MTI.Answer() == "" {
		return nil
	}
	if _, derived := serial(m); derived || !p.sessions.working(m).TAK.Zero() || !p.sessions.working(m).TPK.Zero() {
		return nil
	}
	if code := p.answerTo(m, e); code == wire.MACError || code == wire.SignOnAgain {
		return nil
	}
	p.signed[of] = true
	request, err := askForKeys(tx, m)
	if err != nil {
		return err
	}
	a, err := p.ask(ctx, l, request)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.unsigned = err.Error()
		return nil
	case a.Code != wire.Approved:
		p.unsigned = fmt.Sprintf("it was answered %s", a.Code)
		return nil
	}
	if err := p.sessions.learn(a); err != nil {
		p.unsigned = err.Error()
		return nil
	}
	p.report.SignedOn++
	if then, now := m.Batch(), a.Batch(); then != "" && now != "" {
		p.bound.pair(symbol{"batch", of, then}, now, e.Number)
		p.bound.keep()
	}
	return nil
}

// askForKeys is the sign-on of m's terminal, the message before m.
func askForKeys(tx wire.Transaction, m *wire.Message) (*wire.Message, error) {
	on := &wire.Message{MTI: tx.Request, TPDU: m.TPDU, Header: m.Header, STAN: before(m.STAN), Time: m.Time, Date: m.Date,
		TID: m.TID, MID: m.MID, NetworkCode: tx.Code70, Private63: wire.Operator63("01")}
	if sub := m.Sub60(); sub.Type != "" {
		sub = wire.Sub60{Type: tx.Type, Batch: sub.Batch, Network: tx.Network}
		if enciphered(m) {
			sub.Network = "004" // a TDK too
		}
		on.Private60 = sub.String()
	}
	var err error
	on.Private62, err = wire.Sequence62("0000" + m.TID)
	return on, err
}

// before is the STAN before another.
func before(stan string) string {
	n := 0
	if _, err := fmt.Sscanf(stan, "%d", &n); err != nil || n < 2 {
		return "999999"
	}
	return fmt.Sprintf("%06d", n-1)
}

// ask sends a request of the player's own and waits for its answer.
func (p *play) ask(ctx context.Context, l *played, request *wire.Message) (*wire.Message, error) {
	frame, err := p.Dialect.Encode(nil, request, nil)
	if err != nil {
		return nil, err
	}
	if err := l.Send(ctx, frame); err != nil {
		return nil, err
	}
	for {
		frame, err := l.Receive(ctx, p.patience())
		if errors.Is(err, wire.ErrNoAnswer) {
			return nil, errors.New("no answer came")
		}
		if err != nil {
			return nil, err
		}
		a := &wire.Message{}
		if _, err := p.Dialect.Decode(frame, a); err == nil && wire.Matches(request, a) == nil {
			return a, nil
		}
		l.pool = append(l.pool, frame)
	}
}
