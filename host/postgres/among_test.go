//go:build unix

package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"possim/host/ledger"
)

// drawn is the transaction that a seed and a number make: whoever draws it again draws the same. Its
// registers are few, and those that it undoes, or takes the rest of, are near it, also behind it.
func drawn(seed uint64, i int) ledger.Tx {
	r := rand.New(rand.NewPCG(seed, uint64(i)))
	key := func(n int) ledger.Key { return ledger.Key(fmt.Sprint("k", n)) }
	near := key(max(0, i-6+r.IntN(9)))
	owner := func() string { return []string{"card1", "card2", "shop"}[r.IntN(3)] }
	n := int64(1 + r.IntN(50))
	if r.IntN(60) == 0 {
		n = 1 << 62
	}
	used := ledger.Reg{Kind: ledger.DayAmount, Owner: owner(), Day: 20260601}
	tx := ledger.Tx{Key: key(i), Day: 20260601, At: time.Unix(int64(i), 0), Memo: fmt.Appendf(nil, `{"n":%d}`, i)}
	tx.Guards = []ledger.Guard{{Rule: "day", Reg: used, Add: n, Max: ledger.At(900)}}
	tx.Moves = []ledger.Move{
		{Reg: ledger.Reg{Kind: ledger.Balance, Owner: owner()}, Add: -n},
		{Reg: ledger.Reg{Kind: []ledger.Kind{ledger.Balance, ledger.Hold}[r.IntN(2)], Owner: owner()}, Add: n},
		{Reg: used, Add: n},
		{Reg: ledger.Reg{Kind: ledger.Rest, Owner: string(tx.Key)}, Add: n},
	}
	if r.IntN(3) == 0 {
		tx.Raise = []ledger.Raise{{Reg: ledger.Reg{Kind: ledger.ATC, Owner: owner()}, To: int64(i + r.IntN(5))}}
	}
	switch r.IntN(8) {
	case 0, 1:
		tx.Undoes, tx.Moves, tx.Guards = near, nil, nil
	case 2:
		tx.Undoes = near
	case 3:
		rest := ledger.Reg{Kind: ledger.Rest, Owner: string(near)}
		tx.Moves = append(tx.Moves, ledger.Move{Reg: rest, Add: -n})
		tx.Guards = append(tx.Guards, ledger.Guard{Rule: "rest", Reg: rest, Add: -n, Min: ledger.At(-40)})
	case 4:
		tx.Refuse, tx.Moves = "55", []ledger.Move{{Reg: ledger.Reg{Kind: ledger.PINTries, Owner: owner()}, Add: 1}}
	}
	if tx.Undoes == tx.Key {
		tx.Undoes = ""
	}
	return tx
}

// insist commits as a host does: it looks at what is to be undone, again when that is stale, and repeats
// what ended in an error.
func insist(ctx context.Context, tx ledger.Tx, hosts ...*Store) (r ledger.Result, err error) {
	for try := range 200 {
		s := hosts[try%len(hosts)]
		if tx.Undoes != "" {
			p, found := s.Find(ctx, tx.Undoes)
			if found != nil && !errors.Is(found, ledger.ErrNotFound) {
				err = found
				continue
			}
			tx.UndoesSeq = p.Seq
		}
		if r, err = s.Commit(ctx, tx); err == nil && r.Refused != ledger.RuleStale {
			return r, nil
		}
	}
	return r, fmt.Errorf("%s was never answered: %+v, %w", tx.Key, r, err)
}

// among is what hosts together answered.
type among struct {
	seed    uint64
	most    int
	hosts   []*Store
	next    atomic.Int64
	mu      sync.Mutex
	answers map[ledger.Key][]ledger.Result
}

// commit commits what is next, at two hosts each, until there is no more.
func (a *among) commit(t *testing.T, at int) {
	for !t.Failed() {
		i := int(a.next.Add(1)) / 2
		if i >= a.most {
			return
		}
		tx := drawn(a.seed, i)
		r, err := insist(t.Context(), tx, a.hosts[at%len(a.hosts)], a.hosts[(at+1)%len(a.hosts)])
		if err != nil {
			t.Error(err)
			return
		}
		a.mu.Lock()
		a.answers[tx.Key] = append(a.answers[tx.Key], r)
		a.mu.Unlock()
	}
}

// check holds the journal, and what was answered, against a book in memory that is asked the same in the
// order of the journal, and returns that.
func (a *among) check(t *testing.T) ledger.Book {
	t.Helper()
	memory := ledger.NewMemory()
	for p, err := range a.hosts[0].Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		i, _ := strconv.Atoi(strings.TrimPrefix(string(p.Key), "k"))
		tx := drawn(a.seed, i)
		if original, err := memory.Find(t.Context(), tx.Undoes); err == nil {
			tx.UndoesSeq = original.Seq
		}
		r, err := memory.Commit(t.Context(), tx)
		want, _ := memory.Find(t.Context(), p.Key)
		want.UndoneBy = ""
		if err != nil || r.Repeat || !reflect.DeepEqual(p, want) {
			t.Fatalf("got  %+v\nwant %+v, %+v, %v", p, want, r, err)
		}
		first := 0
		for _, got := range a.answers[p.Key] {
			if !got.Repeat {
				first++
			}
			if got.Repeat = false; !reflect.DeepEqual(got, r) {
				t.Errorf("%s was answered %+v and is %+v", p.Key, got, r)
			}
		}
		if first > 1 || len(a.answers[p.Key]) == 0 {
			t.Errorf("%s: %d answers, %d of them the first", p.Key, len(a.answers[p.Key]), first)
		}
		delete(a.answers, p.Key)
	}
	if len(a.answers) > 0 {
		t.Errorf("answered and not posted: %v", a.answers)
	}
	return memory
}

// TestAmongHosts has hosts that fold and forget often decide on the same cards, the same keys and what one
// another posts, while their connections are killed. What they wrote together is what one book in memory
// makes of the same transactions in the order of the journal, and what each was answered.
func TestAmongHosts(t *testing.T) {
	name, url := newDatabase(t)
	a := &among{seed: 1, most: 300, hosts: []*Store{foldSoon(t, url, 7), mustOpen(t, url), foldSoon(t, url, 11)}, answers: map[ledger.Key][]ledger.Result{}}
	var wg sync.WaitGroup
	for at := range 12 {
		wg.Go(func() { a.commit(t, at) })
	}
	for kill := int64(150); kill < 500; kill += 150 {
		for a.next.Load() < kill && !t.Failed() {
			if err := world.Sleep(t.Context(), time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		if err := server.SQL(name, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'possim' AND datname = current_database()"); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	memory := a.check(t)
	hosts := append(a.hosts, mustOpen(t, url))
	for i := range a.most {
		k := drawn(a.seed, i).Key
		rest := ledger.Reg{Kind: ledger.Rest, Owner: string(k)}
		want, _ := memory.Find(t.Context(), k)
		left, _ := memory.Read(t.Context(), rest)
		s := hosts[i%len(hosts)]
		if got, err := s.Find(t.Context(), k); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Read(t.Context(), rest); err != nil || got[0] != left[0] {
			t.Errorf("%s is %d, %v, want %d", rest, got, err, left[0])
		}
	}
	sumUp(t, name)
}
