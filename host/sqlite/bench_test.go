package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"possim/host/ledger"
)

// BenchmarkCommit measures one authorisation, alone and 64 at a time, in memory, in SQLite, and
// beside both the floor: the same bytes appended to a plain file with group commit and fsync.
func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("memory/%d", callers), func(b *testing.B) { benchBook(b, ledger.NewMemory(), callers) })
		b.Run(fmt.Sprintf("sqlite/%d", callers), func(b *testing.B) {
			benchBook(b, mustOpen(b, filepath.Join(b.TempDir(), "books.db")), callers)
		})
		b.Run(fmt.Sprintf("append+fsync/%d", callers), func(b *testing.B) { benchAppend(b, callers) })
	}
}

// authorisation is what a sale costs: four guards and six moves over 10,000 cards.
func authorisation(i int64) ledger.Tx {
	card := "card:" + strconv.FormatInt(i%10_000, 10)
	at := func(k ledger.Kind, owner string, day ledger.Day) ledger.Reg {
		return ledger.Reg{Kind: k, Owner: owner, Day: day}
	}
	amount, count := at(ledger.DayAmount, card, 20260601), at(ledger.DayCount, card, 20260601)
	terminal, balance := at(ledger.DayAmount, "terminal:1", 20260601), at(ledger.Balance, card, 0)
	return ledger.Tx{
		Key: ledger.Key("898100054110001/00000001/000001/0200/" + strconv.FormatInt(i, 10)), Day: 20260601,
		Guards: []ledger.Guard{
			{Rule: "card-day-amount", Reg: amount, Add: 1, Max: ledger.At(500_000_00)},
			{Rule: "card-day-count", Reg: count, Add: 1, Max: ledger.At(1 << 40)},
			{Rule: "terminal-day-amount", Reg: terminal, Add: 1, Max: ledger.At(1 << 40)},
			{Rule: "balance", Reg: balance, Add: -1, Min: ledger.At(-1 << 40)},
		},
		Moves: []ledger.Move{
			{Reg: balance, Add: -1}, {Reg: at(ledger.Balance, "merchant:1", 0), Add: 1},
			{Reg: amount, Add: 1}, {Reg: count, Add: 1}, {Reg: terminal, Add: 1},
		},
		Memo: []byte(`{"rrn":"123456789012","auth":"123456"}`),
	}
}

func benchBook(b *testing.B, book ledger.Book, callers int) {
	race(b, callers, func(i int64) error {
		_, err := book.Commit(b.Context(), authorisation(i))
		return err
	})
}

// benchAppend is the floor: one writer, the queue drained, one write and one fsync a batch.
func benchAppend(b *testing.B, callers int) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var m ledger.Machine
	if _, err := m.Apply(authorisation(0)); err != nil {
		b.Fatal(err)
	}
	line := m.AppendJSON(nil, 0)
	queue := make(chan chan error, maxBatch)
	defer close(queue)
	go func() {
		var buf []byte
		for first := range queue {
			batch := []chan error{first}
			buf = append(buf[:0], line...)
			for more := true; more; {
				select {
				case c, ok := <-queue:
					if more = ok; ok {
						batch, buf = append(batch, c), append(buf, line...)
					}
				default:
					more = false
				}
			}
			_, err := f.Write(buf)
			if err == nil {
				err = f.Sync()
			}
			for _, c := range batch {
				c <- err
			}
		}
	}()
	race(b, callers, func(int64) error {
		c := make(chan error, 1)
		queue <- c
		return <-c
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

// BenchmarkOpen measures replaying 100,000 postings.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "books.db")
	s := mustOpen(b, path)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := next.Add(1); i <= 100_000; i = next.Add(1) {
				if _, err := s.Commit(b.Context(), authorisation(i)); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
