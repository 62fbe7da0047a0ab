//go:build unix

package postgres

import (
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// TestViews asks the views with psql, which nobody here wrote.
func TestViews(t *testing.T) {
	name, url := newDatabase(t)
	store := mustOpen(t, url)
	err := ledgertest.Play(t.Context(), store, `
		tx s1 if day day-amount:card@20260601 +300 <=500 if money balance:card -300 >=-1000 move balance:card -300 hold:shop +300 day-amount:card@20260601 +300 day-count:card@20260601 +1 raise atc:card 7 = posted
		tx s2 if day day-amount:card@20260601 +201 <=500 move balance:card -201 balance:shop +201 = day
		tx r1 undoes s1 = posted undone
		tx w1 undoes r1 = posted undone
		tx t1 refuse 55 move pin-tries:card +1 = 55
		tx t2 move pin-tries:card :=0 = posted
	`)
	if err != nil {
		t.Fatal(err)
	}
	// What a text of PostgreSQL cannot hold must not keep people from the rest.
	if _, err := store.Commit(t.Context(), ledger.Tx{Key: "nul", Memo: []byte("a\x00b")}); err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{
		"SELECT * FROM possim.balances ORDER BY owner": "card|-300|\nshop||300",
		"SELECT * FROM possim.day_use":                 "card|20260601|300|1",
		"SELECT seq, n, rule, kind, value, amount, min, max, ok FROM possim.verdicts ORDER BY seq, n": "1|0|day|day-amount|0|300||500|t\n1|1|money|balance|0|-300|-1000||t\n2|0|day|day-amount|300|201||500|f",
		"SELECT * FROM possim.moves WHERE seq = 3 ORDER BY n":                                         "3|0|day-count|card|20260601|-1|\n3|1|day-amount|card|20260601|-300|\n3|2|hold|shop||-300|\n3|3|balance|card||300|",
		"SELECT * FROM possim.moves WHERE seq > 4 ORDER BY seq":                                       "5|0|pin-tries|card||1|\n6|0|pin-tries|card|||0",
		"SELECT seq, at, key, undoes, undo, refused, memo FROM possim.postings WHERE seq IN (2, 3, 7) ORDER BY seq": `2|2026-06-01T01:00:00.123456789Z|s2|||day|memo of s2
3|2026-06-01T01:00:00.123456789Z|r1|s1|undone||memo of r1
7|0001-01-01T00:00:00Z|nul||||a\000b`,
		registersAgainstMoves: "0",
	} {
		got, err := server.Ask(name, question)
		if err != nil || got != want {
			t.Errorf("%s:\ngot  %s, %v\nwant %s", question, got, err, want)
		}
	}
}

// registersAgainstMoves counts the registers that are not what the moves come to: the last value set, and
// what was added since.
const registersAgainstMoves = `SELECT count(*) FROM possim.registers r FULL JOIN (
		SELECT kind, owner, day, sum(coalesce(set_to, amount)) AS value FROM (
			SELECT *, count(set_to) OVER (PARTITION BY kind, owner, day ORDER BY seq DESC, n DESC) - (set_to IS NOT NULL)::int AS sets_after FROM possim.moves) m
		WHERE sets_after = 0 GROUP BY kind, owner, day) m
	 ON r.kind = m.kind AND r.owner = m.owner AND r.day IS NOT DISTINCT FROM m.day
	 WHERE coalesce(r.value, 0) <> coalesce(m.value, 0)`
