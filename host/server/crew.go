package server

import (
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
	log  zerolog.Logger

	sending sync.Mutex     // a Link has one sender
	room    chan struct{}  // a place for each frame under way
	work    sync.WaitGroup // the lanes at work
	only    string         // the terminal, as long as there is one
	any     bool           // only is set
	mixed   bool           // there are more

	mu    sync.Mutex
	lanes map[string][][]byte // of each terminal at work: what waits behind
	ended bool                // an answer was not taken, or a fault ended it: nothing further is decided
}

func (s *server) crew(link wire.Link, log zerolog.Logger) *crew {
	return &crew{server: s, link: link, log: log, room: make(chan struct{}, s.MaxPending), lanes: map[string][][]byte{}}
}

// take has a frame answered. It waits for room where MaxPending are under way, and
// reports false when the connection is over.
func (c *crew) take(ctx context.Context, frame []byte) bool {
	if c.Whose == nil {
		c.answer(ctx, frame)
		return !c.over()
	}
	whose := c.Whose(frame)
	if !c.mixed && (!c.any || whose == c.only) {
		c.only, c.any = whose, true
		c.answer(ctx, frame)
		return !c.over()
	}
	c.mixed = true
	c.room <- struct{}{}
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, busy := c.lanes[whose]; busy {
		c.lanes[whose] = append(waiting, frame)
	} else {
		c.lanes[whose] = nil
		c.work.Go(func() { c.lane(ctx, whose, frame) })
	}
	return !c.ended
}

// lane answers what a terminal has sent until nothing waits.
func (c *crew) lane(ctx context.Context, whose string, frame []byte) {
	for ok := true; ok; frame, ok = c.behind(whose) {
		if !c.over() {
			c.answer(ctx, frame)
		}
		<-c.room
	}
}

// behind is the frame that waits next; ok is false, and the lane closed, when there is none.
func (c *crew) behind(whose string) (frame []byte, ok bool) {
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

// answer decides one frame and sends what there is to say.
func (c *crew) answer(ctx context.Context, frame []byte) {
	defer func() {
		if bug := recover(); bug != nil { // one frame must not end the host for everybody
			c.log.Error().Interface("panic", bug).Bytes("stack", debug.Stack()).Msg("connection closed: a fault in the host")
			c.end()
		}
	}()
	answer, ok := c.Handle(ctx, frame)
	if !ok {
		return
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	if err := c.link.Send(ctx, answer); err != nil && !c.over() {
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
