//go:build unix

package postgres

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/postgres/pgtest"
)

// BenchmarkCommit measures one authorisation on a server that flushes: alone, 64 and 512 at a time,
// over 10,000 cards and with one that is hot; three hosts that share one book; and beside it the floor, what a call costs that does
// nothing but commit.
func BenchmarkCommit(b *testing.B) {
	s, err := pgtest.Start("fsync = on")
	if err != nil {
		absent(b, err)
	}
	b.Cleanup(func() { _ = s.Stop() })
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("cold/%d", callers), func(b *testing.B) { benchStore(b, s, callers, 10_000, 1) })
	}
	b.Run("hot/64", func(b *testing.B) { benchStore(b, s, 64, 1, 1) })
	b.Run("hosts/64", func(b *testing.B) { benchStore(b, s, 64, 1_000, 3) })
	b.Run("nothing/1", func(b *testing.B) { benchNothing(b, s) })
}

// authorisation is what the host posts for a sale by swipe: limits of card and terminal, balance, and
// the ten moves of host/moves.go.
func authorisation(i, cards int64) ledger.Tx {
	card := fmt.Sprintf("card:%032x", i%cards)
	tid := fmt.Sprintf("%08d", i%64+1)
	key := "898100054110001/" + tid + "/000001/0200/" + strconv.FormatInt(i, 10)
	at := func(k ledger.Kind, owner string, day ledger.Day) ledger.Reg {
		return ledger.Reg{Kind: k, Owner: owner, Day: day}
	}
	amount, count := at(ledger.DayAmount, card, 20260601), at(ledger.DayCount, card, 20260601)
	terminal, balance := at(ledger.DayAmount, "terminal:898100054110001/"+tid, 20260601), at(ledger.Balance, card, 0)
	batch := "batch:898100054110001/" + tid + "/000001"
	return ledger.Tx{
		Key: ledger.Key(key), Day: 20260601,
		Guards: []ledger.Guard{
			{Rule: "day-amount", Reg: amount, Add: 1, Max: ledger.At(500_000_00)},
			{Rule: "day-count", Reg: count, Add: 1, Max: ledger.At(1 << 40)},
			{Rule: "terminal-day", Reg: terminal, Add: 1, Max: ledger.At(1 << 40)},
			{Rule: "balance", Reg: balance, Add: -1, Min: ledger.At(-1 << 40)},
		},
		Moves: []ledger.Move{
			{Reg: amount, Add: 1}, {Reg: count, Add: 1}, {Reg: terminal, Add: 1},
			{Reg: at(ledger.DayAmount, "merchant:898100054110001", 20260601), Add: 1},
			{Reg: at(ledger.DebitAmount, batch, 0), Add: 1}, {Reg: at(ledger.DebitCount, batch, 0), Add: 1},
			{Reg: balance, Add: -1}, {Reg: at(ledger.Balance, "merchant:898100054110001", 0), Add: 1},
			{Reg: at(ledger.Rest, key, 0), Add: 1},
		},
		Memo: []byte(`{"kind":"sale","mti":"0200","f3":"000000","amount":1,"currency":"CNY","stan":"000123","tid":"00000001","mid":"898100054110001","batch":"000001","entry":"021","card":"` + card + `","pan":"622202******0015","time":"090000","date":"0601","sent":"0601","day":20260601}`),
	}
}

func benchStore(b *testing.B, s *pgtest.Server, callers int, cards int64, hosts int) {
	url, err := s.Create(fmt.Sprint("bench", databases.Add(1)))
	if err != nil {
		b.Fatal(err)
	}
	stores := make([]*Store, hosts)
	for i := range stores {
		stores[i] = mustOpen(b, url)
	}
	defer used(b, s)()
	race(b, callers, func(i int64) error {
		r, err := stores[i%int64(hosts)].Commit(b.Context(), authorisation(i, cards))
		if err == nil && r.Refused != "" {
			err = fmt.Errorf("refused: %s", r.Refused)
		}
		return err
	})
}

// used reports what processor time an operation takes of the server, and of this process.
func used(b *testing.B, s *pgtest.Server) (report func()) {
	read := func() (server, own time.Duration) {
		server, err := s.CPU()
		if err != nil {
			b.Fatal(err)
		}
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return server, time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	server, own := read()
	return func() {
		s2, o2 := read()
		b.ReportMetric(float64((s2-server).Microseconds())/float64(b.N), "server-us")
		b.ReportMetric(float64((o2-own).Microseconds())/float64(b.N), "own-us")
	}
}

func benchNothing(b *testing.B, s *pgtest.Server) {
	url, err := s.Create(fmt.Sprint("bench", databases.Add(1)))
	if err != nil {
		b.Fatal(err)
	}
	store := mustOpen(b, url)
	race(b, 1, func(i int64) error {
		return store.SaveTerminal(b.Context(), "mid", "tid", strconv.FormatInt(i, 10))
	})
}

// race lets callers share the benchmark's operations.
func race(b *testing.B, callers int, op func(i int64) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := op(i); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
