package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"possim/host/ledger"
)

// crashEnv makes the test binary a process of its own; its value is the ledger, and that of the same
// with _TASK what to do with it: to be killed is the default.
const crashEnv = "POSSIM_TEST_CRASH_LEDGER"

var tasks = map[string]func(path string) error{
	"": func(path string) error { return commitForever(path, os.Getenv(crashEnv+"_RUN")) },
}

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		if err := tasks[os.Getenv(crashEnv+"_TASK")](path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// commitForever commits from several callers and prints each key once it is acknowledged: a sale,
// and its reversal every third time.
func commitForever(path, prefix string) error {
	s, err := open(path, disk{segment: 20, spy: suicide(os.Getenv(crashEnv + "_AT"))})
	if err != nil {
		return err
	}
	// Checkpoints come every few batches, so that death meets them too.
	if err := run(s.disk.conn, "PRAGMA wal_autocheckpoint = 7"); err != nil {
		return err
	}
	fmt.Println("open")
	var mu sync.Mutex
	ended := make(chan error)
	for caller := range 8 {
		go func() {
			for i := 0; ; i++ {
				sale := tx(fmt.Sprintf("%s-%d-%d", prefix, caller, i), 1)
				list := []ledger.Tx{sale}
				if i%3 == 0 {
					list = append(list, ledger.Tx{Key: "r" + sale.Key, Undoes: sale.Key})
				}
				for _, tx := range list {
					if tx.Undoes != "" {
						p, err := s.Find(context.Background(), tx.Undoes)
						if err != nil {
							ended <- err
							return
						}
						tx.UndoesSeq = p.Seq
					}
					r, err := s.Commit(context.Background(), tx)
					if err != nil || r.Repeat || r.Refused != "" {
						ended <- fmt.Errorf("%s: %+v, %v", tx.Key, r, err)
						return
					}
					mu.Lock()
					fmt.Println(tx.Key)
					mu.Unlock()
				}
			}
		}()
	}
	return <-ended
}

// suicide returns a spy that kills the process at the n-th such step: "17 before snapshot".
func suicide(when string) func(step string) error {
	count, at, ok := strings.Cut(when, " ")
	n, err := strconv.Atoi(count)
	if !ok || err != nil {
		return nil
	}
	return func(step string) error {
		if step != at {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err == nil {
			select {}
		}
		return err
	}
}

// TestKill kills the process that writes, again and again, after some number of acknowledgements:
// every one of them is in the file, none twice, and what is there adds up.
func TestKill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	path := filepath.Join(t.TempDir(), "books.db")
	acknowledged := map[ledger.Key]bool{}
	for run := range 18 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), crashEnv+"="+path, fmt.Sprintf("%s_RUN=%d", crashEnv, run))
		// It may also kill itself: around a write, where there is least time to hit.
		if step := []string{"", "", "before", "after", "before snapshot", "after snapshot"}[run%6]; step != "" {
			cmd.Env = append(cmd.Env, fmt.Sprintf("%s_AT=%d %s", crashEnv, 1+r.IntN(15), step))
		}
		killAfter(t, cmd, r.IntN(400), acknowledged)
		checkWhole(t, path, acknowledged)
	}
	if len(acknowledged) < 500 {
		t.Errorf("only %d acknowledgements were put to the test", len(acknowledged))
	}
}

// killAfter lets the child acknowledge n keys, kills it, and notes all that it printed.
func killAfter(t *testing.T, cmd *exec.Cmd, n int, acknowledged map[ledger.Key]bool) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for i := 0; ; i++ {
		key, err := lines.ReadString('\n')
		if err != nil { // a line without its end was not printed whole
			break
		}
		if i > 0 { // the first says that it is open
			acknowledged[ledger.Key(strings.TrimSpace(key))] = true
		}
		if i == n {
			_ = cmd.Process.Kill() // it may be dead already
		}
	}
	_ = cmd.Process.Kill() // should its output have ended otherwise
	if err := cmd.Wait(); err == nil || complaint.Len() > 0 {
		t.Fatalf("it ended by itself: %v %s", err, complaint.String())
	}
}

// checkWhole opens what the killed process left.
func checkWhole(t *testing.T, path string, acknowledged map[ledger.Key]bool) {
	t.Helper()
	s, err := Open(path)
	if err != nil || s.Notice() != "" {
		t.Fatal(err, s.Notice())
	}
	seen := map[ledger.Key]bool{}
	standing := int64(0)
	for p, err := range s.Postings(t.Context(), 0) {
		if err != nil || seen[p.Key] {
			t.Fatalf("%s: twice, or %v", p.Key, err)
		}
		if seen[p.Key] = true; p.Undoes == "" {
			standing++
		} else {
			standing--
		}
	}
	for key := range acknowledged {
		if !seen[key] {
			t.Errorf("%s was acknowledged and is lost", key)
		}
	}
	regs := []ledger.Reg{shop, {Kind: ledger.Balance, Owner: "card"}, used, {Kind: ledger.DayCount, Owner: "card", Day: 20260601}}
	got, err := s.Read(t.Context(), regs...)
	if want := []int64{standing, -standing, standing, standing}; err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sameWithoutSnapshot(t, path)
}

// sameWithoutSnapshot opens a ledger, and a copy of it without its snapshot: they answer alike.
func sameWithoutSnapshot(t *testing.T, path string) {
	t.Helper()
	bare := filepath.Join(t.TempDir(), "bare.db")
	shell(t, path, "VACUUM INTO '"+bare+"'")
	shell(t, bare, "DELETE FROM snapshot")
	var states []string
	for _, name := range []string{path, bare} {
		s, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, state(t, s))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if states[0] != states[1] {
		t.Errorf("with its snapshot it says\n%s\nand without\n%s", states[0], states[1])
	}
}

// state is all that a Book says: each posting as Find shows it, and each register that was moved.
func state(t *testing.T, b ledger.Book) string {
	t.Helper()
	var s strings.Builder
	regs := map[ledger.Reg]bool{}
	for p, err := range b.Postings(t.Context(), 0) {
		if err == nil {
			p, err = b.Find(t.Context(), p.Key)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&s, "%s undone by %q\n", p.AppendLine(nil), p.UndoneBy)
		for _, mv := range p.Moves {
			regs[mv.Reg] = true
		}
	}
	for r := range regs {
		got, err := b.Read(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&s, "%s: %d\n", r, got[0])
	}
	lines := strings.Split(s.String(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestTornWAL opens what a power cut can leave: the file, and its WAL up to some byte, or with one byte
// spoilt. What opens is the book as it was after some batch, and its snapshot is of that same book.
func TestTornWAL(t *testing.T) {
	s := small(t, filepath.Join(t.TempDir(), "books.db"), nil)
	history(t, s, 0, 60)
	file, err := os.ReadFile(s.disk.path)
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(s.disk.path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	var whole []string
	for p, err := range s.Postings(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		whole = append(whole, string(p.AppendLine(nil)))
	}
	lengths := map[int]bool{}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 24 {
		torn := append([]byte(nil), wal...)
		if at := r.IntN(len(wal)); i%2 == 0 {
			torn = torn[:at]
		} else {
			torn[at] ^= 0x10
		}
		path := filepath.Join(t.TempDir(), "books.db")
		for name, image := range map[string][]byte{path: file, path + "-wal": torn} {
			if err := os.WriteFile(name, image, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again, err := Open(path)
		if err != nil || again.Notice() != "" {
			t.Fatalf("a WAL of %d of %d bytes: %v, %q", len(torn), len(wal), err, again.Notice())
		}
		n := 0
		for p, err := range again.Postings(t.Context(), 0) {
			if err != nil || string(p.AppendLine(nil)) != whole[n] {
				t.Fatalf("posting %d: got %s, %v, want %s", n+1, p.AppendLine(nil), err, whole[n])
			}
			n++
		}
		lengths[n] = true
		closed(t, again)
		sameWithoutSnapshot(t, path)
	}
	if len(lengths) < 10 {
		t.Errorf("only %d different books of %d postings", len(lengths), len(whole))
	}
}
