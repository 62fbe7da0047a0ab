// Package ledgertest holds what every ledger.Book must do.
//
// [Run] is the conformance suite: tables of text ([Play]), transactions that must be turned away,
// a limit that many callers press on at once, a journal that rebuilds the book, and thousands of
// random transactions compared with a reference that keeps no state but a list and recomputes
// everything from it each time.
//
//	func TestConformance(t *testing.T) {
//		ledgertest.Run(t, func(t *testing.T) ledger.Book { return ledger.NewMemory() })
//	}
package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"testing"
	"time"

	"possim/host/ledger"
)

// Run holds the Books that open returns, each new and empty, to the contract of package ledger.
func Run(t *testing.T, open func(t *testing.T) ledger.Book) {
	t.Run("Tables", func(t *testing.T) {
		for _, table := range tables {
			t.Run(table.name, func(t *testing.T) {
				if err := Play(t.Context(), open(t), table.text); err != nil {
					t.Error(err)
				}
			})
		}
	})
	t.Run("Invalid", func(t *testing.T) { testInvalid(t, open(t)) })
	t.Run("Whole", func(t *testing.T) { testWhole(t, open(t)) })
	t.Run("Postings", func(t *testing.T) { testPostings(t, open(t)) })
	t.Run("Together", func(t *testing.T) { testTogether(t, open(t)) })
	t.Run("Cancelled", func(t *testing.T) { testCancelled(t, open(t)) })
	t.Run("HotCard", func(t *testing.T) { testHotCard(t, open(t)) })
	t.Run("OneKey", func(t *testing.T) { testOneKey(t, open(t)) })
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("Random/%d", seed), func(t *testing.T) { Random(t, open(t), seed, 400) })
	}
}

// at is the time tests say it is.
var at = time.Date(2026, 6, 1, 9, 0, 0, 123456789, time.FixedZone("CST", 8*3600))

func reg(k ledger.Kind, owner string) ledger.Reg { return ledger.Reg{Kind: k, Owner: owner} }

// pay moves n from card to shop.
func pay(key ledger.Key, n int64) ledger.Tx {
	return ledger.Tx{Key: key, At: at, Day: 20260601, Moves: []ledger.Move{
		{Reg: reg(ledger.Balance, "card"), Add: -n}, {Reg: reg(ledger.Balance, "shop"), Add: n},
	}}
}

// testInvalid hands in what no Book may take, and looks that nothing came of it.
func testInvalid(t *testing.T, b ledger.Book) {
	card, atc := reg(ledger.Balance, "card"), reg(ledger.ATC, "card")
	long := string(make([]byte, 300))
	for name, c := range map[string]struct {
		tx   ledger.Tx
		want error
	}{
		"no key":            {ledger.Tx{}, ledger.ErrInvalid},
		"long key":          {ledger.Tx{Key: ledger.Key(long)}, ledger.ErrInvalid},
		"control in key":    {ledger.Tx{Key: "a\nb"}, ledger.ErrInvalid},
		"key not UTF-8":     {ledger.Tx{Key: "a\xffb"}, ledger.ErrInvalid},
		"undoes itself":     {ledger.Tx{Key: "k", Undoes: "k"}, ledger.ErrInvalid},
		"seq of nothing":    {ledger.Tx{Key: "k", UndoesSeq: 1}, ledger.ErrInvalid},
		"one-sided":         {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: card, Add: 1}}}, ledger.ErrUnbalanced},
		"sum wraps to zero": {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: card, Add: math.MaxInt64}, {Reg: card, Add: math.MaxInt64}, {Reg: card, Add: 2}}}, ledger.ErrUnbalanced},
		"money set":         {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: card, Set: true}}}, ledger.ErrInvalid},
		"money raised":      {ledger.Tx{Key: "k", Raise: []ledger.Raise{{Reg: card, To: 1}}}, ledger.ErrInvalid},
		"nothing raised":    {ledger.Tx{Key: "k", Raise: []ledger.Raise{{To: 1}}}, ledger.ErrInvalid},
		"no inverse":        {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: atc, Add: math.MinInt64}}}, ledger.ErrInvalid},
		"refused money":     {ledger.Tx{Key: "k", Refuse: "14", Moves: pay("k", 1).Moves}, ledger.ErrInvalid},
		"no kind":           {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: ledger.Reg{Owner: "card"}}}}, ledger.ErrInvalid},
		"no owner":          {ledger.Tx{Key: "k", Moves: []ledger.Move{{Reg: reg(ledger.ATC, "")}}}, ledger.ErrInvalid},
		"no rule":           {ledger.Tx{Key: "k", Guards: []ledger.Guard{{Reg: card}}}, ledger.ErrInvalid},
		"long memo":         {ledger.Tx{Key: "k", Memo: make([]byte, 1<<16+1)}, ledger.ErrInvalid},
		"year":              {ledger.Tx{Key: "k", At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, ledger.ErrInvalid},
	} {
		if r, err := b.Commit(t.Context(), c.tx); !errors.Is(err, c.want) {
			t.Errorf("%s: got %+v, %v, want %v", name, r, err, c.want)
		}
	}
	for p, err := range b.Postings(t.Context(), 0) {
		t.Errorf("posted: %+v, %v", p, err)
	}
	if got, err := b.Read(t.Context(), card, atc); err != nil || got[0] != 0 || got[1] != 0 {
		t.Errorf("registers: got %v, %v, want 0", got, err)
	}
}

// testWhole looks that everything handed in comes back, and that nothing given out is shared.
func testWhole(t *testing.T, b ledger.Book) {
	tx := pay(`k/"quoted\"/é世`, 5)
	tx.Print = [16]byte{1, 2, 0xff}
	tx.Guards = []ledger.Guard{{Rule: "low", Reg: reg(ledger.Balance, "card"), Add: -5, Min: ledger.At(-5)}}
	tx.Moves = append(tx.Moves, ledger.Move{Reg: ledger.Reg{Kind: ledger.ATC, Owner: "card", Day: 20260601}, Add: 17, Set: true})
	tx.Memo = []byte("\x00\x01 text \"\\\u2028 \x7f")
	want := ledger.Posting{
		Seq: 1, Key: tx.Key, Print: tx.Print, At: at.UTC(), Day: 20260601, Moves: tx.Moves, Memo: tx.Memo,
		Why: []ledger.Verdict{{Guard: tx.Guards[0], OK: true}},
	}
	r, err := b.Commit(t.Context(), tx)
	if err != nil || !reflect.DeepEqual(r, want.Result()) {
		t.Fatalf("Commit: got %+v, %v, want %+v", r, err, want.Result())
	}
	for range 2 {
		p, err := b.Find(t.Context(), tx.Key)
		if err != nil || !reflect.DeepEqual(p, want) {
			t.Fatalf("Find: got %+v, %v, want %+v", p, err, want)
		}
		p.Memo[0], p.Moves[0].Add, p.Why[0].OK, r.Memo[1], r.Why[0].Value = 9, 9, false, 9, 9
	}
	binary := ledger.Tx{Key: "binary", Memo: []byte{0xff, 0xfe, 0}}
	if _, err := b.Commit(t.Context(), binary); err != nil {
		t.Fatal(err)
	}
	if p, err := b.Find(t.Context(), "binary"); err != nil || string(p.Memo) != "\xff\xfe\x00" {
		t.Errorf("binary memo: got %q, %v", p.Memo, err)
	}
	if _, err := b.Find(t.Context(), "other"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("Find of an unknown key: got %v", err)
	}
}

// testPostings ranges from the middle, stops early, and commits while ranging.
func testPostings(t *testing.T, b ledger.Book) {
	for _, k := range []ledger.Key{"1", "2", "3"} {
		if _, err := b.Commit(t.Context(), pay(k, 1)); err != nil {
			t.Fatal(err)
		}
	}
	var got []ledger.Key
	for p, err := range b.Postings(t.Context(), 1) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, p.Key); len(got) == 1 {
			if _, err := b.Commit(t.Context(), pay("4", 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := []ledger.Key{"2", "3", "4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("behind 1: got %v, want %v", got, want)
	}
	for _, seq := range []uint64{5, math.MaxInt64 + 1, math.MaxUint64} {
		if r, err := b.Commit(t.Context(), ledger.Tx{Key: "stale", Undoes: "4", UndoesSeq: seq}); err != nil || r.Refused != ledger.RuleStale {
			t.Errorf("undoing 4, seen as posting %d: got %+v, %v", seq, r, err)
		}
	}
	for range b.Postings(t.Context(), 0) {
		break
	}
	for p, err := range b.Postings(t.Context(), math.MaxUint64) {
		t.Errorf("behind everything: got %v, %v", p, err)
	}
}

// testCancelled looks that a context that is over stops what has not begun.
func testCancelled(t *testing.T, b ledger.Book) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Commit(ctx, pay("k", 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit: got %v", err)
	}
	if _, err := b.Find(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Find: got %v", err)
	}
	if _, err := b.Read(ctx, reg(ledger.Balance, "card")); !errors.Is(err, context.Canceled) {
		t.Errorf("Read: got %v", err)
	}
	for _, err := range b.Postings(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Postings: got %v", err)
		}
	}
	if _, err := b.Find(t.Context(), "k"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("the cancelled Commit was applied: %v", err)
	}
}

// testHotCard lets many callers press on one limit: exactly so many pass.
func testHotCard(t *testing.T, b ledger.Book) {
	used := ledger.Reg{Kind: ledger.DayAmount, Owner: "card", Day: 20260601}
	passed := parallel(t, 200, func(i int) bool {
		tx := pay(ledger.Key(fmt.Sprint(i)), 7)
		tx.Guards = []ledger.Guard{{Rule: "limit", Reg: used, Add: 7, Max: ledger.At(500)}}
		tx.Moves = append(tx.Moves, ledger.Move{Reg: used, Add: 7})
		r, err := b.Commit(t.Context(), tx)
		if err != nil {
			t.Error(err)
		}
		return r.Refused == ""
	})
	got, err := b.Read(t.Context(), used, reg(ledger.Balance, "card"), reg(ledger.Balance, "shop"))
	if want := []int64{497, -497, 497}; passed != 71 || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %d passed, %v, %v, want 71, %v", passed, got, err, want)
	}
}

// testOneKey sends one transaction many times at once: one is the first, all get its answer.
func testOneKey(t *testing.T, b ledger.Book) {
	firsts := parallel(t, 100, func(int) bool {
		r, err := b.Commit(t.Context(), pay("k", 1))
		if err != nil || r.Seq != 1 || r.Refused != "" {
			t.Errorf("got %+v, %v", r, err)
		}
		return !r.Repeat
	})
	got, err := b.Read(t.Context(), reg(ledger.Balance, "shop"))
	if firsts != 1 || err != nil || got[0] != 1 {
		t.Errorf("got %d firsts, %v, %v, want 1, [1]", firsts, got, err)
	}
}

// parallel runs f n times at once and counts how often it was true.
func parallel(t *testing.T, n int, f func(i int) bool) (count int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if f(i) {
				mu.Lock()
				count++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	return count
}
