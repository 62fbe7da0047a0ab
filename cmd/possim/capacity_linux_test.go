package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"possim/host/hsm"
	"possim/host/money"
	"possim/host/registry"
	"possim/host/wire"
	"possim/scenarios/load"
)

// BenchmarkTerminals is the memory of `possim host` with 10,000 terminals connected: signed
// on and idle, and after each has sold something, all of them at work at once.
func BenchmarkTerminals(b *testing.B) {
	const terminals = 10_000
	h := startHost(b, "--walk-in", "--log", "error")
	empty := h.resident()
	idle, busy := 0, 0
	for range b.N {
		all := make([]*lineTerminal, terminals)
		crowd(b, terminals, func(i int) (err error) {
			all[i], err = signOnAt(h.addr, i+1)
			return err
		})
		idle = h.resident()
		crowd(b, terminals, func(i int) error { return all[i].sell(3) })
		busy = h.resident()
		for _, t := range all {
			t.link.Close()
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(empty)/1024, "MB-empty")
	b.ReportMetric(float64(idle)/1024, "MB-idle")
	b.ReportMetric(float64(busy)/1024, "MB-busy")
	b.ReportMetric(float64(idle-empty)/terminals, "KB/idle-terminal")
	b.ReportMetric(float64(busy-empty)/terminals, "KB/busy-terminal")
}

// crowd does something for each of n, a thousand at once.
func crowd(b testing.TB, n int, do func(i int) error) {
	var all sync.WaitGroup
	for lane := range 1000 {
		all.Go(func() {
			for i := lane; i < n; i += 1000 {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
}

// resident is the memory of the host's process in kilobytes.
func (h *hostProcess) resident() int {
	h.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		h.t.Fatal(err)
	}
	return kb
}

// lineTerminal is the least that a host takes for a terminal.
type lineTerminal struct {
	tid, batch string
	stan       int
	link       *wire.Conn
	seal       wire.Seal
}

// signOnAt connects, and signs on.
func signOnAt(addr string, number int) (*lineTerminal, error) {
	t := &lineTerminal{tid: fmt.Sprintf("%08d", number)}
	var err error
	if t.link, err = wire.Dial(context.Background(), addr, time.Now); err != nil {
		return nil, err
	}
	signOn, _ := wire.UnionPay().Transaction(wire.SignOn)
	m := wire.Message{Private63: wire.Operator63("01")}
	signOn.Start(&m)
	if m.Private62, err = wire.Sequence62("0000" + t.tid); err != nil {
		return nil, err
	}
	a, err := t.exchange(&m)
	if err != nil {
		return nil, err
	}
	keys, err := hsm.OpenWorkingKeys(registry.TestTMK, a.Private62)
	if err == nil {
		t.batch = a.Batch()
		t.seal, err = hsm.MACECB.Sealer(keys.TAK)
	}
	return t, err
}

func (t *lineTerminal) exchange(m *wire.Message) (*wire.Message, error) {
	t.stan++
	m.STAN, m.TID, m.MID = fmt.Sprintf("%06d", t.stan), t.tid, registry.DefaultMID
	frame, err := wire.UnionPay().Encode(nil, m, t.seal)
	if err == nil {
		err = t.link.Send(context.Background(), frame)
	}
	if err == nil {
		frame, err = t.link.Receive(context.Background(), time.Minute)
	}
	a := &wire.Message{}
	if err == nil {
		_, err = wire.UnionPay().Decode(frame, a)
	}
	if err == nil {
		err = wire.Matches(m, a)
	}
	if err == nil && a.Code != wire.Approved {
		err = fmt.Errorf("terminal %s: the host answers %s", t.tid, a.Code)
	}
	return a, err
}

// sell makes n sales.
func (t *lineTerminal) sell(n int) error {
	cards, err := load.Pool(100)
	if err != nil {
		return err
	}
	for i := range n {
		m := wire.Message{
			MTI: wire.MTIFinancialRequest, ProcessingCode: "000000", Amount: 1, EntryMode: "022", Condition: "00", Currency: money.CNY,
			Track2:    cards[i].Track2,
			Private60: wire.Sub60{Type: "22", Batch: t.batch, Network: "000", ReadCapability: "2", ICCondition: "0", PartialDebit: "0"}.String(),
		}
		if _, err := t.exchange(&m); err != nil {
			return err
		}
	}
	return nil
}
