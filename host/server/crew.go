package server

import (
	"bytes"
	"context"
	"runtime/debug"
	"sync"

	"github.com/rs/zerolog"

	"possim/host/wire"
)

// crew answers the frames of one connection: those of one terminal in their order,
// those of different ones side by side. As long as a connection has brought one terminal
// alone, it answers in the goroutine that reads: that is most connections, and quickest.
type crew struct {
	*server
	link wire.Link
	conn *wire.Conn // link, where nothing decorates it and nobody keeps a frame
	log  zerolog.Logger

	answer []byte         // room for one, where it goes over conn
	room   chan struct{}  // a place for each frame under way
	work   sync.WaitGroup // the lanes at work
	only   string         // the terminal, as long as there is one
	any    bool           // only is set
	mixed  bool           // there are more

	mu      sync.Mutex
	lanes   map[string][]Request // of each terminal at work: what waits behind
	ready   [][]byte             // answers to be sent
	sending bool                 // by one of the lanes: a Link has one sender
	ended   bool                 // an answer was not taken, or a fault ended it: nothing further is decided
}

func (s *server) crew(link wire.Link, log zerolog.Logger) *crew {
	c := &crew{server: s, link: link, log: log}
	if s.Read != nil {
		c.conn, _ = link.(*wire.Conn)
	}
	return c
}

// receive is the next frame. It may be good until the one after it only: take keeps it
// where that is not enough.
func (c *crew) receive(ctx context.Context) ([]byte, error) {
	if c.conn != nil {
		return c.conn.Peek(ctx, c.Idle)
	}
	return c.link.Receive(ctx, c.Idle)
}

// take has a frame answered. It waits for room where MaxPending are under way, and
// reports false when the connection is over.
func (c *crew) take(ctx context.Context, frame []byte) bool {
	if c.mixed {
		frame = bytes.Clone(frame)
	}
	r, whose, ok := c.read(frame)
	if !ok {
		return false
	}
	if !c.mixed && (!c.any || whose == c.only) {
		c.only, c.any = whose, true
		if answer, ok := c.decide(ctx, r, c.answer[:0]); ok {
			c.sent(c.link.Send(ctx, answer))
			if c.conn != nil { // another link may keep what it sends
				c.answer = answer
			}
		}
		return !c.over()
	}
	if !c.mixed {
		c.mixed, c.room, c.lanes = true, make(chan struct{}, c.MaxPending), map[string][]Request{}
		r, _, _ = c.read(bytes.Clone(frame))
	}
	c.room <- struct{}{}
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, busy := c.lanes[whose]; busy {
		c.lanes[whose] = append(waiting, r)
	} else {
		c.lanes[whose] = nil
		c.work.Go(func() { c.lane(ctx, whose, r) })
	}
	return !c.ended
}

// handled is a frame that Handle answers.
type handled struct {
	handle Handler
	frame  []byte
}

func (h handled) Whose() string { return "" }

func (h handled) Answer(ctx context.Context, _ []byte) ([]byte, bool) { return h.handle(ctx, h.frame) }

// read takes a frame apart; ok is false where that ended the connection.
func (c *crew) read(frame []byte) (r Request, whose string, ok bool) {
	if c.Read == nil {
		return handled{c.Handle, frame}, "", true
	}
	defer c.caught(&ok)
	r = c.Read(frame)
	return r, r.Whose(), true
}

// lane answers what a terminal has sent until nothing waits.
func (c *crew) lane(ctx context.Context, whose string, r Request) {
	for ok := true; ok; r, ok = c.behind(whose) {
		answer, some := []byte(nil), false
		if !c.over() {
			answer, some = c.decide(ctx, r, nil)
		}
		if some {
			c.send(ctx, answer)
		} else {
			<-c.room
		}
	}
}

// behind is what waits next; ok is false, and the lane closed, when there is none.
func (c *crew) behind(whose string) (r Request, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting := c.lanes[whose]
	if len(waiting) == 0 {
		delete(c.lanes, whose)
		return nil, false
	}
	c.lanes[whose] = waiting[1:]
	return waiting[0], true
}

// decide has one frame answered.
func (c *crew) decide(ctx context.Context, r Request, dst []byte) (answer []byte, ok bool) {
	defer c.caught(&ok)
	return r.Answer(ctx, dst)
}

// caught ends the connection where a frame met a fault in the host: it must not end it
// for everybody. It is deferred, and says that the frame was not taken.
func (c *crew) caught(ok *bool) {
	if bug := recover(); bug != nil {
		c.log.Error().Interface("panic", bug).Bytes("stack", debug.Stack()).Msg("connection closed: a fault in the host")
		c.end()
		*ok = false
	}
}

// send hands over a lane's answer. The lane that finds no other one sending sends, and
// what the others hand over meanwhile goes with its next write: a batch of the ledger
// lets many go at once. An answer keeps its place under way until it has been written.
func (c *crew) send(ctx context.Context, answer []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready = append(c.ready, answer)
	if c.sending {
		return
	}
	c.sending = true
	for len(c.ready) > 0 {
		answers := c.ready
		c.ready = nil
		c.mu.Unlock()
		c.sent(c.write(ctx, answers))
		for range answers {
			<-c.room
		}
		c.mu.Lock()
	}
	c.sending = false
}

// write sends answers, at once where the link can.
func (c *crew) write(ctx context.Context, answers [][]byte) error {
	if link, ok := c.link.(interface {
		SendAll(ctx context.Context, frames ...[]byte) error
	}); ok {
		return link.SendAll(ctx, answers...)
	}
	for _, answer := range answers {
		if err := c.link.Send(ctx, answer); err != nil {
			return err
		}
	}
	return nil
}

// sent ends the connection where an answer was not taken.
func (c *crew) sent(err error) {
	if err != nil && !c.over() {
		c.log.Warn().Err(err).Msg("connection closed: the answer was not taken")
		c.end()
	}
}

// end closes the connection, which ends its reader too.
func (c *crew) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.link.Close()
}

func (c *crew) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
