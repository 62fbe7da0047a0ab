package host

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"possim/host/ledger"
)

// TestExpiryFails: a hold that could not be let go of is tried again.
func TestExpiryFails(t *testing.T) {
	w := newWorld(t)
	w.run(`
		card A
		preauth A 60.00 -> 00 A.held=60.00
		preauth A 5.00 -> 00 A.held=65.00
		due
		clock +720h`)
	book := &meddler{Book: w.h.Book, fail: errors.New("disk full")}
	w.h.Book = book
	for range 2 {
		if err := w.h.Due(context.Background()); err == nil || !strings.Contains(err.Error(), "disk full") {
			t.Fatalf("got %v", err)
		}
	}
	book.fail = nil
	w.run(`
		due
		balance A -> 00 A.held=0.00 A=1000000.00`)
	if !strings.Contains(w.log.String(), "a hold expired") {
		t.Error("the log does not say so")
	}
}

// TestExpiryAfterRestart: what is held is found again in the book.
func TestExpiryAfterRestart(t *testing.T) {
	w := newWorld(t)
	w.run(`
		card A
		preauth A 60.00 as=p -> 00 A.held=60.00`)
	again := newWorld(t)
	again.h.Book, again.h.HoldDays = w.h.Book, 7
	again.run(`
		clock +167h
		card A
		balance A stan=50 -> 00 A.held=60.00
		clock +1h
		due
		balance A stan=51 -> 00 A.held=0.00
		due
		balance A stan=52 -> 00 A.held=0.00`)
}

// TestHoldsUnderRaces: completions, cancels and the clock want the same hold.
func TestHoldsUnderRaces(t *testing.T) {
	for range 20 {
		w := newWorld(t)
		w.run("card A\npreauth A 10.00 as=p -> 00")
		w.clock = w.clock.AddDate(0, 0, DefaultHoldDays)
		done := make(chan struct{})
		for i, words := range []string{"complete A 10.00 of=p", "cancel A 10.00 of=p", "complete A 9.00 of=p"} {
			args := strings.Fields(words)
			m, err := w.message(args[0], args[1:])
			if err != nil {
				t.Fatal(err)
			}
			m.STAN = number(i+10, 6)
			go func() {
				defer func() { done <- struct{}{} }()
				if c := w.h.Decide(context.Background(), Request{Message: m}).Answer.Code; c != "00" && c != "25" {
					t.Errorf("%s: got %s", words, c)
				}
			}()
		}
		go func() {
			defer func() { done <- struct{}{} }()
			if err := w.h.Due(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		for range 4 {
			<-done
		}
		a, _ := w.h.Account(context.Background(), pan("A"))
		paid, _ := w.h.Settlement(context.Background(), "898100054110001")
		if a.Held != 0 || a.Balance+paid != 100_000_000 || paid != 0 && paid != 900 && paid != 1000 {
			t.Errorf("got %+v, merchant %d", a, paid)
		}
		if err := w.balanced(); err != nil {
			t.Error(err)
		}
	}
}

// scant is a Book that gives Due as little as a Sifter may.
type scant struct{ ledger.Book }

func (b scant) PostingsOf(ctx context.Context, after uint64, kind ledger.Kind) iter.Seq2[ledger.Posting, error] {
	return func(yield func(ledger.Posting, error) bool) {
		for p, err := range b.Postings(ctx, after) {
			known, _ := b.Find(ctx, p.Key)
			adds := slices.ContainsFunc(p.Moves, func(mv ledger.Move) bool { return mv.Reg.Kind == kind && mv.Add > 0 })
			if (err != nil || adds && known.UndoneBy == "") && !yield(p, err) {
				return
			}
		}
	}
}

// TestExpirySifted: a hold whose completion is undone after Due had passed over it is let go of as well,
// also where Due is not shown what is undone.
func TestExpirySifted(t *testing.T) {
	w := newWorld(t)
	w.h.Book = scant{w.h.Book}
	w.run(`
		card A
		preauth A 60.00 as=p -> 00
		preauth A 7.00 as=q -> 00
		complete A 7.00 of=q as=c -> 00
		preauth A 5.00 as=x -> 00
		cancel A 5.00 of=x as=y -> 00
		due
		rev A 5.00 of=y -> 00 A.held=65.00
		clock 2026-07-01T08:59:59
		due
		balance A -> 00 A.held=65.00
		clock +1s
		due
		balance A -> 00 A.held=0.00 A=999993.00
		cvoid A 7.00 of=c -> 00 A.held=7.00
		due
		balance A -> 00 A.held=0.00 A=1000000.00`)
}
