//go:build unix

package sqlite

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"possim/host/ledger"
)

var growth = flag.Int64("growth", 0, "postings that TestGrowth commits, and a tenth of them that each book of TestCost holds (make growth)")

// TestGrowth fills a book, 64 callers at a time, and prints for every tenth of it what a commit took,
// beside an append-only log in the same minutes: nothing may grow with the book. Then it opens the book
// again. It judges nothing.
func TestGrowth(t *testing.T) {
	if *growth == 0 {
		t.Skip("it takes minutes: make growth")
	}
	path := filepath.Join(t.TempDir(), "books.db")
	s := mustOpen(t, path)
	appendLine := newLog(t, repeated(t))
	took := make([]time.Duration, *growth/10)
	fmt.Println("postings      commits/s  of the log  median      99 %        99.9 %      longest     CPU each  memory   file")
	for at := int64(0); at+int64(len(took)) <= *growth; at += int64(len(took)) {
		cpu := processor()
		all := race(t, 64, at, len(took), func(i int64) error {
			start := time.Now()
			_, err := s.Commit(t.Context(), authorisation(i, 10_000))
			took[i-at] = time.Since(start)
			return err
		})
		cpu = processor() - cpu
		n := max(len(took)/10, 1)
		log := race(t, 64, 0, n, func(int64) error { return appendLine(ledger.Tx{}) })
		rate, floor := float64(len(took))/all.Seconds(), float64(n)/log.Seconds()
		slices.Sort(took)
		fmt.Printf("%-12d  %-9.0f  %-10.2f  %-10v  %-10v  %-10v  %-10v  %-8v  %-4d MB  %d MB\n", at+int64(len(took)), rate, rate/floor,
			part(took, 500), part(took, 990), part(took, 999), took[len(took)-1].Round(time.Microsecond),
			(cpu / time.Duration(len(took))).Round(10*time.Nanosecond), resident()>>20, (size(path)+size(path+"-wal"))>>20)
	}
	closed(t, s)
	start, cpu := time.Now(), processor()
	s = mustOpen(t, path)
	fmt.Printf("opened again in %v, %v of it the processor's, %d postings read one by one, %d MB\n", time.Since(start).Round(time.Millisecond),
		(processor() - cpu).Round(time.Millisecond), s.book.Behind(), resident()>>20)
	if got := s.book.Last(); got != uint64(*growth/10*10) || s.Notice() != "" {
		t.Errorf("it holds %d postings, %q", got, s.Notice())
	}
}

// TestCost commits to three books by turns, of 10,000, 100,000 and 1,000,000 cards, and prints what a
// commit costs in each. It judges nothing.
func TestCost(t *testing.T) {
	if *growth == 0 {
		t.Skip("it takes minutes: make growth")
	}
	cards := []int64{10_000, 100_000, 1_000_000}
	var books []*Store
	for range cards {
		books = append(books, mustOpen(t, filepath.Join(t.TempDir(), "books.db")))
	}
	const turns = 15
	cpu, wall := make([][]time.Duration, len(cards)), make([][]time.Duration, len(cards))
	history := int(*growth / 10)
	for turn := range turns + 1 {
		n, from := 20_000, int64(history+20_000*turn)
		if turn == 0 {
			n, from = history, 0
		}
		for i, s := range books {
			runtime.GC()
			before := processor()
			all := race(t, 64, from, n, func(i2 int64) error {
				_, err := s.Commit(t.Context(), authorisation(i2, cards[i]))
				return err
			})
			if turn > 0 {
				cpu[i] = append(cpu[i], (processor()-before)/time.Duration(n))
				wall[i] = append(wall[i], all/time.Duration(n))
			}
		}
	}
	fmt.Printf("cards      CPU each  wall each, medians of %d turns, in books of %d postings\n", turns, history)
	for i := range cards {
		slices.Sort(cpu[i])
		slices.Sort(wall[i])
		fmt.Printf("%-9d  %-8v  %v\n", cards[i], cpu[i][turns/2], wall[i][turns/2])
	}
}

// part returns what so many thousandths took at most.
func part(sorted []time.Duration, thousandths int) time.Duration {
	return sorted[len(sorted)*thousandths/1000].Round(time.Microsecond)
}

// processor returns the processor time of this process.
func processor() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // never fails for oneself
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// resident returns the memory of this process, in bytes.
func resident() (n int64) {
	text, err := os.ReadFile("/proc/self/status")
	if err == nil {
		_, at, _ := strings.Cut(string(text), "VmRSS:")
		fmt.Sscan(at, &n)
		return n << 10
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
