package load_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"possim/emulator"
	"possim/host/money"
	"possim/host/wire"
	"possim/reader"
	"possim/scenarios/load"
)

// plan is a Player of a few lines.
type plan func(ctx context.Context) error

func (p plan) Play(ctx context.Context) error { return p(ctx) }

// pays is a hand with a card.
func pays(c load.Card) load.Hand {
	return load.Hand{Present: func() (reader.Presentation, error) { return c.Swipe(), nil }}
}

// TestPlayer: each terminal has a player of its own, whose orders are counted as those of a
// mix are, and agree with the books; what it checks and counts stands beside them.
func TestPlayer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, cards := newBank(t), pool(t, 20)
		numbers := map[int]string{}
		r := b.run(load.Config{Terminals: 4, Connections: 2, Count: 100, Cards: cards, First: 10, Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
			numbers[s.Number()] = s.TID()
			return plan(func(ctx context.Context) error {
				c := s.Cards()[s.Rand().IntN(len(s.Cards()))]
				out, err := s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(300)}, pays(c))
				if err != nil {
					return err
				}
				s.Check("approved", out.Result == emulator.Approved)
				s.Check("a day with snow", false)
				s.Count("fen", 300)
				_, err = s.Do(ctx, emulator.Order{Kind: emulator.Void, Amount: out.Amount, Original: emulator.Original{Voucher: out.STAN}}, pays(c))
				if err == nil {
					_, err = s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(1)}, pays(c))
				}
				return err
			}), nil
		}})
		if r.Approved != 300 || r.Errors != 0 || r.Orders[emulator.Sale] != 200 || r.Orders[emulator.Void] != 100 {
			t.Errorf("%+v", r)
		}
		if got := b.spent(cards); got != 100 {
			t.Errorf("the books have %d fen, want 100", got)
		}
		if len(numbers) != 4 || numbers[11] == "" || numbers[14] == "" || numbers[11] == numbers[14] {
			t.Errorf("terminals %v", numbers)
		}
		want := load.Played{Iterations: 100, Checks: map[string]load.Check{"approved": {Passed: 100}, "a day with snow": {Failed: 100}}, Counters: map[string]float64{"fen": 30000}}
		played := func(r load.Report, n int64) {
			t.Helper()
			p := r.Played
			if p == nil || p.Iterations != n*want.Iterations || p.Checks["approved"].Passed != n*100 || p.Checks["a day with snow"].Failed != n*100 ||
				len(p.Checks) != 2 || p.Counters["fen"] != float64(n)*30000 || p.All() != (load.Check{Passed: n * 100, Failed: n * 100}) {
				t.Errorf("%+v", p)
			}
		}
		played(r, 1)
		for text, want := range map[string]bool{
			"checks<50%": false, "checks<51%": true, "checks<100": false, "checks>100": false, "iterations<100": false, "iterations<101": true,
		} {
			limit, err := load.ParseThreshold(text)
			if err != nil {
				t.Fatal(err)
			}
			if how, crossed := limit.Crossed(&r); crossed != want || !strings.HasPrefix(how, text) {
				t.Errorf("%s: %v (%s), want %v", text, crossed, how, want)
			}
			if how, crossed := limit.Crossed(&load.Report{Answered: 1}); strings.Contains(text, "%") && !crossed {
				t.Errorf("%s: without checks: %s", text, how)
			}
		}
		for _, text := range []string{"iterations<5%", "checks{code:00}>1", "checks>101%"} {
			if limit, err := load.ParseThreshold(text); err == nil {
				t.Errorf("%s is taken: %+v", text, limit)
			}
		}
		r.WithLatencies = true
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var sum, again load.Report
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		sum.Add(again)
		sum.Add(r)
		played(sum, 2)
	})
}

// TestPlayerLatency: the first order of an iteration has in its latency that the iteration
// began late, and none has what the player did besides.
func TestPlayerLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newStub(t, func(c *call) {
			time.Sleep(50 * time.Millisecond)
			c.reply(c.answer(wire.Approved))
		})
		run := func(rate float64) load.Report {
			return b.run(load.Config{Terminals: 1, Count: 10, Rate: rate, Cards: pool(t, 1), MAC: "", Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
				return plan(func(ctx context.Context) error {
					if err := s.Sleep(200 * time.Millisecond); err != nil {
						return err
					}
					_, err := s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(1)}, pays(s.Cards()[0]))
					return err
				}), nil
			}})
		}
		if r := run(0); r.Percentile(100).Round(time.Millisecond) != 50*time.Millisecond {
			t.Errorf("closed: %v", r.Percentile(100))
		}
		// One is due every 100 ms and takes 250: the tenth begins 1350 ms late.
		if r := run(10); r.Percentile(100).Round(10*time.Millisecond) != 1400*time.Millisecond {
			t.Errorf("open: %v", r.Percentile(100))
		}
	})
}

// TestPlayerFails: what a player cannot do is an error of its iteration and not an order; a
// run that ends lets none begin.
func TestPlayerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(t)
		r := b.run(load.Config{Terminals: 2, Count: 10, Cards: pool(t, 1), Player: func(context.Context, *load.Seat) (load.Player, error) {
			return plan(func(context.Context) error { return errors.New("it rains") }), nil
		}})
		if r.Errors != 10 || r.Causes["script-error"] != 10 || r.Sent != 0 || r.Played.Iterations != 10 {
			t.Errorf("%+v", r)
		}
		l := b.load(load.Config{Terminals: 2, Count: 10, Cards: pool(t, 1), Player: func(context.Context, *load.Seat) (load.Player, error) { return nil, errors.New("nobody came") }})
		if err := l.Run(t.Context()); err == nil {
			t.Error("a run without a player")
		}
		ctx, cancel := context.WithCancel(t.Context())
		l = b.load(load.Config{Terminals: 1, Count: 10, Cards: pool(t, 1), Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
			return plan(func(ctx context.Context) error {
				cancel()
				_, err := s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(1)}, pays(s.Cards()[0]))
				if !s.Over() || err == nil {
					t.Errorf("an order after the end: %v", err)
				}
				return err
			}), nil
		}})
		if err := l.Run(ctx); err != context.Canceled {
			t.Errorf("got %v", err)
		}
		if r := l.Report(); r.Errors != 0 || r.Sent != 0 || r.Played.Iterations != 0 {
			t.Errorf("%+v", r)
		}
	})
}

// TestPlayerSleep: a player sleeps until the run is over and no longer, and then comes to
// the end of what it has begun.
func TestPlayerSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(t)
		began := time.Now()
		r := b.run(load.Config{Terminals: 2, Duration: 10 * time.Second, Cards: pool(t, 1), Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
			return plan(func(ctx context.Context) error {
				if err := s.Sleep(6 * time.Second); err != nil {
					return err
				}
				if err := s.Sleep(time.Hour); err != nil {
					return err
				}
				_, err := s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(1)}, pays(s.Cards()[0]))
				return err
			}), nil
		}})
		if took := time.Since(began).Round(time.Second); took != 10*time.Second || r.Approved != 2 || r.Errors != 0 || r.Played.Iterations != 2 {
			t.Errorf("%v: %+v", took, r)
		}
	})
}

// TestPlayedNames: a player that names each of its checks anew does not have a report grow
// without end, and none is lost; a counter stays a number.
func TestPlayedNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBank(t)
		r := b.run(load.Config{Terminals: 1, Count: 1, Cards: pool(t, 1), Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
			return plan(func(context.Context) error {
				s.Count("much", -math.MaxFloat64)
				s.Count("much", -math.MaxFloat64)
				for i := range 3 * load.MostNames {
					s.Check(fmt.Sprint("check ", i), i%2 == 0)
					s.Count(fmt.Sprint("counter ", i), 1)
				}
				return nil
			}), nil
		}})
		named := func(r load.Report, n int64) {
			t.Helper()
			p := r.Played
			if len(p.Checks) != load.MostNames+1 || p.All() != (load.Check{Passed: n * 1500, Failed: n * 1500}) || p.Checks[load.Others] != (load.Check{Passed: n * 1000, Failed: n * 1000}) {
				t.Errorf("%d checks, %+v in all, %+v", len(p.Checks), p.All(), p.Checks[load.Others])
			}
			if len(p.Counters) != load.MostNames+1 || p.Counters[load.Others] != float64(n)*2001 || p.Counters["much"] != -math.MaxFloat64 {
				t.Errorf("%d counters, %v", len(p.Counters), p.Counters[load.Others])
			}
		}
		named(r, 1)
		sum := r
		sum.Add(r)
		named(sum, 2)
		if _, err := json.Marshal(sum); err != nil {
			t.Error(err)
		}
	})
}

// TestPlayerWithoutEnd: an iteration to which there is no end is ended 30 s after the run,
// whether it has an order under way or not, and is one error.
func TestPlayerWithoutEnd(t *testing.T) {
	for name, forever := range map[string]func(context.Context, *load.Seat) error{
		"sells": func(ctx context.Context, s *load.Seat) error {
			_, err := s.Do(ctx, emulator.Order{Kind: emulator.Sale, Amount: money.Yuan(1)}, pays(s.Cards()[0]))
			return err
		},
		"waits": func(ctx context.Context, _ *load.Seat) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newStub(t, func(c *call) {
					time.Sleep(800 * time.Millisecond) // no number of them ends with the overtime
					c.reply(c.answer(wire.Approved))
				})
				l := b.load(load.Config{Terminals: 1, Duration: 5 * time.Second, Player: func(_ context.Context, s *load.Seat) (load.Player, error) {
					return plan(func(ctx context.Context) error {
						for {
							if err := forever(ctx, s); err != nil {
								return err
							}
						}
					}), nil
				}})
				began := time.Now()
				if err := l.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				took := time.Since(began)
				time.Sleep(time.Second) // for the bank, which does not know yet
				if took < 35*time.Second || took > 36*time.Second {
					t.Errorf("it took %v", took)
				}
				if r := l.Report(); r.Errors != 1 || r.Causes["interrupted"] != 1 || r.Played.Iterations != 0 {
					t.Errorf("%+v, %+v", r, r.Played)
				}
			})
		})
	}
}
