package server_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"possim/host"
	"possim/host/ledger"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/server"
	"possim/host/wire"
)

// TestHostOverTCP: terminals on their own connections share one card, in every
// dialect; the limit holds, and a reversal on another connection gives it back.
func TestHostOverTCP(t *testing.T) {
	for _, name := range wire.Names() {
		t.Run(name, func(t *testing.T) {
			dialect, err := wire.ByName(name)
			if err != nil {
				t.Fatal(err)
			}
			h := &host.Host{Now: time.Now, Registry: registry.New(), Book: ledger.NewMemory(), TokenKey: make([]byte, 16)}
			if err := h.Registry.PutCard(registry.Card{PAN: "6222020000000015", Limits: registry.Limits{DayCount: new(int64(7))}}); err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go server.Serve(ctx, listener, server.Config{Handle: h.Handler(dialect), Now: time.Now})
			codes := sellEverywhere(t, dialect, listener.Addr().String())
			if codes["00"] != 7 || codes["65"] != 13 {
				t.Errorf("got %v, want 7 approvals and 13 refusals", codes)
			}
			for terminal := range 4 {
				for n := range 5 {
					m := message(terminal, n)
					m.MTI, m.PAN, m.Code = wire.MTIReversal, "", wire.NoResponse
					if a := exchange(t, dialect, dial(t, listener.Addr().String()), m); a.Code != "00" {
						t.Errorf("got %s for a reversal", a.Code)
					}
				}
			}
			if a, err := h.Account(ctx, "6222020000000015"); err != nil || a != (host.Account{Balance: registry.DefaultBalance}) {
				t.Errorf("got %+v, %v", a, err)
			}
		})
	}
}

// sellEverywhere has four terminals make five sales each, and counts the codes.
func sellEverywhere(t *testing.T, dialect *wire.Dialect, addr string) map[wire.Code]int {
	codes := map[wire.Code]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for terminal := range 4 {
		link := dial(t, addr)
		wg.Go(func() {
			for n := range 5 {
				a := exchange(t, dialect, link, message(terminal, n))
				mu.Lock()
				codes[a.Code]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return codes
}

func message(terminal, n int) wire.Message {
	return wire.Message{
		MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", Amount: 1234, STAN: fmt.Sprintf("%06d", n+1),
		PAN: "6222020000000015", EntryMode: "012", Condition: "00", TID: fmt.Sprintf("%08d", terminal+1),
		MID: registry.DefaultMID, Currency: money.CNY, Private60: "22000001000600",
	}
}

func dial(t *testing.T, addr string) wire.Link {
	t.Helper()
	link, err := wire.Dial(context.Background(), addr, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link
}

func exchange(t *testing.T, dialect *wire.Dialect, link wire.Link, m wire.Message) (a wire.Message) {
	frame, err := dialect.Encode(nil, &m, nil)
	if err == nil {
		err = link.Send(context.Background(), frame)
	}
	if err == nil {
		frame, err = link.Receive(context.Background(), time.Minute)
	}
	if err == nil {
		_, err = dialect.Decode(frame, &a)
	}
	if err = errors.Join(err, wire.Matches(&m, &a)); err != nil {
		t.Error(err)
	}
	return a
}
