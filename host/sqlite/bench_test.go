//go:build unix

package sqlite

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"possim/host/ledger"
)

// BenchmarkCommit measures one authorisation, alone, 64 and 512 at a time: in memory, and in SQLite
// beside two logs, plain files with group commit and fsync: "log/s" keeps the same state in memory,
// decides the same and appends the same lines, "floor/s" appends lines and decides nothing. They take
// turns, and "x-log" and "x-floor" are the medians of what a turn of SQLite makes of theirs.
func BenchmarkCommit(b *testing.B) {
	for _, callers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("memory/%d", callers), func(b *testing.B) {
			book := ledger.NewMemory()
			b.ReportAllocs()
			race(b, callers, 1, b.N, func(i int64) error {
				_, err := book.Commit(b.Context(), authorisation(i, 10_000))
				return err
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
		})
		b.Run(fmt.Sprintf("sqlite/%d", callers), func(b *testing.B) { benchStore(b, callers) })
	}
}

// authorisation is what a sale costs: four guards and five moves, the cards taking turns.
func authorisation(i, cards int64) ledger.Tx {
	card := "card:" + strconv.FormatInt(i%cards, 10)
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

// benchStore lets the store and the logs take turns. The benchmark's own time is the store's.
func benchStore(b *testing.B, callers int) {
	book := mustOpen(b, filepath.Join(b.TempDir(), "books.db"))
	logged, appended := newLog(b, decided()), newLog(b, repeated(b))
	const turns = 20
	var store, log, floor, storeCPU, floorCPU time.Duration
	var ofLog, ofFloor []float64
	b.ReportAllocs()
	b.ResetTimer()
	for at, turn := 0, 0; at < b.N; turn++ {
		n := min(max(b.N/turns, 1), b.N-at)
		before := processor()
		took := race(b, callers, int64(at), n, func(i int64) error {
			_, err := book.Commit(b.Context(), authorisation(i, 10_000))
			return err
		})
		storeCPU += processor() - before
		b.StopTimer()
		aside := race(b, callers, int64(at), n, func(i int64) error { return logged(authorisation(i, 10_000)) })
		before = processor()
		beside := race(b, callers, int64(at), n, func(int64) error { return appended(ledger.Tx{}) })
		floorCPU += processor() - before
		b.StartTimer()
		store, log, floor, at = store+took, log+aside, floor+beside, at+n
		ofLog = append(ofLog, aside.Seconds()/took.Seconds())
		ofFloor = append(ofFloor, beside.Seconds()/took.Seconds())
	}
	slices.Sort(ofLog)
	slices.Sort(ofFloor)
	b.ReportMetric(float64(b.N)/store.Seconds(), "commits/s")
	b.ReportMetric(float64(b.N)/log.Seconds(), "log/s")
	b.ReportMetric(float64(b.N)/floor.Seconds(), "floor/s")
	b.ReportMetric(ofLog[len(ofLog)/2], "x-log")
	b.ReportMetric(ofFloor[len(ofFloor)/2], "x-floor")
	b.ReportMetric(storeCPU.Seconds()*1e6/float64(b.N), "cpu-us")
	b.ReportMetric(floorCPU.Seconds()*1e6/float64(b.N), "floor-cpu-us")
}

// entry appends what a log keeps of a transaction.
type entry func(buf []byte, tx ledger.Tx) ([]byte, error)

// decided is the line of what a machine decides on.
func decided() entry {
	var m ledger.Machine
	return func(buf []byte, tx ledger.Tx) ([]byte, error) {
		if err := tx.Check(); err != nil {
			return nil, err
		}
		_, p, err := m.Decide(&tx)
		if err != nil {
			return nil, err
		}
		buf = append(p.AppendLine(buf), ",\n"...)
		m.Post()
		return buf, nil
	}
}

// repeated is the same line for all.
func repeated(b testing.TB) entry {
	line, err := decided()(nil, authorisation(123_456, 10_000))
	if err != nil {
		b.Fatal(err)
	}
	return func(buf []byte, _ ledger.Tx) ([]byte, error) { return append(buf, line...), nil }
}

// newLog returns what makes a transaction durable in a log: one writer, the queue drained as the
// store's writer drains it, one write and one fsync a batch, and nothing that could be read again.
func newLog(b testing.TB, entry entry) func(ledger.Tx) error {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	type asked struct {
		tx   ledger.Tx
		done chan error
	}
	queue := make(chan asked, maxBatch)
	b.Cleanup(func() { close(queue); f.Close() })
	go func() {
		var buf []byte
		for first := range queue {
			batch := []asked{first}
			var err error
			buf, err = entry(buf[:0], first.tx)
			for n := 0; n < len(batch); { // as the writer gathers
				n = len(batch)
				runtime.Gosched()
				for more := true; more && err == nil; {
					select {
					case a, ok := <-queue:
						if more = ok; ok {
							batch = append(batch, a)
							buf, err = entry(buf, a.tx)
						}
					default:
						more = false
					}
				}
			}
			if err == nil {
				_, err = f.Write(buf)
			}
			if err == nil {
				err = f.Sync()
			}
			for _, a := range batch {
				a.done <- err
			}
		}
	}()
	return func(tx ledger.Tx) error {
		done := make(chan error, 1)
		queue <- asked{tx, done}
		return <-done
	}
}

// race lets callers share the operations from first on, and returns how long they took.
func race(b testing.TB, callers int, first int64, n int, op func(i int64) error) time.Duration {
	next, end := new(atomic.Int64), first+int64(n)
	next.Store(first)
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := next.Add(1) - 1; i < end; i = next.Add(1) - 1 {
				if err := op(i); err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	return time.Since(start)
}

// BenchmarkOpen measures opening a book of 100,000 postings: from its snapshot, and from its batches.
func BenchmarkOpen(b *testing.B) {
	for _, way := range []string{"snapshot", "batches"} {
		b.Run(way, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "books.db")
			s := mustOpen(b, path)
			race(b, 512, 0, 100_000, func(i int64) error {
				_, err := s.Commit(b.Context(), authorisation(i, 10_000))
				return err
			})
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				b.StopTimer()
				if way == "batches" {
					if err := script(path, "DELETE FROM snapshot"); err != nil {
						b.Fatal(err)
					}
				}
				b.StartTimer()
				s, err := Open(path)
				b.StopTimer()
				if err == nil {
					err = s.Close()
				}
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}

// BenchmarkHeld measures finding the holds of a book, of 100,000 postings or as many as -growth says,
// one in a hundred of them a pre-authorisation, of which one in a hundred still stands: by what the
// machine knows, by reading the journal, and when there is nothing new.
func BenchmarkHeld(b *testing.B) {
	n := max(*growth, 100_000)
	path := filepath.Join(b.TempDir(), "books.db")
	s := mustOpen(b, path)
	const together = 64
	for at := int64(0); at < n; at += together {
		txs := make([]ledger.Tx, 0, together)
		for i := at; i < min(at+together, n); i++ {
			tx := authorisation(i, 10_000)
			switch {
			case i%100 == 0:
				tx.Moves[1].Reg = ledger.Reg{Kind: ledger.Hold, Owner: tx.Moves[0].Reg.Owner}
			case i%100 == 99 && i%10_000 > 100:
				tx = ledger.Tx{Key: tx.Key, Undoes: authorisation(i-99, 10_000).Key, UndoesSeq: uint64(i - 98)}
			}
			txs = append(txs, tx)
		}
		if _, err := s.CommitAll(b.Context(), txs); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s = mustOpen(b, path)
	for _, c := range []struct {
		way   string
		all   iter.Seq2[ledger.Posting, error]
		wants int64
	}{
		{"sifted", s.PostingsOf(b.Context(), 0, ledger.Hold), n / 10_000},
		{"read", ledger.Moving(s.Postings(b.Context(), 0), ledger.Hold), n/100*2 - n/10_000},
		{"nothing-new", s.PostingsOf(b.Context(), uint64(n), ledger.Hold), 0},
	} {
		b.Run(c.way, func(b *testing.B) {
			cpu := processor()
			for b.Loop() {
				found := int64(0)
				for _, err := range c.all {
					if found++; err != nil {
						b.Fatal(err)
					}
				}
				if found != c.wants {
					b.Fatalf("%d postings, want %d", found, c.wants)
				}
			}
			b.ReportMetric((processor()-cpu).Seconds()*1e6/float64(b.N), "cpu-us")
		})
	}
}
