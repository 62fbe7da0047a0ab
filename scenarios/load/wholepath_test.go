package load_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"possim/host"
	"possim/host/hsm"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/server"
	"possim/host/sqlite"
	"possim/host/wire"
	"possim/reader/card"
	"possim/scenarios/load"
)

// BenchmarkWholePath is a sale from terminal to terminal: encoded and sealed, over TCP,
// decoded, its MAC verified, every limit looked at, posted to a SQLite file that is
// flushed before the answer goes back, which is verified too. Beside it, by turns in the
// same run, a ping-pong of frames of the same sizes over TCP and nothing else, and a file
// that is written and flushed. What it says is the ratio: "x-raw" of the ping-pong's rate
// and, alone, "x-fdatasync" of a median flush.
//
// "light" terminals do what a sale needs. "load" are those of possim load.
func BenchmarkWholePath(b *testing.B) {
	for _, conns := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("light/%d", conns), func(b *testing.B) { newPath(b, conns).bench(b, (*path).light) })
		b.Run(fmt.Sprintf("load/%d", conns), func(b *testing.B) { newPath(b, conns).bench(b, (*path).full) })
	}
}

// A path is a host, and so many terminals with a connection each.
type path struct {
	b       testing.TB
	host    *host.Host
	dialect *wire.Dialect
	addr    string
	tills   []*light
	raw     string // where frames come back
	request int    // bytes
	answer  int
}

// figures are the orders of one turn.
type figures struct {
	rate   float64 // a second
	median time.Duration
	cpu    time.Duration // of the processor, each
}

const (
	turns = 3
	turn  = 400 * time.Millisecond
)

// bench takes turns, and reports the medians.
func (p *path) bench(b *testing.B, sell func(*path, time.Duration) figures) {
	sell(p, turn/4) // what is opened at first sight is open
	var rates, raws, medians, flushes, cpus, rawCPUs []float64
	for b.Loop() {
		for range turns {
			raw, f := p.pingpong(turn), sell(p, turn)
			raws, rawCPUs = append(raws, raw.rate), append(rawCPUs, raw.cpu.Seconds())
			rates, medians, cpus = append(rates, f.rate), append(medians, f.median.Seconds()), append(cpus, f.cpu.Seconds())
			if len(p.tills) == 1 {
				flushes = append(flushes, flush(b, turn/4).Seconds())
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(middle(rates), "sales/s")
	b.ReportMetric(middle(raws), "raw/s")
	b.ReportMetric(middle(rates)/middle(raws), "x-raw")
	b.ReportMetric(middle(medians)*1e6, "p50-us")
	b.ReportMetric(middle(cpus)*1e6, "cpu-us")
	b.ReportMetric(middle(rawCPUs)*1e6, "raw-cpu-us")
	if len(flushes) > 0 {
		b.ReportMetric(middle(flushes)*1e6, "fdatasync-us")
		b.ReportMetric(middle(medians)/middle(flushes), "x-fdatasync")
	}
}

func middle(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// newPath builds the host as possim host --db does, with MACs required and limits set.
func newPath(b testing.TB, conns int) *path {
	store, err := sqlite.Open(filepath.Join(b.TempDir(), "books.db"))
	if err != nil {
		b.Fatal(err)
	}
	return newPathOver(b, conns, store)
}

// newPathOver builds the host over other books.
func newPathOver(b testing.TB, conns int, store interface {
	ledger.Book
	io.Closer
}) *path {
	p := &path{b: b, dialect: wire.UnionPay()}
	p.host = &host.Host{
		Now: time.Now, Registry: registry.New(), Book: store, TokenKey: make([]byte, 16), TerminalDay: new(int64(money.MaxMinor)),
		Random: rand.Reader, MAC: host.MACRequire, Log: zerolog.Nop(),
	}
	cards, err := load.Pool(1000)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range cards {
		id, _ := card.ParseTrack2(c.Track2)
		limits := registry.Limits{PerTransaction: new(int64(100)), DayAmount: new(int64(money.MaxMinor)), DayCount: new(int64(money.MaxMinor))}
		if err := p.host.Registry.PutCard(registry.Card{PAN: id.PAN, Limits: limits}); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.host.Due(context.Background()); err != nil {
		b.Fatal(err)
	}
	read := p.host.Reader(p.dialect)
	p.addr = p.listen(server.Config{Read: func(frame []byte) server.Request { return read(frame) }, Now: time.Now, Log: zerolog.Nop()}, store.Close)
	for i := range conns {
		p.tills = append(p.tills, newLight(p, cards, i+1))
	}
	p.request, p.answer = p.tills[0].sizes()
	p.raw = echo(b, p.request, p.answer)
	return p
}

// listen serves until the test ends.
func (p *path) listen(c server.Config, then func() error) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, listener, c) }()
	p.b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			p.b.Error(err)
		}
		if err := then(); err != nil {
			p.b.Error(err)
		}
	})
	return listener.Addr().String()
}

// light has every light terminal sell for a while.
func (p *path) light(d time.Duration) figures {
	return race(p.b, len(p.tills), d, func(i int) error { return p.tills[i].sell() })
}

// full has possim load's terminals do it.
func (p *path) full(d time.Duration) figures {
	l, err := load.New(load.Config{
		Terminals: len(p.tills), Connections: len(p.tills), FirstTID: 1001, MID: registry.DefaultMID, Duration: d,
		Cards: p.tills[0].cards, MAC: hsm.MACECB, AnswerWait: 10 * time.Second,
	}, load.World{
		Dial:    func(ctx context.Context) (wire.Link, error) { return wire.Dial(ctx, p.addr, time.Now) },
		Dialect: p.dialect, Now: time.Now, Within: context.WithTimeout, TMK: registry.TestTMK, Random: rand.Reader, Log: zerolog.Nop(),
		Sleep: func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() },
	})
	before := cpu()
	if err == nil {
		err = l.Run(context.Background())
	}
	if r := l.Report(); err != nil || r.Approved == 0 || r.Approved != r.Sent {
		p.b.Fatal(err, r.Approved, r.Sent, r.Causes, r.Codes)
	}
	r := l.Report()
	return figures{rate: r.Rate, median: r.Percentile(50), cpu: (cpu() - before) / time.Duration(r.Approved)}
}

// race has n do something over and over for a while.
func race(b testing.TB, n int, d time.Duration, do func(i int) error) figures {
	var total atomic.Int64
	var all sync.WaitGroup
	took := make([][]time.Duration, n)
	began, before := time.Now(), cpu()
	for i := range n {
		all.Go(func() {
			for last := began; last.Sub(began) < d; {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
				now := time.Now()
				took[i] = append(took[i], now.Sub(last))
				last = now
			}
			total.Add(int64(len(took[i])))
		})
	}
	all.Wait()
	rate, used := float64(total.Load())/time.Since(began).Seconds(), cpu()-before
	every := slices.Concat(took...)
	if len(every) == 0 {
		b.Fatal("nothing was done")
	}
	slices.Sort(every)
	return figures{rate, every[len(every)/2], used / time.Duration(len(every))}
}

// pingpong sends frames as long as a request, and reads ones as long as an answer.
func (p *path) pingpong(d time.Duration) figures {
	conns := make([]net.Conn, len(p.tills))
	for i := range conns {
		conn, err := net.Dial("tcp", p.raw)
		if err != nil {
			p.b.Fatal(err)
		}
		defer conn.Close()
		conns[i] = conn
	}
	request, rooms := make([]byte, p.request), make([]byte, len(conns)*p.answer)
	return race(p.b, len(conns), d, func(i int) error {
		if _, err := conns[i].Write(request); err != nil {
			return err
		}
		_, err := io.ReadFull(conns[i], rooms[i*p.answer:][:p.answer])
		return err
	})
}

// echo answers so many bytes with so many.
func echo(b testing.TB, request, answer int) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				room, back := make([]byte, request), make([]byte, answer)
				for {
					if _, err := io.ReadFull(conn, room); err != nil {
						return
					}
					if _, err := conn.Write(back); err != nil {
						return
					}
				}
			}()
		}
	}()
	return listener.Addr().String()
}

// flush is the median time that a write at the end of a file takes to be on the disk.
func flush(b testing.TB, d time.Duration) time.Duration {
	f, err := os.Create(filepath.Join(b.TempDir(), "flush"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	return race(b, 1, d, func(int) error {
		if _, err := f.Write(page); err != nil {
			return err
		}
		return fdatasync(f)
	}).median
}
