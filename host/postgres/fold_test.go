//go:build unix

package postgres

import (
	"fmt"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// foldSoon has a Store fold so often, and forget so often, that what it does seldom happens in a test.
func foldSoon(t *testing.T, url string, every uint64) *Store {
	s := mustOpen(t, url)
	s.foldEvery, s.cacheSize = every, 3
	return s
}

// TestFold plays the suite over books that are folded every few postings.
func TestFold(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Book {
		_, url := newDatabase(t)
		return foldSoon(t, url, 3)
	})
}

// TestFoldBetween has two hosts in turn, one of which folds: each knows what the other did, and a third
// that only begins now knows all of it.
func TestFoldBetween(t *testing.T) {
	for seed := range uint64(3) {
		name, url := newDatabase(t)
		a, b := foldSoon(t, url, 5), mustOpen(t, url)
		memory := &taped{Book: ledger.NewMemory()}
		ledgertest.Random(t, memory, seed, 200)
		regs := map[ledger.Reg]bool{}
		for i, tx := range memory.txs {
			r, err := []*Store{a, b, b}[i%3].Commit(t.Context(), tx)
			if want := memory.results[i]; err != nil || fmt.Sprint(r) != fmt.Sprint(want) {
				t.Fatalf("transaction %d: got %+v, %v, want %+v", i, r, err, want)
			}
			for _, mv := range tx.Moves {
				regs[mv.Reg] = true
			}
		}
		same(t, b, memory)
		if got, err := server.Ask(name, "SELECT upto > 0 FROM possim.folded"); err != nil || got != "t" {
			t.Errorf("nothing was folded: %s, %v", got, err)
		}
		c := mustOpen(t, url)
		for reg := range regs {
			want, _ := memory.Read(t.Context(), reg)
			for i, s := range []*Store{a, b, c} {
				if got, err := s.Read(t.Context(), reg); err != nil || got[0] != want[0] {
					t.Errorf("host %d: %s is %d, %v, want %d", i, reg, got, err, want[0])
				}
			}
		}
		sumUp(t, name)
	}
}

// sumUp wants the view of the registers to be what the moves come to.
func sumUp(t *testing.T, name string) {
	t.Helper()
	got, err := server.Ask(name, registersAgainstMoves)
	if err != nil || got != "0" {
		t.Errorf("%s registers are not what their moves come to, %v", got, err)
	}
}

// awaitFold commits until the table is up to date to a posting.
func awaitFold(t *testing.T, name string, s *Store, upto int) {
	t.Helper()
	question := fmt.Sprintf("SELECT upto >= %d FROM possim.folded", upto)
	for i := range 200 {
		if got, err := server.Ask(name, question); err != nil || got == "t" {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if _, err := s.Commit(t.Context(), sale(ledger.Key(fmt.Sprint("await ", upto, " ", i)))); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatalf("the table is not brought up to posting %d", upto)
}

// TestFoldAfterFailover has a host fold, and then find itself at a server that had got neither the last
// postings nor what was folded: it does not take the table of that for what it told the other, and folds on.
func TestFoldAfterFailover(t *testing.T) {
	name, url := newDatabase(t)
	s := foldSoon(t, url, 4)
	for i := range int64(12) {
		if _, err := s.Commit(t.Context(), authorisation(i, 8)); err != nil {
			t.Fatal(err)
		}
	}
	awaitFold(t, name, s, 9)
	if err := server.SQL(name, "DELETE FROM possim.posting WHERE seq > 2; UPDATE possim.book SET last = 2; UPDATE possim.folded SET upto = 0; DELETE FROM possim.register; "+
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'possim' AND datname = current_database()"); err != nil {
		t.Fatal(err)
	}
	for i := range int64(12) {
		if r, err := s.Commit(t.Context(), authorisation(i, 8)); err != nil || r.Repeat != (i < 2) {
			t.Fatalf("got %+v, %v", r, err)
		}
	}
	awaitFold(t, name, s, 20)
	sumUp(t, name)
}

// TestForget has a host that knows little find the rest in the table.
func TestForget(t *testing.T) {
	name, url := newDatabase(t)
	s := foldSoon(t, url, 4)
	for i := range int64(64) {
		if r, err := s.Commit(t.Context(), authorisation(i, 8)); err != nil || r.Refused != "" {
			t.Fatalf("got %+v, %v", r, err)
		}
	}
	awaitFold(t, name, s, 60)
	fresh := mustOpen(t, url)
	reg := ledger.Reg{Kind: ledger.DayCount, Owner: fmt.Sprintf("card:%032x", 3), Day: 20260601}
	rest := ledger.Reg{Kind: ledger.Rest, Owner: string(authorisation(3, 8).Key)}
	if got, err := fresh.Read(t.Context(), reg, rest); err != nil || got[0] != 8 || got[1] != 1 {
		t.Errorf("got %v, %v, want 8 uses of a card and the rest of a sale", got, err)
	}
}

// TestFoldOfAnotherHistory refuses what a host would fold that does not know how far the table is, or knows
// another posting in that place, as after a failover to a server that had not got the last ones.
func TestFoldOfAnotherHistory(t *testing.T) {
	_, url := newDatabase(t)
	s := mustOpen(t, url)
	for i := range int64(3) {
		if _, err := s.Commit(t.Context(), authorisation(i, 1)); err != nil {
			t.Fatal(err)
		}
	}
	reg := ledger.Reg{Kind: ledger.DayCount, Owner: fmt.Sprintf("card:%032x", 0), Day: 20260601}
	third := string(authorisation(2, 1).Key)
	for _, c := range []struct {
		f    fold
		want uint64
	}{
		{fold{since: 1, until: 3, key: third}, 0},
		{fold{since: 0, until: 3, key: "another"}, 0},
		{fold{since: 0, until: 4, key: third}, 0},
		{fold{since: 0, until: 3, key: third}, 3},
	} {
		c.f.names, c.f.values = []string{registerName(reg)}, []int64{3}
		if got, err := s.foldNow(t.Context(), c.f); err != nil || got != c.want {
			t.Errorf("%+v: the table is up to date to %d, %v, want %d", c.f, got, err, c.want)
		}
	}
	if got, err := mustOpen(t, url).Read(t.Context(), reg); err != nil || got[0] != 3 {
		t.Errorf("got %v, %v", got, err)
	}
}
