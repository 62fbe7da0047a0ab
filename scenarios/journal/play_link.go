package journal

import (
	"context"
	"slices"
	"time"

	"possim/host/wire"
	"possim/reader/emv"
)

// played is one connection of a replay.
type played struct {
	wire.Link
	requests []request // not answered yet, as they were sent
	pool     [][]byte  // came, and belong to no recorded answer yet
}

// request is one that was sent.
type request struct {
	line  int
	m     *wire.Message // as it was sent
	named string        // the authorisation code in it, as it was recorded
	card  string

	issuer emv.Keys // of the card; without them the published test issuer's are tried
}

// unanswered is a request and the connection that it went by.
type unanswered struct {
	link *played
	m    *wire.Message
}

// hangUp closes every connection.
func (p *play) hangUp() {
	for _, l := range p.links {
		_ = l.Close()
	}
	clear(p.links)
	clear(p.lonely)
}

// done notes that nothing comes on a connection behind this line.
func (p *play) done(e Entry) {
	if last, ok := p.Last[int32(e.Frame.Conn)]; ok && int(last) == e.Number {
		p.ended = append(p.ended, e.Frame.Conn)
	}
}

// clear hangs up the connections that are done, before another is dialled: what the
// host had to say on them, it had the time to say.
func (p *play) clear(ctx context.Context) {
	for _, conn := range p.ended {
		if l := p.links[conn]; l != nil {
			p.leave(ctx, l)
			_ = l.Close()
			delete(p.links, conn)
		}
	}
	p.ended = p.ended[:0]
}

// mostRefusals bounds the dials that faults of a scenario refuse.
const mostRefusals = 100

// link returns the connection of a frame, and dials it where it is new.
func (p *play) link(ctx context.Context, conn int) (*played, error) {
	if l := p.links[conn]; l != nil {
		return l, nil
	}
	if p.stage.Simulated {
		p.hangUp()
	}
	p.clear(ctx)
	next, err := p.stage.Dial(ctx)
	for i := 0; err != nil && p.stage.Simulated && i < mostRefusals; i++ {
		next, err = p.stage.Dial(ctx) // a dial that an ordered fault refused is in no journal
	}
	if err != nil {
		return nil, err
	}
	p.links[conn] = &played{Link: next}
	return p.links[conn], nil
}

// frame is the i-th frame of a connection that belongs to no recorded one yet.
func (l *played) frame(ctx context.Context, i int, patience time.Duration) ([]byte, error) {
	for len(l.pool) <= i {
		frame, err := l.Receive(ctx, patience)
		if err != nil {
			return nil, err
		}
		l.pool = append(l.pool, frame)
	}
	return l.pool[i], nil
}

// asked is the place of the request that an answer answers, -1 where there is none.
func (l *played) asked(answer *wire.Message) int {
	return slices.IndexFunc(l.requests, func(r request) bool { return wire.Matches(r.m, answer) == nil })
}

// request is the one that an answer answers, nil where there is none.
func (l *played) request(answer *wire.Message) *request {
	if i := l.asked(answer); i >= 0 {
		return &l.requests[i]
	}
	return nil
}

// answered takes the request that an answer belongs to off the list.
func (p *play) answered(l *played, a *wire.Message) {
	i := l.asked(a)
	if i < 0 { // one that is wrong; a reversal has the number of its sale
		i = slices.IndexFunc(l.requests, func(r request) bool { return r.m.STAN == a.STAN })
	}
	if o := p.lonely[a.MID+a.TID]; o.m != nil && i >= 0 && o.m == l.requests[i].m {
		delete(p.lonely, a.MID+a.TID)
	}
	if i >= 0 {
		l.requests = slices.Delete(l.requests, i, i+1)
	}
}

// unexpected looks for answers that the recording does not have, before something
// else is sent.
func (p *play) unexpected(ctx context.Context, l *played) {
	if len(l.requests) > 0 && len(l.pool) == 0 {
		return // answers may still come
	}
	p.leave(ctx, l)
}

// rest is what came on a connection and belongs to nothing.
func (l *played) rest(ctx context.Context) [][]byte {
	for {
		frame, err := l.Receive(ctx, 0)
		if err != nil {
			break
		}
		l.pool = append(l.pool, frame)
	}
	all := l.pool
	l.pool = nil
	return all
}

// surplus is an answer too many.
func (p *play) surplus(frame []byte) {
	var m wire.Message
	miss := Miss{What: Surplus, Detail: "it cannot be read"}
	if _, err := p.Dialect.Decode(frame, &m); err == nil {
		miss.Detail = Describe(Event{Frame: frame, Message: &m}, time.Time{})[len("+0.000s "):]
	}
	p.miss(Entry{}, miss, frame)
}

// leftovers looks, at the end, for answers that were not recorded.
func (p *play) leftovers(ctx context.Context) {
	if p.stage.Simulated {
		return // what comes late finds nobody, as it did then
	}
	for _, l := range p.links {
		p.leave(ctx, l)
	}
}

// leave takes what came on a connection and belongs to no recorded answer. A request
// without one lost it on the way, or the recording ended before it: that the answer
// comes now is told and no miss. Any other is one too many.
func (p *play) leave(ctx context.Context, l *played) {
	for _, frame := range l.rest(ctx) {
		var now wire.Message
		_, err := p.Dialect.Decode(frame, &now)
		if err == nil && l.asked(&now) >= 0 {
			p.report.Open++
			p.answered(l, &now)
			continue
		}
		p.surplus(frame)
	}
}

// lost is how long an answer may take that the recording has not.
const lost = 2 * time.Second

// await gives the host the time to answer what a terminal sent last and got no answer
// to, before the terminal sends again: what it takes back must have been decided.
func (p *play) await(ctx context.Context, of string) {
	o, ok := p.lonely[of]
	if !ok || p.stage.Simulated {
		return
	}
	delete(p.lonely, of)
	for i := 0; ; i++ {
		frame, err := o.link.frame(ctx, i, lost)
		var a wire.Message
		if err != nil {
			return
		}
		if _, err := p.Dialect.Decode(frame, &a); err == nil && wire.Matches(o.m, &a) == nil {
			return
		}
	}
}
