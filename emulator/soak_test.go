package emulator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/hsm"
	"possim/host/wire"
	"possim/reader"
)

// soak is a day on which anything may go wrong at any time: messages are lost on
// either way, spoiled, the power fails, the host forgets a terminal's keys.
type soak struct {
	*day
	dice   *rand.Rand
	calm   bool
	story  []string
	booked map[string]emulator.Entry // every entry that ever was durable
}

// Send loses a request, or has the day carry it.
func (s *soak) Send(ctx context.Context, frame []byte) error {
	s.touch("before send")
	if !s.calm && s.dice.IntN(12) == 0 {
		s.note("request lost")
		return nil
	}
	if !s.calm && s.dice.IntN(60) == 0 {
		s.note("keys forgotten")
		if err := s.host.Registry.SignOff(ctx, "898100054110001", "00000001"); err != nil {
			s.t.Fatal(err)
		}
	}
	before := len(s.inbox)
	err := s.day.Send(ctx, frame)
	if len(s.inbox) > before && !s.calm {
		switch s.dice.IntN(20) {
		case 0, 1:
			s.note("answer lost")
			s.inbox = s.inbox[:before]
		case 2:
			s.note("answer spoiled")
			s.inbox[before][s.dice.IntN(len(s.inbox[before]))] ^= 1 << s.dice.IntN(8)
		case 3:
			s.note("answer twice")
			s.inbox = append(s.inbox, s.inbox[before])
		}
	}
	s.touch("after send")
	return err
}

func (s *soak) Receive(ctx context.Context, wait time.Duration) ([]byte, error) {
	s.touch("before receive")
	return s.day.Receive(ctx, wait)
}

func (s *soak) note(what string) { s.story = append(s.story, what) }

// order makes one up; an original is one of the journal, fitting or not.
func (s *soak) order() emulator.Order {
	kinds := []emulator.OrderKind{emulator.Sale, emulator.Sale, emulator.Void, emulator.Refund, emulator.PreAuth, emulator.PreAuthCancel,
		emulator.Completion, emulator.CompletionNotice, emulator.CompletionVoid, emulator.QR, emulator.Balance, emulator.SignOn,
		emulator.SignOff, emulator.Settle, emulator.Recover, emulator.Echo}
	o := yuan(kinds[s.dice.IntN(len(kinds))], 1+s.dice.Int64N(5000))
	if n := len(s.saved.Journal); n > 0 {
		e := s.saved.Journal[s.dice.IntN(n)]
		o.Original.Voucher = e.STAN
		o.Amount.Minor = max(1, e.Amount-s.dice.Int64N(3))
	}
	return o
}

// play carries out an order, sometimes until the power goes; then the terminal
// starts again.
func (s *soak) play(o emulator.Order) {
	s.touches, s.cutAt = 0, 0
	if !s.calm && s.dice.IntN(4) == 0 {
		s.cutAt = 1 + s.dice.IntN(30)
	}
	s.now = s.now.Add(5 * time.Second)
	s.swipes, s.pins = []reader.Presentation{good(plainTrack2)}, []string{canaryPIN}
	o = s.withCode(o)
	before := len(s.slips)
	term := s.terminal(s.config)
	term.Dial = func(context.Context) (wire.Link, error) { return s, nil }
	save := term.Save
	term.Save = func(state emulator.State) error {
		err := save(state)
		for _, e := range state.Journal {
			s.booked[e.Batch+e.STAN] = e
		}
		return err
	}
	defer func() {
		if r := recover(); r != nil {
			cut, ok := r.(powerCut)
			if !ok {
				panic(r)
			}
			s.inbox = nil
			s.note(fmt.Sprintf("%s %s: power cut %s, %d slips", o.Kind, o.Amount, cut.at, len(s.slips)-before))
		}
	}()
	out, err := term.Do(s.t.Context(), o)
	if err != nil {
		s.t.Fatalf("%s: %v", o.Kind, err)
	}
	s.note(fmt.Sprintf("%s %s of %q: %s %s %s %s", o.Kind, o.Amount, o.Original.Voucher, out.Result, out.Cause, out.Code, out.STAN))
}

// TestSoak: whatever happened, in the end the host has of the batch what the terminal
// has, to the cent, and the cardholder paid what was ever booked.
func TestSoak(t *testing.T) {
	for seed := range uint64(120) {
		s := newSoak(t, seed)
		opening := s.balance()
		for range 40 {
			s.play(s.order())
		}
		s.calm = true
		for range 3 {
			s.play(emulator.Order{Kind: emulator.Recover})
		}
		s.check(opening)
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(s.story, "\n"))
		}
	}
}

func newSoak(t *testing.T, seed uint64) *soak {
	names := wire.Names()
	dialect, err := wire.ByName(names[seed%uint64(len(names))])
	if err != nil {
		t.Fatal(err)
	}
	c := emulator.Config{MAC: hsm.MACECB, PINEntry: seed%2 == 0, AnswerWait: 5 * time.Second}
	s := &soak{day: newDay(t, dialect, c), dice: rand.New(rand.NewPCG(seed, 1)), booked: map[string]emulator.Entry{}}
	return s
}

// check holds the terminal's journal against the host's books.
func (s *soak) check(opening int64) {
	if s.saved.Open != nil || len(s.saved.Queue)+len(s.saved.Offline) != 0 || s.saved.Settling != nil {
		s.t.Errorf("still open: %+v %v %v %+v", s.saved.Open, s.saved.Queue, s.saved.Offline, s.saved.Settling)
		return
	}
	for _, e := range s.saved.Journal {
		if e.Kind == wire.PreAuth || e.Kind == wire.PreAuthCancel {
			continue
		}
		if !strings.Contains(strings.Join(s.slips, ""), "凭证号(VOUCHER NO):"+e.STAN) {
			s.t.Errorf("no slip of %s %s", e.Kind, e.STAN)
		}
	}
	a, err := s.host.Account(s.t.Context(), dayPAN)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := opening - a.Balance - a.Held; got != s.paid() {
		s.t.Errorf("the cardholder paid %d, the terminal booked %d", got, s.paid())
	}
	if out := s.do(settle); out.Result != emulator.Approved || !out.Settlement.Balanced() {
		s.t.Errorf("the last settlement: %+v %+v", out, out.Settlement)
	}
}

// paid is what all that was ever booked brought in.
func (s *soak) paid() (sum int64) {
	for _, e := range s.booked {
		switch e.Kind {
		case wire.Void, wire.Refund, wire.CompletionVoid:
			sum -= e.Amount
		case wire.Purchase, wire.QR, wire.Completion, wire.CompletionNotice:
			sum += e.Amount
		}
	}
	return sum
}
