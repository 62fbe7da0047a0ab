package load_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"possim/host/wire"
	"possim/scenarios/load"
)

// TestAnswersOutOfOrder: eight terminals on one connection; the host answers all of them
// at once, the last first, each twice, and says things to nobody in between.
func TestAnswersOutOfOrder(t *testing.T) {
	const terminals, rounds = 8, 100
	synctest.Test(t, func(t *testing.T) {
		var waiting []*call
		b := newStub(t, func(c *call) {
			waiting = append(waiting, c)
			if len(waiting) < terminals {
				return
			}
			var frames [][]byte
			for i, w := range slices.Backward(waiting) {
				code := wire.Approved
				if i%2 == 1 { // whose answer it is shows
					code = wire.InsufficientFunds
				}
				stranger := *w
				stranger.req.TID = "99999999"
				frames = append(frames, stranger.answer(wire.Approved), []byte("junk"), w.answer(code))
				if i > 0 || c.number < rounds*terminals { // nobody is there to hear the very last
					frames = append(frames, w.answer(code))
				}
			}
			waiting = nil
			c.reply(frames...)
		})
		r := b.run(load.Config{Terminals: terminals, Connections: 1, Count: rounds * terminals, AnswerWait: time.Second})
		if r.Answered != 800 || r.Errors != 0 || r.Codes["00"]+r.Codes["51"] != 800 || r.Codes["51"] != 400 {
			t.Errorf("%+v", r)
		}
		if r.Strays != 1599 || r.Garbled != 800 || r.Dials != 1 || r.Lost != 0 {
			t.Errorf("strays %d, garbled %d, dials %d, lost %d: want 1599, 800, 1, 0", r.Strays, r.Garbled, r.Dials, r.Lost)
		}
	})
}

// TestAnswersWithoutTerminal: a host that leaves F41 out is understood by number where
// one terminal waits for it; terminals want F41, so none takes it for its answer.
func TestAnswersWithoutTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			c.req.TID = ""
			c.req.Has.Remove(41)
			c.reply(c.answer(wire.Approved))
		})
		r := b.run(load.Config{Terminals: 2, Connections: 1, Rate: 10, Count: 4, AnswerWait: 50 * time.Millisecond})
		if r.Causes["unmatched"] != 4 || r.Errors != 4 {
			t.Errorf("%+v", r)
		}
	})
}

// TestOneConnectionLost: those that wait on it are told, and so is who was about to send;
// the others are not.
func TestOneConnectionLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			if c.number == 50 {
				c.stream.Close()
				return
			}
			time.AfterFunc(10*time.Millisecond, func() { c.reply(c.answer(wire.Approved)) })
		})
		r := b.run(load.Config{Terminals: 8, Connections: 2, Count: 200})
		unsent := r.Causes["host-down"]
		if n := r.Causes["connection-lost"] + unsent; n == unsent || n > 4 || r.Errors != n || r.Approved != 200-n || r.Sent != 200-unsent {
			t.Errorf("%+v", r)
		}
		if r.Lost != 1 || r.Dials != 3 {
			t.Errorf("lost %d of %d connections, want 1 of 3", r.Lost, r.Dials)
		}
	})
}

// TestWaitIsWhole: a terminal waits as long as it says, whatever part of the time an
// earlier answer took.
func TestWaitIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, gaveUp time.Time
		b := newStub(t, func(c *call) {
			switch c.number {
			case 1, 2:
				<-time.After(700 * time.Millisecond)
				c.reply(c.answer(wire.Approved))
			case 3:
				asked = time.Now()
			case 4:
				gaveUp = time.Now()
				c.reply(c.answer(wire.Approved))
			}
		})
		r := b.run(load.Config{Terminals: 1, Connections: 1, Count: 4, AnswerWait: time.Second})
		if r.Approved != 3 || r.Causes["no-answer"] != 1 || gaveUp.Sub(asked) != time.Second {
			t.Errorf("it waited %v, want 1s: %+v", gaveUp.Sub(asked), r)
		}
	})
}
