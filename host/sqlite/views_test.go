package sqlite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"possim/host/ledger"
)

// TestViews asks the sqlite3 shell, while the ledger is open, what a person would.
func TestViews(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("sqlite3 is not installed (Debian: apt-get install sqlite3)")
		}
		t.Skip("sqlite3 is not installed (Debian: apt-get install sqlite3)")
	}
	path := filepath.Join(t.TempDir(), "books.db")
	s := mustOpen(t, path)
	tries := ledger.Reg{Kind: ledger.PINTries, Owner: "card"}
	for _, tx := range []ledger.Tx{
		tx("s1", 280),
		{Key: "t1", Refuse: "55", Moves: []ledger.Move{{Reg: tries, Add: 1}}},
		tx("s2", 2_000_000_000),
		{Key: "r1", Undoes: "s1", UndoesSeq: 1},
		tx("s3", 5),
		{Key: "t2", Moves: []ledger.Move{{Reg: tries, Add: 1}, {Reg: tries, Add: 7, Set: true}, {Reg: tries, Add: 1}}},
	} {
		if _, err := s.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]string{
		"SELECT seq, key, day, undoes, undo, refused FROM postings ORDER BY seq": "1|s1|20260601|||\n2|t1||||55\n3|s2|20260601|||day-amount\n4|r1||s1|undone|\n5|s3|20260601|||\n6|t2||||",
		"SELECT json_extract(memo, '$.rrn') FROM postings WHERE key = 's1'":      "s1",
		"SELECT kind, owner, amount FROM moves WHERE seq = 5 ORDER BY n":         "balance|card|-5\nbalance|shop|5\nday-amount|card|5\nday-count|card|1",
		"SELECT rule, value, amount, max, ok FROM verdicts ORDER BY seq":         "day-amount|0|280|1000000000|1\nday-amount|280|2000000000|1000000000|0\nday-amount|0|5|1000000000|1",
		"SELECT * FROM balances ORDER BY owner":                                  "card|-5|\nshop|5|",
		"SELECT * FROM day_use":                                                  "card|20260601|5|1",
		"SELECT * FROM registers WHERE kind = 'pin-tries'":                       "pin-tries|card||8",
		"SELECT sum(value) FROM registers WHERE kind = 'balance'":                "0",
		"PRAGMA integrity_check":                                                 "ok",
	} {
		out, err := exec.Command(program, "-readonly", path, query).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%s\ngot  %q, %v\nwant %q", query, got, err, want)
		}
	}
}
