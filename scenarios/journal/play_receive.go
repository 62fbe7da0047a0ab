package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"possim/host/wire"
)

// receive waits for the answer that the recording has here, and compares.
func (p *play) receive(ctx context.Context, e Entry) error {
	var was wire.Message
	if _, err := p.Dialect.Decode(e.Frame.Frame(), &was); err != nil {
		return p.undecodable(e, err)
	}
	if !p.sent[was.MID+was.TID] { // its request was sent before the journal began
		p.report.Orphans++
		p.seen(e, nil)
		return nil
	}
	p.report.Answers++
	l := p.links[e.Frame.Conn]
	if l == nil {
		return &LineError{e.Number, 1, fmt.Errorf("an answer on connection %d, on which nothing was sent", e.Frame.Conn)}
	}
	p.at = max(p.at, e.Frame.T)
	recorded := sideOf(&was, e.Frame.MAC)
	var nearest *Miss
	var nearestNow []byte
	for i := 0; ; i++ {
		patience := p.patience()
		if nearest != nil && i >= len(l.requests) {
			patience = 0 // every request has its answer, and what is there already is one too many
		}
		frame, err := l.frame(ctx, i, patience)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if nearest == nil {
				nearest = &Miss{What: NothingCame, Detail: err.Error(), Cause: p.silence(e, err)}
			}
			if nearestNow != nil && len(l.pool) >= len(l.requests) { // whatever it was, it stands in the place of this one
				l.pool = slices.DeleteFunc(l.pool, func(frame []byte) bool { return &frame[0] == &nearestNow[0] })
			}
			p.miss(e, *nearest, nearestNow)
			p.answered(l, &was)
			return nil
		}
		miss := p.judge(e, recorded, frame, l)
		if miss == nil {
			l.pool = append(l.pool[:i], l.pool[i+1:]...)
			p.seen(e, frame)
			p.answered(l, &was)
			return nil
		}
		if miss.What == Differs {
			l.pool = append(l.pool[:i], l.pool[i+1:]...)
			p.miss(e, *miss, frame)
			p.answered(l, &was)
			return nil
		}
		if nearest == nil || len(miss.Differences) < len(nearest.Differences) {
			nearest, nearestNow = miss, frame
		}
	}
}

// unreadable passes over a frame that could not be read when it was recorded. In a
// simulation it was spoilt on purpose, and comes spoilt again.
func (p *play) unreadable(ctx context.Context, e Entry) error {
	p.report.Unreadable++
	l := p.links[e.Frame.Conn]
	if !p.stage.Simulated || e.Frame.FromTerminal() || l == nil {
		return p.pace(ctx, e.Frame.T)
	}
	frame, err := l.frame(ctx, 0, p.patience())
	if err != nil {
		p.miss(e, Miss{What: NothingCame, Detail: err.Error()}, nil)
		return ctx.Err()
	}
	l.pool = l.pool[1:]
	var now wire.Message
	if _, err := p.Dialect.Decode(frame, &now); err == nil {
		p.miss(e, Miss{What: Differs, Detail: "it could not be read when it was recorded, and can be now"}, frame)
	}
	return nil
}

// patience is how long an answer is waited for. Simulated time costs nothing.
func (p *play) patience() time.Duration {
	if p.stage.Simulated {
		return 5 * time.Minute
	}
	return cmp.Or(p.Wait, UsualWait)
}

// judge says what is wrong with a frame as the answer that was recorded; nil is
// nothing. One that answers the same request and differs is a miss of its own;
// another may be an answer that comes elsewhere in the recording.
func (p *play) judge(e Entry, recorded *side, frame []byte, l *played) *Miss {
	now := &wire.Message{}
	worth, err := p.sessions.worthNow(p.Dialect, frame, now)
	if err != nil {
		return &Miss{What: CannotRead, Detail: err.Error(), Cause: looksLike(frame, p.Dialect)}
	}
	if now.STAN != recorded.m.STAN || now.MTI != recorded.m.MTI || now.TID != recorded.m.TID {
		return p.stranger(e, recorded, sideOf(now, worth), l)
	}
	_ = p.sessions.learn(now) // compare says what is wrong with keys
	found := p.bound.compare(e.Number, recorded, sideOf(now, worth), l.request(now))
	p.bound.keep()
	if p.sessions.wrapped && bringsKeys(now) && e.Frame.Problem == "" {
		found = append(found, Difference{"62", "keys under the TMK", "keys that the TMK does not open", ""})
	}
	if len(found) == 0 {
		return nil
	}
	return &Miss{What: Differs, Differences: found, Cause: p.cause(recorded, sideOf(now, worth), found)}
}

// stranger is a frame that answers another request than the recorded one does.
func (p *play) stranger(e Entry, recorded, now *side, l *played) *Miss {
	m := &Miss{What: NoMatch, Differences: newBinding("card").compare(e.Number, recorded, now, nil), Cause: "match key: "}
	if recorded.m.STAN != now.m.STAN {
		m.Differences = slices.Insert(m.Differences, 0, Difference{"11", recorded.m.STAN, now.m.STAN, ""})
	}
	for _, r := range l.requests {
		if wire.Matches(r.m, now.m) == nil {
			m.Cause += fmt.Sprintf("it answers the request of line %d, which has STAN %s; the recorded answer has STAN %s", r.line, r.m.STAN, recorded.m.STAN)
			return m
		}
	}
	m.Cause += fmt.Sprintf("a %s with STAN %s and terminal %q came; %s with STAN %s and terminal %q was recorded",
		now.m.MTI, now.m.STAN, now.m.TID, recorded.m.MTI, recorded.m.STAN, recorded.m.TID)
	return m
}

// silence says what may be behind an answer that did not come.
func (p *play) silence(e Entry, err error) string {
	switch {
	case errors.Is(err, wire.ErrFrameTooLong), errors.Is(err, wire.ErrCutOff):
		return "framing: what came has no length of two bytes before it"
	case errors.Is(err, wire.ErrLinkClosed):
		return "framing or dialect: the host hung up, as hosts do when they cannot read what they get"
	case e.Frame.MAC != Unsealed && p.report.Keyless > 0:
		return p.keyless()
	}
	return "framing or dialect: the host took the request and stayed silent; its log says whether it could read it"
}
