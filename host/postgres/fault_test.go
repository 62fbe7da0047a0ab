//go:build unix

package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/postgres/pgtest"
)

// press has callers commit sales of 1 until stop, each repeating what brought an error as a terminal
// does, and returns what was answered.
type press struct {
	wg      sync.WaitGroup
	stop    atomic.Bool
	mu      sync.Mutex
	answers map[ledger.Key]ledger.Result
	errors  atomic.Int64
}

func startPress(t *testing.T, callers int, stores ...*Store) *press {
	p := &press{answers: map[ledger.Key]ledger.Result{}}
	for i := range callers {
		p.wg.Go(func() {
			for n := 0; !p.stop.Load(); n++ {
				tx := sale(ledger.Key(fmt.Sprintf("%d/%d", i, n)))
				r, err := stores[(i+n)%len(stores)].Commit(t.Context(), tx)
				for tries, begun := 0, time.Now(); err != nil && time.Since(begun) < 2*time.Minute; tries++ { // at another host, as a balancer does
					p.errors.Add(1)
					if world.Sleep(t.Context(), 10*time.Millisecond) != nil {
						break
					}
					r, err = stores[(i+n+tries)%len(stores)].Commit(t.Context(), tx)
				}
				if err != nil {
					t.Error(err)
					return
				}
				p.mu.Lock()
				p.answers[tx.Key] = r
				p.mu.Unlock()
			}
		})
	}
	return p
}

// sale is 1 from a card that has limits to a shop, with a limit that some of them meet.
func sale(k ledger.Key) ledger.Tx {
	card, shop := ledger.Reg{Kind: ledger.Balance, Owner: "card"}, ledger.Reg{Kind: ledger.Balance, Owner: "shop"}
	used := ledger.Reg{Kind: ledger.DayAmount, Owner: "card", Day: 20260601}
	return ledger.Tx{
		Key: k, Day: 20260601, Memo: []byte(k),
		Guards: []ledger.Guard{{Rule: "day", Reg: used, Add: 1, Max: ledger.At(limit)}},
		Moves:  []ledger.Move{{Reg: card, Add: -1}, {Reg: shop, Add: 1}, {Reg: used, Add: 1}},
	}
}

const limit = 3000

func (p *press) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.answers)
}

// end stops the callers and holds the books against what they were told: every answer is in the
// journal, as it was given, nothing is there twice, and the limit held.
func (p *press) end(t *testing.T, s *Store) {
	t.Helper()
	p.stop.Store(true)
	p.wg.Wait()
	approved, posted := int64(0), map[ledger.Key]bool{}
	var seq uint64
	for posting, err := range s.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if seq++; posting.Seq != seq || posted[posting.Key] {
			t.Fatalf("posting %d has number %d, and key %s was there: %v", seq, posting.Seq, posting.Key, posted[posting.Key])
		}
		posted[posting.Key] = true
		if posting.Refused == "" {
			approved++
		}
		if r, told := p.answers[posting.Key]; told && (r.Seq != posting.Seq || r.Refused != posting.Refused || string(r.Memo) != string(posting.Key)) {
			t.Errorf("%s was answered %+v and is %+v", posting.Key, r, posting)
		}
	}
	for k := range p.answers {
		if !posted[k] {
			t.Errorf("%s was answered and is not in the journal", k)
		}
	}
	got, err := s.Read(t.Context(), ledger.Reg{Kind: ledger.Balance, Owner: "shop"}, ledger.Reg{Kind: ledger.Balance, Owner: "card"},
		ledger.Reg{Kind: ledger.DayAmount, Owner: "card", Day: 20260601})
	if err != nil || got[0] != approved || got[1] != -approved || got[2] != approved || approved > limit {
		t.Errorf("got %v, %v for %d approvals, at most %d", got, err, approved, limit)
	}
	t.Logf("%d answers, %d approved, %d errors on the way", len(p.answers), approved, p.errors.Load())
}

// await waits until the callers have had n more answers.
func (p *press) await(t *testing.T, n int) {
	t.Helper()
	from := p.count()
	for p.count() < from+n && !t.Failed() {
		if err := world.Sleep(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// TestConnectionsKilled has the database end every connection, again and again, under two hosts.
func TestConnectionsKilled(t *testing.T) {
	name, url := newDatabase(t)
	a, b := mustOpen(t, url), mustOpen(t, url)
	p := startPress(t, 16, a, b)
	for range 8 {
		p.await(t, 40)
		if err := server.SQL(name, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'possim' AND datname = current_database()"); err != nil {
			t.Fatal(err)
		}
	}
	p.await(t, 40)
	p.end(t, a)
}

// ownServer starts a server that a test may kill, with an empty database.
func ownServer(t *testing.T) (s *pgtest.Server, url string) {
	t.Helper()
	needServer(t)
	s, err := pgtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	if url, err = s.Create("books"); err != nil {
		t.Fatal(err)
	}
	return s, url
}

// TestServerKilled kills every process of the server at once, under load, and starts it again.
func TestServerKilled(t *testing.T) {
	s, url := ownServer(t)
	a, b := mustOpen(t, url), mustOpen(t, url)
	p := startPress(t, 16, a, b)
	for range 3 {
		p.await(t, 100)
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
	}
	p.await(t, 100)
	p.end(t, b)
}

// TestServerGone: while there is no server callers get errors, and when it is there again their
// transactions are posted once.
func TestServerGone(t *testing.T) {
	s, url := ownServer(t)
	var slept atomic.Int64
	impatient := world
	impatient.Sleep = func(context.Context, time.Duration) error { slept.Add(1); return nil }
	store, err := Open(t.Context(), url, impatient)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Commit(t.Context(), sale("before")); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	slept.Store(0)
	if r, err := store.Commit(t.Context(), sale("meanwhile")); err == nil {
		t.Errorf("got %+v from no server", r)
	}
	if n := slept.Load(); n != int64(len(pauses)) {
		t.Errorf("it paused %d times, want %d", n, len(pauses))
	}
	slept.Store(0)
	if _, err := store.Commit(t.Context(), sale("meanwhile")); err == nil || slept.Load() != 0 {
		t.Errorf("the one after a failure: %v, after %d pauses, want an error at once", err, slept.Load())
	}
	if _, err := store.Find(t.Context(), "before"); err == nil {
		t.Error("found something in no server")
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if r, err := store.Commit(t.Context(), sale("meanwhile")); err != nil || r.Seq != 2 {
			t.Errorf("got %+v, %v", r, err)
		}
	}
}

// TestFailover kills the primary under load and promotes its standby: the hosts, which have the
// addresses of both, go on there, and miss nothing that was answered.
func TestFailover(t *testing.T) {
	first, _ := ownServer(t)
	second, err := first.Standby()
	if err != nil {
		t.Fatal(err)
	}
	defer second.Stop()
	url := fmt.Sprintf("postgres:///books?user=postgres&target_session_attrs=read-write&host=%s,%s", first.Dir, second.Dir)
	a, b := mustOpen(t, url), mustOpen(t, url)
	p := startPress(t, 8, a, b)
	p.await(t, 200)
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := second.Promote(); err != nil {
		t.Fatal(err)
	}
	p.await(t, 200)
	p.end(t, a)
}

// TestStoppedInItsTurn has a host take the book and stop: the others wait no longer than two seconds.
func TestStoppedInItsTurn(t *testing.T) {
	_, url := newDatabase(t)
	s := mustOpen(t, url)
	conn, err := connect(t.Context(), s.config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, q := range []statement{beginTurn, holdBook} {
		if r := conn.ExecPrepared(t.Context(), q.name, nil, nil, nil).Read(); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	if r, err := s.Commit(t.Context(), sale("waits")); err != nil || r.Seq != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r := conn.ExecPrepared(t.Context(), commitTurn.name, nil, nil, nil).Read(); r.Err == nil || !again(r.Err) {
		t.Errorf("the one that stopped was told %v, want what it tries again after", r.Err)
	}
}

// TestOtherBooks has the last posting become another one behind a host's back, as after a failover to a
// server that had not got it and took the next one from another host: the host forgets what it knew.
func TestOtherBooks(t *testing.T) {
	name, url := newDatabase(t)
	for _, otherwise := range []string{
		fmt.Sprintf("UPDATE possim.posting SET key = 'other', after = '-3000,3000,%d' WHERE seq = 2", limit), // so many
		"DELETE FROM possim.posting WHERE seq = 2; UPDATE possim.book SET last = 1",                          // or fewer
	} {
		s := mustOpen(t, url)
		for _, k := range []ledger.Key{"one", "two"} {
			if r, err := s.Commit(t.Context(), sale(k)); err != nil || r.Refused != "" {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		if err := server.SQL(name, otherwise); err != nil {
			t.Fatal(err)
		}
		r, err := s.Commit(t.Context(), sale("three"))
		if want := map[bool]string{true: "day"}[strings.HasPrefix(otherwise, "UPDATE")]; err != nil || r.Refused != want {
			t.Errorf("%s: got %+v, %v, want %q", otherwise, r, err, want)
		}
		if got, err := server.Ask(name, "SELECT count(*) FROM possim.registers WHERE kind = 'day-amount' AND value IN (2, 3000)"); err != nil || got != "1" {
			t.Errorf("%s: got %s, %v", otherwise, got, err)
		}
		if err := server.SQL(name, "DELETE FROM possim.posting; UPDATE possim.book SET last = 0"); err != nil {
			t.Fatal(err)
		}
	}
}
