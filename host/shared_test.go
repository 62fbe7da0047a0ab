package host

import (
	"context"
	"errors"
	"sync"
	"testing"

	"possim/host/hsm"
	"possim/host/registry"
	"possim/host/wire"
)

// common is the store of terminals that two hosts share.
type common struct {
	mu   sync.Mutex
	rows map[string]string
	asks int
	fail error
}

func (s *common) SaveTerminal(_ context.Context, mid, tid, state string) error {
	return errors.New("hosts that share a store swap")
}

func (s *common) LoadTerminals(context.Context, func(mid, tid, state string) error) error { return nil }

func (s *common) ReadTerminal(_ context.Context, mid, tid string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asks++
	return s.rows[mid+tid], s.fail
}

func (s *common) SwapTerminal(_ context.Context, mid, tid, old, state string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows[mid+tid] != old || s.fail != nil {
		return false, s.fail
	}
	s.rows[mid+tid] = state
	return true, nil
}

// twoHosts is a world with a second host over the same book and terminals: at(0) and at(1) say which
// of them the terminal talks to.
func twoHosts(t *testing.T) (w *world, s *common, at func(int)) {
	t.Helper()
	w, s = newWorld(t), &common{rows: map[string]string{}}
	master, err := hsm.ParseMaster("5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A5A")
	if err != nil {
		t.Fatal(err)
	}
	hosts := []*Host{w.h, {Now: w.h.Now, Registry: registry.New(), Book: w.h.Book, TokenKey: w.h.TokenKey, Acquirer: w.h.Acquirer, Random: w.h.Random, Log: w.h.Log}}
	for _, h := range hosts {
		if err := h.Registry.Keep(t.Context(), s, master); err != nil {
			t.Fatal(err)
		}
	}
	return w, s, func(i int) { w.h = hosts[i] }
}

// TestTwoHosts: a terminal signs on at one and goes on at the other.
func TestTwoHosts(t *testing.T) {
	w, _, at := twoHosts(t)
	both := func(text string) {
		t.Helper()
		for i := range 2 {
			at(i)
			w.run(text)
		}
	}
	both("card A day=100.00\ncard B pin=123456")
	at(0)
	w.run("signon -> 00 F60=00000001003")
	at(1)
	w.run(`
		sale A 60.00 batch=1 as=s -> 00
		sale B 1.00 pin=123456 -> 00           # under a key that the other host made
		sale A 1.00 batch=2 stan=50 -> 77 batch`)
	at(0)
	w.run(`
		sale A 60.00 -> 61 day-amount          # one limit
		rev A 60.00 of=s -> 00
		sale A 60.00 as=t -> 00
		settle 61.00/2 0.00/0 -> 00 F48=11
		end f48=0000 -> 00`)
	at(1)
	w.run("signon -> 00 F60=00000002003")
	at(0)
	w.run(`
		sale A 1.00 batch=1 stan=70 -> 77
		sale A 1.00 batch=2 stan=71 -> 00
		settle 1.00/1 0.00/0 -> 00 F48=11
		end f48=0000 -> 00`)
	at(1)
	w.run("settle 0.00/0 0.00/0 stan=90 -> 77  # what is settled is settled\nsignon -> 00 F60=00000003003\nsignoff -> 00")
}

// TestTwoHostsMAC: a MAC under the keys of the other host's sign-on is right, and one look settles it.
func TestTwoHostsMAC(t *testing.T) {
	w, s, at := twoHosts(t)
	dialect := wire.UnionPay()
	ask := func(tid, stan string) wire.Message {
		t.Helper()
		m, _ := w.message("sale", []string{"A", "1.00", "stan=" + stan})
		frame, ok := w.h.Handler(dialect)(t.Context(), sealedBy(t, dialect, m, w.keys.TAK, hsm.MACECB))
		var a wire.Message
		if !ok {
			return a
		}
		mab, err := dialect.Decode(frame, &a)
		if err != nil {
			t.Fatal(err)
		}
		seal, _ := hsm.MACECB.Sealer(w.keys.TAK)
		if err := hsm.Verify(seal, mab, a.MAC); a.Code == "00" && err != nil {
			t.Errorf("STAN %s: the answer's MAC: %v", stan, err)
		}
		return a
	}
	for _, policy := range []MACPolicy{MACRequire, MACOff} {
		for i := range 2 {
			at(i)
			w.h.MAC = policy
			w.run("card A")
		}
	}
	for round, policy := range []MACPolicy{MACRequire, MACOff} {
		for i := range 2 {
			at(i)
			w.h.MAC = policy
		}
		at(round)
		w.run("signon -> 00")
		at(1 - round)
		if a := ask("00000001", "00010"+string(rune('0'+round))); a.Code != "00" {
			t.Errorf("%s: got %s", policy, a.Code)
		}
		before := s.asks
		if a := ask("00000001", "00020"+string(rune('0'+round))); a.Code != "00" || s.asks != before {
			t.Errorf("%s: got %s, and the store was asked %d times more", policy, a.Code, s.asks-before)
		}
	}
	at(0)
	w.h.MAC = MACRequire
	w.keys.TAK = w.keys.TPK
	if a := ask("00000001", "000300"); a.Code != "A0" {
		t.Errorf("a MAC that is wrong: got %s", a.Code)
	}
	s.fail = errors.New("gone")
	if a := ask("00000001", "000400"); a.MTI != "" {
		t.Errorf("nobody can say whether the MAC is wrong, and the host says %s", a.Code)
	}
}
