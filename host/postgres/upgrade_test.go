//go:build unix

package postgres

import (
	"os"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// before is what the books in testdata/version2.sql were made of.
const before = `
	tx s1 if day day-amount:card@20260601 +300 <=500 if money balance:card -300 >=-1000 move balance:card -300 balance:shop +300 day-amount:card@20260601 +300 day-count:card@20260601 +1 rest:s1 +300 raise atc:card 7 = posted
	tx s2 if day day-amount:card@20260601 +201 <=500 move balance:card -201 balance:shop +201 day-amount:card@20260601 +201 = day
	tx s3 if day day-amount:card@20260601 +200 <=500 move balance:card -200 balance:shop +200 day-amount:card@20260601 +200 rest:s3 +200 = posted
	tx r1 undoes s1 = posted undone
	tx w1 undoes r1 = posted undone
	tx v3 undoes s3 = posted undone
	tx r9 undoes s9 = posted unknown
	tx t1 refuse 55 move pin-tries:card +1 raise atc:card 9 = 55
	tx t2 move pin-tries:card :=0 = posted
	tx h1 move balance:card -50 hold:card +50 rest:h1 +50 = posted
	tx f1 move balance:shop -100 balance:card +100 rest:s1 -100 = posted
`

// afterwards goes on with them.
const afterwards = `
	is balance:card -250
	is balance:shop 200
	is hold:card 50
	is day-amount:card@20260601 300
	is atc:card 9
	is rest:s1 200
	is rest:s3 0
	tx s2 if day day-amount:card@20260601 +201 <=500 move balance:card -201 balance:shop +201 day-amount:card@20260601 +201 = repeat day
	tx r1 undoes s1 = repeat posted undone
	tx s9 move balance:card -1 balance:shop +1 = tombstone
	tx w3 undoes v3 = posted undone # the sale stands again
	tx v1 undoes s1 = posted undone
	tx v2 undoes s1 = posted already
	tx c1 undoes h1 move balance:card -40 balance:shop +40 rest:c1 +40 = posted undone
	tx s4 if day day-amount:card@20260601 +300 <=500 move balance:card -300 balance:shop +300 day-amount:card@20260601 +300 rest:s4 +300 raise atc:card 8 = posted
	tx s5 if day day-amount:card@20260601 +1 <=500 move balance:card -1 balance:shop +1 day-amount:card@20260601 +1 = day
	tx f4 move balance:shop -100 balance:card +100 rest:s4 -100 = posted
	is rest:s1 -100
	is rest:s3 200
	is rest:s4 200
	is day-amount:card@20260601 500
	is hold:card 0
`

// TestUpgrade opens books of version 2, which are then the same books, and go on.
func TestUpgrade(t *testing.T) {
	name, url := newDatabase(t)
	dump, err := os.ReadFile("testdata/version2.sql")
	if err != nil {
		t.Fatal(err)
	}
	if err := server.SQL(name, string(dump)); err != nil {
		t.Fatal(err)
	}
	memory := ledger.NewMemory()
	if err := ledgertest.Play(t.Context(), memory, before); err != nil {
		t.Fatal(err)
	}
	store := foldSoon(t, url, 3)
	same(t, store, memory)
	for _, b := range []ledger.Book{memory, store} {
		if err := ledgertest.Play(t.Context(), b, afterwards); err != nil {
			t.Errorf("%T: %v", b, err)
		}
	}
	same(t, store, memory)
	for i, k := range []ledger.Key{"s1", "s3", "v3", "h1", "w1", "c1"} {
		got, err1 := store.Find(t.Context(), k)
		want, err2 := memory.Find(t.Context(), k)
		if err1 != nil || err2 != nil || got.UndoneBy != want.UndoneBy {
			t.Errorf("%d: %s is undone by %q, %v, want %q, %v", i, k, got.UndoneBy, err1, want.UndoneBy, err2)
		}
	}
	sumUp(t, name)
	if state, err := store.ReadTerminal(t.Context(), "mid", "tid"); err != nil || state != `{"batch":"000007"}` {
		t.Errorf("the terminal's state is %q, %v", state, err)
	}
	const first = "SELECT n, rule, value, amount, max, ok FROM possim.verdicts WHERE seq IN (1, 2) ORDER BY seq, n"
	if got, err := server.Ask(name, first); err != nil || got != "0|day|0|300|500|t\n1|money|0|-300||t\n0|day|300|201|500|f" {
		t.Errorf("got %s, %v", got, err)
	}
}
