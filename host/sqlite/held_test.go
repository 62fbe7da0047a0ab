package sqlite

import (
	"errors"
	"fmt"
	"hash/crc32"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"possim/host/ledger"
	"possim/host/ledger/ledgertest"
)

// sifted is the Seqs of what PostingsOf yields behind after.
func sifted(t *testing.T, s *Store, after uint64, kind ledger.Kind) (seqs []uint64) {
	t.Helper()
	for p, err := range s.PostingsOf(t.Context(), after, kind) {
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, p.Seq)
	}
	return seqs
}

// sought is what reading the whole journal finds of the same: of what is held, what adds to it and stands.
func sought(t *testing.T, s *Store, after uint64, kind ledger.Kind) (seqs []uint64) {
	t.Helper()
	for p, err := range s.Postings(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		moves := slices.ContainsFunc(p.Moves, func(mv ledger.Move) bool {
			return mv.Reg.Kind == kind && (kind != ledger.Hold || mv.Add > 0)
		})
		if known, err := s.Find(t.Context(), p.Key); err != nil {
			t.Fatal(err)
		} else if moves && (kind != ledger.Hold || known.UndoneBy == "") {
			seqs = append(seqs, p.Seq)
		}
	}
	return seqs
}

// TestPostingsOf finds, while the book is opened again and again, and by its snapshots, what reading
// the whole journal finds.
func TestPostingsOf(t *testing.T) {
	for seed := range uint64(2) {
		b := &reopening{t: t, open: func(path string) *Store { return small(t, path, nil) }}
		b.Store = b.open(filepath.Join(t.TempDir(), "books.db"))
		ledgertest.Random(t, b, 400+seed, 160)
		for _, kind := range []ledger.Kind{ledger.Hold, ledger.ATC} {
			for _, after := range []uint64{0, 10, b.book.Last(), 1<<64 - 1} {
				got, want := sifted(t, b.Store, after, kind), sought(t, b.Store, after, kind)
				if !slices.Equal(got, want) || after == 0 && len(want) == 0 {
					t.Errorf("seed %d, %s behind %d: got %v, want %v", seed, kind, after, got, want)
				}
			}
		}
		again := b.PostingsOf(t.Context(), 0, ledger.Hold)
		for range again {
			break
		}
		n := 0
		for range again {
			n++
		}
		if want := len(sifted(t, b.Store, 0, ledger.Hold)); n != want {
			t.Errorf("ranged over again: %d postings, want %d", n, want)
		}
	}
}

// preauthorised commits a hold, for the first of every hundred of n sales.
func preauthorised(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		if i%100 > 0 {
			commit(t, s, fmt.Sprint("sale", i), 1)
			continue
		}
		hold := ledger.Tx{Key: ledger.Key(fmt.Sprint("hold", i)), Moves: []ledger.Move{
			{Reg: ledger.Reg{Kind: ledger.Balance, Owner: "card"}, Add: -5}, {Reg: ledger.Reg{Kind: ledger.Hold, Owner: "card"}, Add: 5}}}
		if _, err := s.Commit(t.Context(), hold); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHeldAlone spoils every batch that the snapshot stands for and that holds nothing: what is held is
// found all the same, because nothing else is read.
func TestHeldAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.db")
	s := small(t, path, nil)
	preauthorised(t, s, 300)
	want := sought(t, s, 0, ledger.Hold)
	closed(t, s)
	shell(t, path, `UPDATE batch SET events = events || ' ' WHERE instr(events, '"ho') = 0 AND last < (SELECT max(last) FROM snapshot)`)
	s = small(t, path, nil)
	if got := sifted(t, s, 0, ledger.Hold); !slices.Equal(got, want) || len(got) != 3 || s.Notice() != "" {
		t.Errorf("got %v, %q, want %v", got, s.Notice(), want)
	}
	if got := sifted(t, s, want[1], ledger.Hold); !slices.Equal(got, want[2:]) {
		t.Errorf("behind the second: got %v, want %v", got, want[2:])
	}
	for _, err := range s.Postings(t.Context(), 0) {
		if errors.Is(err, ErrDamaged) {
			return
		}
	}
	t.Error("the rest of the journal was not spoilt: this test looks at nothing")
}

// TestHeldOfOlder finds what is held in files that do not say where: one of version 1, in which batches
// are objects and no snapshot is, one whose snapshot is of version 1, and one that lost its snapshot.
func TestHeldOfOlder(t *testing.T) {
	for name, age := range map[string]func(t *testing.T, path string){
		"version 1":                 asVersion1,
		"a snapshot of version 1":   withSnapshot1,
		"a snapshot that went lost": func(t *testing.T, path string) { shell(t, path, "DELETE FROM snapshot") },
		"half a snapshot":           func(t *testing.T, path string) { shell(t, path, "DELETE FROM snapshot WHERE first > 100") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "books.db")
			s := small(t, path, nil)
			preauthorised(t, s, 300)
			closed(t, s)
			age(t, path)
			for n := range 2 {
				s := small(t, path, nil)
				if got, want := sifted(t, s, 0, ledger.Hold), sought(t, s, 0, ledger.Hold); !slices.Equal(got, want) || len(got) != 3 {
					t.Errorf("opened %d times before: got %v, want %v", n, got, want)
				}
				if n == 0 && name == "a snapshot of version 1" &&
					s.Notice() != "the snapshot that lets it open quickly was not used (another version of possim made it): 300 postings were read one by one instead. Nothing is lost, and it comes once: a new snapshot takes its place" {
					t.Errorf("got the notice %q", s.Notice())
				}
				if n == 1 && (s.Notice() != "" || s.book.Behind() > 10) {
					t.Errorf("the file was not brought up to date: %d behind, %q", s.book.Behind(), s.Notice())
				}
				closed(t, s)
			}
		})
	}
}

// asVersion1 makes a file what version 1 would have left.
func asVersion1(t *testing.T, path string) {
	s := small(t, path, nil)
	script := "DROP TABLE snapshot;"
	for p, err := range s.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		text := "[" + string(p.AppendJSON(nil)) + "]"
		script += fmt.Sprintf("UPDATE batch SET crc = %d, events = '%s' WHERE first = %d AND last = first;", crc32.Checksum([]byte(text), castagnoli), strings.ReplaceAll(text, "'", "''"), p.Seq)
	}
	closed(t, s)
	shell(t, path, script+"PRAGMA user_version = 1")
}

// withSnapshot1 makes the snapshot what it was before it said what is held: without the end, which
// holds few numbers here.
func withSnapshot1(t *testing.T, path string) {
	s := small(t, path, nil)
	stmt, _, err := s.past.conn.PrepareTransient("SELECT first, last, state FROM snapshot")
	if err != nil {
		t.Fatal(err)
	}
	script := ""
	for {
		found, err := stmt.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			break
		}
		first, last, state := uint64(stmt.ColumnInt64(0)), uint64(stmt.ColumnInt64(1)), make([]byte, stmt.ColumnLen(2))
		stmt.ColumnBytes(2, state)
		held := slices.DeleteFunc(slices.Clone(s.book.Held(first-1)), func(seq uint64) bool { return seq > last })
		state = append([]byte{1}, state[1:len(state)-1-len(held)]...) // a byte each, and one for their number
		script += fmt.Sprintf("UPDATE snapshot SET crc = %d, state = x'%x' WHERE first = %d;", crc32.Checksum(state, castagnoli), state, first)
	}
	if err := stmt.Finalize(); err != nil {
		t.Fatal(err)
	}
	closed(t, s)
	shell(t, path, script)
}

// TestCommitAll puts many transactions into few rows, each of which costs a flush.
func TestCommitAll(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "books.db"))
	txs := make([]ledger.Tx, 500)
	for i := range txs {
		txs[i] = tx(fmt.Sprint("sale", i), 1)
	}
	got, err := s.CommitAll(t.Context(), txs)
	if err != nil || got[499].Seq != 500 {
		t.Fatalf("got %+v, %v", got[499], err)
	}
	if rows, err := number(s.disk.conn, "SELECT count(*) FROM batch"); err != nil || rows > 100 {
		t.Errorf("%d rows for 500 transactions, %v", rows, err)
	}
}
