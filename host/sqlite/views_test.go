package sqlite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/host/ledger"
)

// TestViews asks the sqlite3 shell, while the ledger is open, what a person would: of a new file, and
// of one that version 1 left.
func TestViews(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("sqlite3 is not installed (Debian: apt-get install sqlite3)")
		}
		t.Skip("sqlite3 is not installed (Debian: apt-get install sqlite3)")
	}
	fresh, old := filepath.Join(t.TempDir(), "books.db"), version1(t)
	s := mustOpen(t, fresh)
	tries := ledger.Reg{Kind: ledger.PINTries, Owner: "card"}
	for _, tx := range []ledger.Tx{
		tx("s1", 280),
		{Key: "t1", Refuse: "55", Moves: []ledger.Move{{Reg: tries, Add: 1}}},
		tx("s2", 2_000_000_000),
		{Key: "r1", Undoes: "s1", UndoesSeq: 1},
		tx("s3", 5),
		{Key: "t2", Moves: []ledger.Move{{Reg: tries, Add: 1}, {Reg: tries, Add: 7, Set: true}, {Reg: tries, Add: 1}}},
		{Key: "early", Undoes: "late", Memo: []byte{0xff, 0}},
	} {
		tx.At = time.Date(2026, 6, 1, 9, 0, 0, 123456789, time.FixedZone("CST", 8*3600))
		if _, err := s.Commit(t.Context(), tx); err != nil {
			t.Fatal(err)
		}
	}
	mustOpen(t, old)
	for query, want := range map[string]string{
		"SELECT seq, key, day, undoes, undo, refused FROM postings ORDER BY seq":                  "1|s1|20260601|||\n2|t1||||55\n3|s2|20260601|||day-amount\n4|r1||s1|undone|\n5|s3|20260601|||\n6|t2||||\n7|early||late|unknown|",
		"SELECT count(*) FROM postings WHERE undoes IS NULL AND undo IS NULL AND refused IS NULL": "3",
		"SELECT at FROM postings WHERE seq = 7":                                                   "2026-06-01T01:00:00.123456789Z",
		"SELECT json_extract(memo, '$.rrn') FROM postings WHERE key = 's1'":                       "s1",
		"SELECT kind, owner, amount FROM moves WHERE seq = 5 ORDER BY n":                          "balance|card|-5\nbalance|shop|5\nday-amount|card|5\nday-count|card|1",
		"SELECT rule, value, amount, max, ok FROM verdicts ORDER BY seq":                          "day-amount|0|280|1000000000|1\nday-amount|280|2000000000|1000000000|0\nday-amount|0|5|1000000000|1",
		"SELECT kind, owner, day, min FROM verdicts WHERE seq = 3":                                "day-amount|card|20260601|",
		"SELECT * FROM balances ORDER BY owner":                                                   "card|-5|\nshop|5|",
		"SELECT * FROM day_use":                                                                   "card|20260601|5|1",
		"SELECT * FROM registers WHERE kind = 'pin-tries'":                                        "pin-tries|card||8",
		"SELECT sum(value) FROM registers WHERE kind = 'balance'":                                 "0",
		"PRAGMA integrity_check":                                                                  "ok",
	} {
		for _, path := range []string{fresh, old} {
			out, err := exec.Command(program, "-readonly", path, query).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("%s: %s\ngot  %q, %v\nwant %q", path, query, got, err, want)
			}
		}
	}
}

// version1 returns a copy of a file that version 1 left, with the postings of TestViews.
func version1(t *testing.T) string {
	t.Helper()
	image, err := os.ReadFile("testdata/version1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "version1.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVersion1 goes on with a file of version 1: repeats, tombstones and undone postings are known, and
// what is added is read with what was there.
func TestVersion1(t *testing.T) {
	path := version1(t)
	for n := range uint64(3) {
		s := mustOpen(t, path)
		if r := commit(t, s, "s1", 280); r.Seq != 1 || !r.Repeat {
			t.Errorf("the repeat: got %+v", r)
		}
		if p, err := s.Find(t.Context(), "s1"); err != nil || p.UndoneBy != "r1" {
			t.Errorf("got %+v, %v", p, err)
		}
		if r := commit(t, s, "late", 1); r.Refused != ledger.RuleTombstone {
			t.Errorf("the tombstone: got %+v", r)
		}
		commit(t, s, fmt.Sprint("new", n), 1)
		seq := uint64(0)
		for p, err := range s.Postings(t.Context(), 0) {
			if seq++; err != nil || p.Seq != seq {
				t.Fatalf("posting %d: got %+v, %v", seq, p, err)
			}
		}
		if seq != 9+n { // seven, the late one, and the new ones
			t.Errorf("got %d postings, want %d", seq, 9+n)
		}
		if v, err := number(s.disk.conn, "PRAGMA user_version"); err != nil || v != version {
			t.Errorf("got version %d, %v", v, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
