package sqlite

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"

	driver "zombiezen.com/go/sqlite"
)

// TestViews asks the sqlite3 shell, while the ledger is open, what a person would: of a new file, and
// of those that older versions left.
func TestViews(t *testing.T) {
	program := sqlite3(t)
	fresh, first, second := filepath.Join(t.TempDir(), "books.db"), older(t, "version1.db"), older(t, "version2.db")
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
	mustOpen(t, first)
	mustOpen(t, second)
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
		for _, path := range []string{fresh, first, second} {
			out, err := exec.Command(program, "-readonly", path, query).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("%s: %s\ngot  %q, %v\nwant %q", path, query, got, err, want)
			}
		}
	}
}

// TestViewsOfBytes: a posting whose memo is no text, and stands behind the place for what refused it, was not
// refused.
func TestViewsOfBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	if _, err := mustOpen(t, path).Commit(t.Context(), ledger.Tx{Key: "bytes", Memo: []byte{0xff, 0}}); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(sqlite3(t), "-readonly", path, "SELECT key FROM postings WHERE refused IS NULL AND undo IS NULL").CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != "bytes" {
		t.Errorf("got %q, %v", got, err)
	}
}

// sqlite3 returns the shell's path.
func sqlite3(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("sqlite3 is not installed (Debian: apt-get install sqlite3)")
		}
		t.Skip("sqlite3 is not installed (Debian: apt-get install sqlite3)")
	}
	return program
}

// older returns a copy of a file that an older version left, with the postings of TestViews in it.
func older(t *testing.T, name string) string {
	t.Helper()
	image, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestOlder goes on with files of older versions: repeats, tombstones and undone postings are known, and
// what is added is read, and shown by the views, with what was there.
func TestOlder(t *testing.T) {
	for _, name := range []string{"version1.db", "version2.db", "versions1and2.db"} {
		t.Run(name, func(t *testing.T) {
			path := older(t, name)
			for n := range uint64(3) {
				goOn(t, path, n)
			}
		})
	}
}

// goOn opens a file that was opened n times before.
func goOn(t *testing.T, path string, n uint64) {
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
	commit(t, s, fmt.Sprint("new", n), 1) // versions1and2.db has the first
	seq, moves, verdicts := uint64(0), int64(0), int64(0)
	for p, err := range s.Postings(t.Context(), 0) {
		if seq++; err != nil || p.Seq != seq {
			t.Fatalf("posting %d: got %+v, %v", seq, p, err)
		}
		moves, verdicts = moves+int64(len(p.Moves)), verdicts+int64(len(p.Why))
	}
	if seq != 9+n { // seven, the late one, and the new ones
		t.Errorf("got %d postings, want %d", seq, 9+n)
	}
	for query, want := range map[string]int64{
		"PRAGMA user_version":                               version,
		"SELECT count(DISTINCT key) FROM postings":          int64(seq),
		"SELECT sum(seq) FROM postings":                     int64(seq * (seq + 1) / 2),
		"SELECT count(*) FROM moves":                        moves,
		"SELECT count(*) FROM verdicts":                     verdicts,
		"SELECT balance FROM balances WHERE owner = 'shop'": 5 + 1 + int64(n),
	} {
		if got, err := number(s.disk.conn, query); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", query, got, err, want)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestKinds holds the view kinds and package ledger together: a register of every kind is shown under
// its name, and there is no other.
func TestKinds(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "books.db"))
	count := int64(0)
	for k := ledger.Kind(1); k.Valid(); k++ {
		count++
		moves := []ledger.Move{{Reg: ledger.Reg{Kind: k, Owner: "a"}, Add: 1}, {Reg: ledger.Reg{Kind: k, Owner: "b", Day: 20260601}, Add: -1}}
		if _, err := s.Commit(t.Context(), ledger.Tx{Key: ledger.Key(k.String()), Day: 20260601, Moves: moves}); err != nil {
			t.Fatal(err)
		}
	}
	for query, want := range map[string]int64{
		"SELECT count(*) FROM kinds": count,
		"SELECT count(*) FROM moves JOIN postings USING (seq) WHERE kind = key":                     2 * count,
		"SELECT count(*) FROM moves WHERE owner = 'a' AND day IS NULL AND amount = 1 AND n = 0":     count,
		"SELECT count(*) FROM moves WHERE owner = 'b' AND day = 20260601 AND amount = -1 AND n = 1": count,
		"SELECT count(*) FROM registers WHERE kind IN (SELECT kind FROM kinds)":                     2 * count,
	} {
		if got, err := number(s.disk.conn, query); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", query, got, err, want)
		}
	}
}

// TestViewsAgree asks the views for all that Postings yields of a book with a bit of everything.
func TestViewsAgree(t *testing.T) {
	program := sqlite3(t)
	s := mustOpen(t, filepath.Join(t.TempDir(), "books.db"))
	ledgertest.Random(t, s, 11, 300)
	for i, memo := range []string{`{"of":"k'1","n":[1,{"é":null}]}`, `["a",-0,"\u0007"]`, `{"a": 1}`, `{"a":1.50}`, "two\nlines", `say "hm"`} {
		if _, err := s.Commit(t.Context(), ledger.Tx{Key: ledger.Key(fmt.Sprintf(`[k"%d\ü`, i)), Memo: []byte(memo), Moves: []ledger.Move{
			{Reg: ledger.Reg{Kind: ledger.Rest, Owner: fmt.Sprintf(`[k"%d\ü`, i)}, Add: 1}, {Reg: ledger.Reg{Kind: ledger.Rest, Owner: fmt.Sprintf(`a:[k"%d\ü`, i)}, Add: 2},
			{Reg: ledger.Reg{Kind: ledger.Rest, Owner: fmt.Sprintf(`"é:[k"%d`, i)}, Add: 3}, {Reg: ledger.Reg{Kind: ledger.Rest, Owner: "17"}, Add: 4}, {Reg: ledger.Reg{Kind: ledger.Uses, Owner: `["x",1]`, Day: 1}, Add: -5, Set: true},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	var postings, moves, verdicts []string
	for p, err := range s.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		postings = append(postings, fmt.Sprintf("%d %s %s %s %s %s %s %s", p.Seq, p.At.Format(time.RFC3339Nano), date(p.Day), p.Key, p.Undoes, p.Undo, p.Refused, p.Memo))
		for n, mv := range p.Moves {
			add, set := fmt.Sprint(mv.Add), ""
			if mv.Set {
				add, set = "", add
			}
			moves = append(moves, fmt.Sprintf("%d %d %s %s %s %s %s", p.Seq, n, mv.Reg.Kind, mv.Reg.Owner, date(mv.Reg.Day), add, set))
		}
		for n, v := range p.Why {
			verdicts = append(verdicts, fmt.Sprintf("%d %d %s %s %s %s %d %d %s %s %t", p.Seq, n, v.Rule, v.Reg.Kind, v.Reg.Owner, date(v.Reg.Day), v.Value, v.Add, bound(v.Min), bound(v.Max), v.OK))
		}
	}
	for query, want := range map[string][]string{
		"SELECT format('%s %s %s %s %s %s %s %s', seq, at, day, key, undoes, undo, refused, memo) FROM postings ORDER BY seq":                                                    postings,
		"SELECT format('%s %s %s %s %s %s %s', seq, n, kind, owner, day, amount, set_to) FROM moves ORDER BY seq, n":                                                             moves,
		"SELECT format('%s %s %s %s %s %s %s %s %s %s %s', seq, n, rule, kind, owner, day, value, amount, min, max, iif(ok = 1, 'true', 'false')) FROM verdicts ORDER BY seq, n": verdicts,
	} {
		if got := texts(t, s.disk.conn, query); !slices.Equal(got, want) || len(got) < 100 {
			t.Errorf("%s\ngot  %q\nwant %q", query, got, want)
		}
		if out, err := exec.Command(program, "-readonly", s.disk.path, query).CombinedOutput(); err != nil || string(out) != strings.Join(want, "\n")+"\n" {
			t.Errorf("the shell: %s\ngot  %q, %v\nwant %q", query, out, err, want)
		}
	}
}

func date(d ledger.Day) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprint(int(d))
}

func bound(b ledger.Bound) string {
	if !b.Set {
		return ""
	}
	return fmt.Sprint(b.N)
}

// texts returns the texts that a query yields.
func texts(t *testing.T, conn *driver.Conn, query string) (all []string) {
	t.Helper()
	stmt, _, err := conn.PrepareTransient(query)
	if err != nil {
		t.Fatal(err)
	}
	for {
		more, err := stmt.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		all = append(all, stmt.ColumnText(0))
	}
	if err := stmt.Finalize(); err != nil {
		t.Fatal(err)
	}
	return all
}
