package host

import (
	"context"
	"errors"
	"testing"

	"possim/host/ledger"
	"possim/host/wire"
)

// TestReversals: RULES, repeats and reversals.
func TestReversals(t *testing.T) {
	for name, text := range map[string]string{
		"gives amount and count back once": `
			card A day=100.00
			sale A 60.00 -> 00 A=999940.00 A.day=60.00 A.count=1 M=60.00 T=60.00
			rev - 60.00 -> 00 A=1000000.00 A.day=0.00 A.count=0 M=0.00 T=0.00
			again -> 00 A=1000000.00 A.count=0
			again -> 00 A=1000000.00
			sale A 100.00 -> 00 A.day=100.00
		`,
		"to the original's day": `
			card A day=100.00 count=1
			clock 2026-06-01T23:59:00
			sale A 60.00 -> 00
			clock +2m
			sale A 100.00 -> 00 A.day=100.00 A.count=1
			rev - 60.00 stan=1 -> 00 A.day=100.00 A.count=1 A=999900.00
			clock 2026-06-01T23:59:59
			sale A 100.00 -> 00 A.day=100.00 A.count=1 # yesterday's use was given back to yesterday
		`,
		"a terminal whose clock is wrong by months": `
			card A
			sale A 60.00 f13=0102 -> 00
			rev - 60.00 stan=77 f90=020000000101021200000000000000000000000000 -> 00 A=1000000.00
			sale A 60.00 f13=0102 stan=2 -> 00
			rev - 6.00 stan=78 f90=020000000201021200000000000000000000000000 -> 64 A=999940.00
			rev - 60.00 stan=78 f90=020000000201031200000000000000000000000000 -> 00 A=1000000.00
			rev - 60.00 stan=79 f90=020000000901021200000000000000000000000000 -> 25
		`,
		"the card counts where it is carried": `
			card A
			card B
			sale A 60.00 -> 00
			rev B 60.00 -> 64 original A=999940.00 B=1000000.00
			rev B 60.00 track=2912 stan=1 -> 64
			rev A 60.00 -> 00 A=1000000.00
		`,
		"a repeat may name the card, or not": `
			card A
			sale A 60.00 -> 00
			rev - 60.00 stan=1 -> 00 A=1000000.00
			rev A 60.00 stan=1 -> 00 A=1000000.00
			rev A 60.00 stan=1 track=2912 -> 00
			rev A 5.00 stan=9 -> 25
			rev - 5.00 stan=9 -> 25
			rev - 5.00 stan=9 f3= -> 25
		`,
		"the amount counts": `
			card A
			sale A 60.00 -> 00
			rev - 60.01 -> 64 original A=999940.00
			again -> 64 A=999940.00
			rev - 6.00 -> 64
			rev - 0.00 -> 64
			rev - 60.00 -> 00 A=1000000.00   # the right one is not barred by the wrong ones
			again -> 00
			rev - 60.01 -> 64 A=1000000.00
		`,
		"the currency and the processing code count": `
			card A
			sale A 60.00 -> 00
			rev - 60.00 cur=840 -> 64
			rev - 60.00 f3=200000 -> 64
			rev - 60.00 f3= -> 00 A=1000000.00
		`,
		"without an original": `
			card A
			rev - 60.00 stan=1 -> 25 A=1000000.00
			again -> 25
			sale A 60.00 stan=1 -> 94 tombstone A=1000000.00 A.count=0 M=0.00
			again -> 94 A=1000000.00
			rev - 60.00 stan=1 -> 25            # the first answer
			rev - 61.00 stan=1 -> 64
			sale A 60.00 stan=2 -> 00
		`,
		"of a declined original": `
			card A balance=10.00
			sale A 10.01 -> 51
			rev - 10.01 -> 00 A=10.00
			again -> 00
			sale B 5.00 -> 14
			rev - 5.00 -> 00
			sale A 0.00 -> 13
			rev - 0.00 -> 00 A=10.00
		`,
		"skips status, expiry and limits": `
			card A expiry=2606 balance=60.00 day=60.00 count=1 per=60.00
			sale A 60.00 -> 00 A=0.00
			card A status=stolen expiry=2606 balance=60.00 day=0.00 count=0 per=0.00
			clock 2026-07-01T09:00:00
			rev A 60.00 -> 00 A=60.00
		`,
		"of another terminal, batch or STAN finds nothing": `
			card A
			sale A 60.00 -> 00
			rev - 60.00 tid=2 stan=1 -> 25
			rev - 60.00 batch=2 stan=1 -> 25
			rev - 60.00 stan=2 -> 25 A=999940.00
			rev - 60.00 stan=1 -> 00
		`,
		"of a stranger": `
			rev - 60.00 stan=1 mid=898100054119999 -> 03
			rev - 60.00 stan=1 tid=10001 -> 97
			sale A 60.00 stan=1 -> 14               # no tombstone was left
		`,
		"F90 wins over F11": `
			card A
			sale A 60.00 stan=1 -> 00
			sale A 60.00 stan=2 -> 00 A=999880.00
			rev - 60.00 stan=2 f90=02000000010601090000 -> 00 A=999940.00
			again -> 00 A=999940.00
			rev - 60.00 stan=7 f90=02000000010601090000 -> 00 A=999940.00 # the first answer, whatever its own STAN
			rev - 60.00 stan=2 f90=0 -> 00 A=1000000.00   # zeros: the sender does not know
			rev - 60.00 stan=9 f90=02000000080601090000 -> 25
			sale A 60.00 stan=8 -> 94 A=1000000.00
		`,
		"of a reversal, never": `
			card A
			sale A 60.00 stan=1 -> 00
			rev - 60.00 stan=1 -> 00
			rev - 60.00 stan=2 f90=04000000010601090000 -> 12 transaction A=1000000.00
		`,
		"the sale again after its reversal": `
			card A
			sale A 60.00 stan=1 -> 00
			rev - 60.00 -> 00 A=1000000.00
			sale A 60.00 stan=1 -> 00 A=1000000.00 # the first answer; nothing is posted again
			sale A 61.00 stan=1 -> 94
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

// TestUnbatched: where there is no 60.2, the business day stands in the key.
func TestUnbatched(t *testing.T) {
	for name, text := range map[string]string{
		"the same STAN the next day is another sale": `
			card A
			sale A 60.00 stan=1 batch=none -> 00
			clock +24h
			sale A 61.00 stan=1 batch=none -> 00 A=999879.00
			rev - 61.00 stan=1 batch=none -> 00 A=999940.00
		`,
		"a reversal finds yesterday's original": `
			card A
			clock 2026-06-01T23:59:59
			sale A 60.00 stan=1 batch=none -> 00
			clock +10h
			rev - 60.00 stan=1 batch=none -> 00 A=1000000.00
			again -> 00
		`,
		"but not one of the same STAN and another amount": `
			card A
			sale A 60.00 stan=1 batch=none -> 00
			clock 2026-06-02T00:30:00
			rev - 61.00 stan=1 batch=none -> 25 A=999940.00
			sale A 61.00 stan=1 batch=none -> 94 A=999940.00
		`,
		"and not one older than a day": `
			card A
			sale A 60.00 stan=1 batch=none -> 00
			clock +24h
			rev - 60.00 stan=1 batch=none -> 25 A=999940.00
		`,
		"F90 or F13 say the day": `
			card A
			sale A 60.00 stan=1 batch=none -> 00
			clock +72h
			sale A 60.00 stan=1 batch=none -> 00 A=999880.00
			rev - 60.00 stan=9 batch=none f90=02000000010601090000 -> 00 A=999940.00
			again -> 00 A=999940.00
			rev - 60.00 stan=1 batch=none f13=0601 -> 00 A=999940.00 # the same one: the first answer
			rev - 60.00 stan=1 batch=none f13=0604 -> 00 A=1000000.00
			rev - 1.00 stan=5 batch=none f13=0230 -> 25               # no such date: today
		`,
		"a day whose STAN is taken today": `
			card A
			clock 2026-06-05T09:00:00
			sale A 61.00 stan=1 batch=none -> 00 A=999939.00
			rev - 60.00 stan=1 batch=none f13=0601 -> 25 A=999939.00
			again -> 25
		`,
		"yesterday by name, though today has that STAN too": `
			card A
			sale A 60.00 stan=1 batch=none -> 00
			clock +30h
			sale A 61.00 stan=1 batch=none -> 00 A=999879.00
			rev - 60.00 stan=1 batch=none f13=0601 -> 00 A=999939.00
			rev - 62.00 stan=1 batch=none f13=0601 -> 64
			rev - 61.00 stan=1 batch=none f13=0602 -> 00 A=1000000.00
		`,
		"a clock that differs about midnight": `
			card A
			clock 2026-06-02T00:00:05
			sale A 60.00 stan=1 batch=none -> 00
			clock 2026-06-05T09:00:00
			rev - 60.00 stan=1 batch=none f13=0601 -> 00 A=1000000.00
		`,
		"of last year": `
			card A
			clock 2026-12-31T12:00:00
			sale A 60.00 stan=1 batch=none -> 00
			clock 2027-01-04T09:00:00
			rev - 60.00 stan=1 batch=none f13=1231 -> 00 A=1000000.00
		`,
		"a repeat across midnight": `
			card A
			clock 2026-06-01T23:59:59
			sale A 60.00 stan=1 batch=none -> 00 A=999940.00
			clock +2s
			again -> 00 A=999940.00
			clock +20m
			sale A 60.00 stan=1 batch=none -> 00 A=999880.00 # by now a new one
		`,
		"a tombstone across midnight": `
			card A
			clock 2026-06-01T23:59:59
			rev - 60.00 stan=1 batch=none -> 25
			clock +2s
			sale A 60.00 stan=1 batch=none -> 94 A=1000000.00
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestRepeats(t *testing.T) {
	for name, text := range map[string]string{
		"an approval": `
			card A
			sale A 60.00 -> 00 A=999940.00
			clock +5m
			again -> 00 A=999940.00 A.count=1
			status A frozen
			again -> 00 A=999940.00
			clock +48h                      # the batch goes on
			again -> 00 A=999940.00
		`,
		"a decline": `
			card A status=frozen
			sale A 60.00 -> 62
			status A active
			clock +5m
			again -> 62 status A=1000000.00
			sale A 60.00 -> 00
		`,
		"a decline by a limit": `
			card A day=60.00
			sale A 60.01 -> 61
			clock +24h
			again -> 61 day-amount
		`,
		"another amount, card or processing code": `
			card A
			card B
			sale A 60.00 stan=1 -> 00
			sale A 60.01 stan=1 -> 94 duplicate A=999940.00
			sale B 60.00 stan=1 -> 94 duplicate B=1000000.00
			sale A 60.00 stan=1 f3=001000 -> 94 duplicate
			sale A 60.00 stan=1 -> 00 A=999940.00
			sale A 60.00 stan=1 cur=840 -> 00     # the print holds those three, and they are the same
			sale A 60.00 stan=1 tid=2 -> 00 A=999880.00
			sale A 60.00 stan=1 batch=2 -> 00 A=999820.00
		`,
		"a format error is not remembered": `
			card A
			sale A 60.00 stan=1 exp=2913 -> 30
			sale A 60.00 stan=1 -> 00
		`,
	} {
		t.Run(name, func(t *testing.T) { table(t, text) })
	}
}

func TestCutOver(t *testing.T) {
	for _, c := range []struct {
		cutOver string
		text    string
	}{
		{"-1h", `
			card A day=10.00
			clock 2026-06-01T22:59:59
			sale A 10.00 -> 00
			sale A 0.01 -> 61
			clock +1s
			sale A 10.00 -> 00
			clock 2026-06-02T22:59:59
			sale A 0.01 -> 61`},
		{"2h", `
			card A day=10.00
			clock 2026-06-01T23:00:00
			sale A 10.00 -> 00
			clock 2026-06-02T01:59:59
			sale A 0.01 -> 61
			clock +1s
			sale A 10.00 -> 00`},
	} {
		t.Run(c.cutOver, func(t *testing.T) {
			w := newWorld(t)
			w.h.CutOver = duration(t, c.cutOver)
			w.run(c.text)
		})
	}
}

// meddler is a Book in which another writer comes between the look and the commit.
type meddler struct {
	ledger.Book
	between func() // once, after the next Find
	fail    error  // of every Commit
	lost    bool   // a failing Commit was done all the same
}

func (b *meddler) Find(ctx context.Context, k ledger.Key) (ledger.Posting, error) {
	p, err := b.Book.Find(ctx, k)
	if f := b.between; f != nil {
		b.between = nil
		f()
	}
	return p, err
}

func (b *meddler) Commit(ctx context.Context, tx ledger.Tx) (ledger.Result, error) {
	if b.fail != nil {
		if b.lost {
			_, _ = b.Book.Commit(ctx, tx)
		}
		return ledger.Result{}, b.fail
	}
	return b.Book.Commit(ctx, tx)
}

// TestOriginalArrivesDuringItsReversal: the reversal looked and found nothing,
// then the sale is posted, then the reversal commits.
func TestOriginalArrivesDuringItsReversal(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	book := &meddler{Book: w.h.Book}
	w.h.Book = book
	original, _ := w.message("sale", []string{"A", "60.00"})
	book.between = func() {
		if d := w.h.Decide(context.Background(), Request{Message: original}); d.Answer.Code != wire.Approved {
			t.Errorf("got %s for the sale", d.Answer.Code)
		}
	}
	w.run("rev - 60.00 stan=1 -> 00 A=1000000.00 A.count=0")
}

// TestUnknownOutcome: the book says neither yes nor no, so neither does the host;
// the reversal that follows leaves the books whole either way.
func TestUnknownOutcome(t *testing.T) {
	for _, lost := range []bool{false, true} {
		w := newWorld(t)
		w.run("card A")
		book := &meddler{Book: w.h.Book, fail: errors.New("disk full"), lost: lost}
		w.h.Book = book
		m, _ := w.message("sale", []string{"A", "60.00"})
		d := w.h.Decide(context.Background(), Request{Message: m})
		if !d.Silent || d.Note == "" {
			t.Errorf("got %+v, want silence and why", d)
		}
		book.fail = nil
		if lost {
			w.run("rev - 60.00 stan=1 -> 00 A=1000000.00")
		} else {
			w.run("rev - 60.00 stan=1 -> 25 A=1000000.00")
		}
	}
}

func TestImpossibleCommit(t *testing.T) {
	w := newWorld(t)
	w.run("card A")
	w.h.Book = &meddler{Book: w.h.Book, fail: ledger.ErrInvalid}
	w.run("sale A 60.00 -> 96")
}
