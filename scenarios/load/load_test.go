package load_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"possim/emulator"
	"possim/host/registry"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/load"
)

// spent is what the bank's books have taken from the cards, in fen.
func (b *bank) spent(cards []load.Card) (sum int64) {
	for _, c := range cards {
		id, err := card.ParseTrack2(c.Track2)
		if err != nil {
			b.t.Fatal(err)
		}
		a, err := b.host.Account(b.t.Context(), id.PAN)
		if err != nil {
			b.t.Fatal(err)
		}
		if a.Balance != 0 { // 0: nobody has used it
			sum += registry.DefaultBalance - a.Balance
		}
	}
	return sum
}

// TestCountsAgreeWithTheBooks: what the terminals call approved is what the host has
// posted, order by order, over fewer connections than terminals and over more; and a
// second run repeats nothing of the first.
func TestCountsAgreeWithTheBooks(t *testing.T) {
	for name, connections := range map[string]int{"fewer": 3, "as many": 16, "more": 40} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, cards := newBank(t), pool(t, 20)
				for run := range int64(2) {
					r := b.run(load.Config{Terminals: 16, Connections: connections, Count: 300, Cards: cards})
					if r.Sent != 300 || r.Answered != 300 || r.Approved != 300 || r.Errors != 0 || r.Codes["00"] != 300 || len(r.Codes) != 1 {
						t.Errorf("run %d: %+v", run, r)
					}
					if got := b.spent(cards); got != 300*(run+1) {
						t.Errorf("run %d: the books have %d fen, want %d", run, got, 300*(run+1))
					}
					if r.Dials > int64(connections) {
						t.Errorf("%d connections were opened, want at most %d", r.Dials, connections)
					}
				}
			})
		})
	}
}

// TestMix: each kind comes as often as it should, and what gives back gives back.
func TestMix(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cards := newBank(t), pool(t, 20)
		mix, err := load.ParseMix("sale=60,void=20,balance=10,pre-auth=3,completion=2,refund=3,echo=1,settle=1")
		if err != nil {
			t.Fatal(err)
		}
		r := b.run(load.Config{Terminals: 4, Connections: 2, Count: 2000, Mix: mix, Cards: cards, Amount: 100})
		if r.Approved != 2000 || r.Errors != 0 {
			t.Fatalf("%+v", r)
		}
		o := r.Orders
		if n := o[emulator.Void]; n < 300 || n > 500 {
			t.Errorf("%d voids of 2000, want about 400", n)
		}
		for _, kind := range []emulator.OrderKind{emulator.Balance, emulator.PreAuth, emulator.Completion, emulator.Refund, emulator.Echo, emulator.Settle} {
			if o[kind] == 0 {
				t.Errorf("no %s", kind)
			}
		}
		// A completion takes what a pre-authorisation held; what is held is not in the balance.
		want := 100 * (o[emulator.Sale] - o[emulator.Void] - o[emulator.Refund] + o[emulator.PreAuth])
		if got := b.spent(cards); got != want && got != want-100*(o[emulator.PreAuth]-o[emulator.Completion]) {
			t.Errorf("the books have %d fen, want %d: %v", got, want, o)
		}
	})
}

// TestOpenLoop: as many orders as the rate says, evenly, whatever the host does.
func TestOpenLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			time.AfterFunc(5*time.Millisecond, func() { c.reply(c.answer(wire.Approved)) })
		})
		r := b.run(load.Config{Terminals: 4, Connections: 4, Rate: 100, Duration: 10 * time.Second})
		if r.Answered != 1000 || r.Errors != 0 || r.Rate != 100 {
			t.Errorf("%+v", r)
		}
		if p := r.Percentile(100); p < 5*time.Millisecond || p > 5100*time.Microsecond {
			t.Errorf("the slowest took %v, want 5 ms", p)
		}
	})
}

// TestCoordinatedOmission: a host that stalls for two seconds has kept two hundred orders
// waiting, not one.
func TestCoordinatedOmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			took := time.Millisecond
			if c.number == 500 {
				took = 2 * time.Second
			}
			time.AfterFunc(took, func() { c.reply(c.answer(wire.Approved)) })
		})
		r := b.run(load.Config{Terminals: 1, Connections: 1, Rate: 100, Duration: 10 * time.Second})
		if r.Answered != 1000 || r.Errors != 0 {
			t.Errorf("%+v", r)
		}
		if p50, p90, p99 := r.Percentile(50), r.Percentile(90), r.Percentile(99); p50 > 2*time.Millisecond || p90 < time.Second || p99 < 1800*time.Millisecond {
			t.Errorf("p50 %v, p90 %v, p99 %v: want 1 ms, over a second, nearly two", p50, p90, p99)
		}
	})
}

// TestBehind: a rate that the terminals cannot hold is said, as orders never begun.
func TestBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			time.AfterFunc(20*time.Millisecond, func() { c.reply(c.answer(wire.Approved)) })
		})
		r := b.run(load.Config{Terminals: 1, Connections: 1, Rate: 100, Duration: 10 * time.Second})
		if r.Answered != 500 || r.Errors != 500 || r.Causes["behind"] != 500 {
			t.Errorf("%+v", r)
		}
	})
}

// TestCauses: each way in which a host fails has its name, and nothing is counted twice.
func TestCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			switch c.number % 10 {
			case 1: // silence
			case 2:
				other := *c
				other.req.STAN = "999999"
				c.reply(other.answer(wire.Approved))
			case 3:
				c.reply([]byte("not a message"))
			case 4:
				c.stream.Close()
			case 5:
				c.reply(c.answer(wire.InsufficientFunds))
			case 6:
				c.reply(c.answer(wire.Approved), c.answer(wire.Approved))
			default:
				c.reply(c.answer(wire.Approved))
			}
		})
		r := b.run(load.Config{Terminals: 1, Connections: 1, Count: 100, AnswerWait: time.Second})
		want := map[string]int64{"no-answer": 10, "unmatched": 10, "unreadable": 10, "connection-lost": 10}
		if !maps.Equal(r.Causes, want) || r.Errors != 40 || r.Answered != 60 || r.Approved != 50 || r.Codes["51"] != 10 || r.Sent != 100 {
			t.Errorf("%+v", r)
		}
		if r.Lost != 10 || r.Dials != 11 || r.Strays != 20 {
			t.Errorf("lost %d of %d connections, %d strays: want 10 of 11, 20", r.Lost, r.Dials, r.Strays)
		}
	})
}

// TestHostInTrouble: a host that posts and then fails in every way there is, for many
// terminals on few connections. What the load calls approved is what stands in the books.
func TestHostInTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cards := newBank(t), pool(t, 20)
		handle := b.host.Handler(b.dialect)
		b.serve = func(c *call) {
			answer, ok := handle(t.Context(), c.frame)
			if !ok {
				return
			}
			switch c.number % 20 {
			case 1: // silence
			case 2:
				time.AfterFunc(3*time.Second, func() { c.reply(answer) }) // too late
			case 3:
				c.reply(answer, answer, answer)
			case 4:
				c.reply(answer[:len(answer)-9])
			case 5:
				c.reply([]byte("not a message"), answer)
			case 6:
				answer[len(answer)-1] ^= 1
				c.reply(answer)
			case 7:
				c.stream.Close()
			case 8:
				time.AfterFunc(time.Second, func() { c.reply(answer) }) // in time
			default:
				c.reply(answer)
			}
		}
		l, r := b.ran(load.Config{Terminals: 16, Connections: 4, Count: 2000, Cards: cards, AnswerWait: 2 * time.Second})
		if r.Sent+r.Causes["reversal-pending"]+r.Causes["host-down"] != 2000 || r.Answered+r.Errors != 2000 || r.Approved != r.Answered || r.Approved == 0 {
			t.Errorf("%+v", r)
		}
		for _, cause := range []string{"no-answer", "unreadable", "mac", "connection-lost"} {
			if r.Causes[cause] == 0 {
				t.Errorf("no %s: %v", cause, r.Causes)
			}
		}
		if r.Strays == 0 || r.Garbled == 0 || r.Lost == 0 {
			t.Errorf("%d strays, %d garbled, %d connections lost", r.Strays, r.Garbled, r.Lost)
		}
		b.serve = b.answers()
		if err := l.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.spent(cards); got != r.Approved {
			t.Errorf("%d are called approved, and the books have %d: %v", r.Approved, got, r.Causes)
		}
	})
}

// TestWrongMAC: an approval whose MAC does not hold is none.
func TestWrongMAC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(t)
		handle := b.host.Handler(b.dialect)
		b.serve = func(c *call) {
			answer, ok := handle(t.Context(), c.frame)
			if c.number%2 == 1 {
				answer[len(answer)-1] ^= 1
			}
			if ok {
				c.reply(answer)
			}
		}
		r := b.run(load.Config{Terminals: 1, Connections: 1, Count: 10})
		if r.Causes["mac"] != 5 || r.Approved != 5 {
			t.Errorf("%+v", r)
		}
		if got := b.spent(pool(t, 10)); got != 5 {
			t.Errorf("the books have %d fen, want 5: the others are reversed", got)
		}
	})
}

// TestNobodyThere: without a host there is no run, and a host that goes away is said.
func TestNobodyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(t)
		b.down = true
		l, err := load.New(b.config(load.Config{Terminals: 2}), b.world())
		if err != nil {
			t.Fatal(err)
		}
		var start *load.StartError
		if err := l.Run(t.Context()); !errors.As(err, &start) || start.TID != "00000001" || start.Out.Cause != emulator.HostDown {
			t.Errorf("got %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, nil)
		b.serve = func(c *call) {
			if c.number == 10 {
				b.mu.Lock()
				b.down = true
				b.mu.Unlock()
				c.stream.Close()
				return
			}
			c.reply(c.answer(wire.Approved))
		}
		r := b.run(load.Config{Terminals: 1, Connections: 1, Duration: 5 * time.Second, Count: 20})
		if r.Approved != 9 || r.Causes["connection-lost"] != 1 || r.Errors != 11 {
			t.Errorf("%+v", r)
		}
		if r.Sent != 10 {
			t.Errorf("%d were sent, want 10", r.Sent)
		}
	})
}

// TestInterrupted: the figures until then, and what was under way is said.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			if c.number <= 100 {
				c.reply(c.answer(wire.Approved))
			}
		})
		l, err := load.New(b.config(load.Config{Terminals: 2, Rate: 100, Duration: time.Hour}), b.world())
		if err != nil {
			t.Fatal(err)
		}
		why := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { cancel(why) })
		begun := time.Now()
		if err := l.Run(ctx); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(begun); took != 2500*time.Millisecond {
			t.Errorf("it took %v, want the second of grace", took)
		}
		r := l.Report()
		if r.Approved != 100 || r.Causes["interrupted"] != 2 || r.Causes["behind"] == 0 {
			t.Errorf("%+v", r)
		}
	})
}

// TestRamp: the rate grows evenly; terminals of a closed loop come in one by one.
func TestRamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		var first, early int
		b := newStub(t, func(c *call) {
			first++
			if time.Since(begun) <= 5*time.Second {
				early++
			}
			c.reply(c.answer(wire.Approved))
		})
		r := b.run(load.Config{Terminals: 1, Rate: 100, Ramp: 10 * time.Second, Duration: 20 * time.Second})
		if r.Answered != 1500 || r.Errors != 0 {
			t.Errorf("%+v", r)
		}
		if early < 124 || early > 127 {
			t.Errorf("%d orders in the first half of the ramp, want 125", early)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			time.AfterFunc(time.Second, func() { c.reply(c.answer(wire.Approved)) })
		})
		r := b.run(load.Config{Terminals: 10, Connections: 1, Ramp: 10 * time.Second, Duration: 10 * time.Second})
		if r.Answered != 10+9+8+7+6+5+4+3+2+1 {
			t.Errorf("%+v", r)
		}
	})
}

// TestNothingLeaks: neither figures nor log name a card.
func TestNothingLeaks(t *testing.T) {
	const canary = "6222021001123456"
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			if c.number%2 == 0 {
				c.reply(c.frame) // its own request back
			}
		})
		var log bytes.Buffer
		w := b.world()
		w.Log = zerolog.New(zerolog.SyncWriter(&log))
		l, err := load.New(b.config(load.Config{Terminals: 2, Count: 10, AnswerWait: time.Second, Cards: []load.Card{{Track2: canary + "=2912101"}}}), w)
		if err == nil {
			err = l.Run(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		r := l.Report()
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		js, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if log.Len() == 0 {
			t.Error("nothing was logged: what was to be looked at?")
		}
		if all := log.String() + text.String() + string(js) + r.Line(); strings.Contains(all, canary[6:12]) {
			t.Errorf("a card shows:\n%s", all)
		}
	})
}

// TestNothingSentIsSlow: a terminal that sends nothing, since its reversal is not taken,
// begins its next order after a while: what is left of the run is not gone in an instant.
func TestNothingSentIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, nil)
		answer := b.serve
		b.serve = func(c *call) {
			if c.req.MTI == wire.MTINetwork {
				answer(c)
				return
			}
			c.stream.Close() // of a sale, and of every reversal of it
		}
		l := b.load(load.Config{Terminals: 1, Count: 20})
		began := time.Now()
		if err := l.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r := l.Report(); r.Causes["reversal-pending"] < 18 || time.Since(began) < 1800*time.Millisecond {
			t.Errorf("%v in %v", r.Causes, time.Since(began))
		}
	})
}
