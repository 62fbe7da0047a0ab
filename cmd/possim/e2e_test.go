package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"possim/emulator"
	"possim/host/wire"
)

// TestSaleOverSerial is the whole way: a program that is not ours writes a swipe
// into a pseudo-terminal, `possim sale` reads it there and asks `possim host` over
// TCP, in each dialect; the slip, the host's log and the books agree.
func TestSaleOverSerial(t *testing.T) {
	need(t, "socat")
	need(t, "sqlite3")
	for _, dialect := range wire.Names() {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			db := filepath.Join(dir, "books.db")
			h := startHost(t, "--dialect", dialect, "--db", db, "--cards", cardFile(t, dir))
			tty := startPTY(t, dir)
			sale := exec.Command("possim", "sale", "12.34", "--reader", "serial:"+tty.path, "--host", h.addr,
				"--dialect", dialect, "--state", filepath.Join(dir, "state"))
			var slip bytes.Buffer
			var screen syncBuffer
			sale.Stdout, sale.Stderr = &slip, &screen
			if err := sale.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "the terminal to ask for a card", func() bool { return strings.Contains(screen.String(), "SWIPE CARD") })
			tty.write(e2eSwipe[:20])
			tty.write(e2eSwipe[20:])
			if err := sale.Wait(); err != nil {
				t.Fatalf("%v\n%s", err, &screen)
			}
			for _, want := range []string{"622202******0015", "RMB:12.34", "000001", "SIMULATED"} {
				if !strings.Contains(slip.String(), want) {
					t.Errorf("the slip lacks %q:\n%s", want, &slip)
				}
			}
			h.logged(`"amount":"12.34"`)
			h.stop()
			if got := balance(t, db); got != "98766" {
				t.Errorf("balance %s fen, want 98766", got)
			}
			rrn := query(t, db, "SELECT key FROM postings WHERE key LIKE '%/0200/00000_'")
			if !strings.HasPrefix(rrn, "898100054110001/00000001/") {
				t.Errorf("the posting's key is %q", rrn)
			}
			if all := slip.String() + screen.String() + h.log.String(); strings.Contains(all, "6222020000000015") {
				t.Error("the card number shows")
			}
		})
	}
}

// TestReadAcrossReplug: `possim read` keeps waiting when the reader is unplugged,
// and reads from it when it is back.
func TestReadAcrossReplug(t *testing.T) {
	need(t, "socat")
	dir := t.TempDir()
	tty := startPTY(t, dir)
	read := exec.Command("possim", "read", "--json", "--reader", "serial:"+tty.path)
	var out, errs syncBuffer
	read.Stdout, read.Stderr = &out, &errs
	if err := read.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Process.Kill() })
	shown := func(n int) func() bool { return func() bool { return strings.Count(out.String(), "\n") >= n } }
	tty.writeUntil(e2eSwipe, shown(1))
	tty.unplug()
	until(t, "the word that it is gone", func() bool { return strings.Contains(errs.String(), "gone") })
	again := startPTY(t, dir)
	until(t, "the word that it is back", func() bool { return strings.Contains(errs.String(), "attached") })
	again.write(";E?\r")
	const failed = `"2":{"status":"error"}`
	until(t, "a failed read", func() bool { return strings.Contains(out.String(), failed) })
	if err := read.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	read.Wait()
	if code := read.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want 130", code)
	}
	lines := strings.Split(out.String(), "\n")
	if want := `{"kind":"swipe","pan":"622202******0015","expiry":"2912","service_code":"101","tracks":{"1":{"status":"ok"},"2":{"status":"ok"},"3":{"status":"blank"}},"verdict":"ok"}`; lines[0] != want {
		t.Errorf("got  %s\nwant %s", lines[0], want)
	}
	if last := lines[len(lines)-2]; !strings.Contains(last, failed) {
		t.Errorf("got %s, want %s in it", last, failed)
	}
}

// TestKillBetweenRequestAndAnswer: the host decides, posts, and is killed before
// its answer reaches the terminal. Restarted, it hears the reversal of the
// terminal's next run, and the balance is whole.
func TestKillBetweenRequestAndAnswer(t *testing.T) {
	need(t, "sqlite3")
	dir := t.TempDir()
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db, "--cards", cardFile(t, dir))
	between := startProxy(t, h)
	sale := func(amount string) (int, emulator.Words) {
		return saleJSON(t, amount, "--swipe", "good", "--host", between.addr, "--state", filepath.Join(dir, "state"), "--timeout", "30s")
	}
	code, got := sale("10.00")
	if code != exitOK || got.Outcome != "approved" {
		t.Fatalf("before: exit %d, %+v", code, got)
	}

	between.kill(atAnswer)
	code, got = sale("20.00")
	if code != exitFailed || got.Outcome != "unknown" || got.Reversal != "queued" || got.Cause != "no-answer" || got.Slip != "" {
		t.Fatalf("the answer was lost: exit %d, %+v", code, got)
	}
	if got := balance(t, db); got != "97000" {
		t.Fatalf("the host was killed before it posted (balance %s): this test wants it after", got)
	}
	code, got = sale("30.00")
	if code != exitFailed || got.Outcome != "refused" || got.Cause != "reversal-pending" {
		t.Fatalf("while the host is down: exit %d, %+v", code, got)
	}

	h.start()
	code, got = sale("40.00")
	if code != exitOK || got.Outcome != "approved" {
		t.Fatalf("after: exit %d, %+v\n%s", code, got, h.log)
	}
	h.logged(`"mti":"0400"`)
	h.stop()
	if got := balance(t, db); got != "95000" {
		t.Errorf("balance %s fen, want 95000: 1000.00 less 10.00 and 40.00", got)
	}
	if got := query(t, db, "SELECT sum(balance) FROM balances"); got != "0" {
		t.Errorf("all accounts sum to %s, want 0", got)
	}
}

// TestKillBeforeTheRequestIsDecided: the host never saw the sale; the reversal finds
// no original, moves nothing, and is done.
func TestKillBeforeTheRequestIsDecided(t *testing.T) {
	need(t, "sqlite3")
	dir := t.TempDir()
	db := filepath.Join(dir, "books.db")
	h := startHost(t, "--db", db, "--cards", cardFile(t, dir), "--dialect", "iso87bcd")
	between := startProxy(t, h)
	sale := func(amount string) (int, emulator.Words) {
		return saleJSON(t, amount, "--swipe", "good", "--host", between.addr, "--dialect", "iso87bcd",
			"--state", filepath.Join(dir, "state"), "--timeout", "30s")
	}
	between.kill(atRequest)
	if code, got := sale("20.00"); code != exitFailed || got.Outcome != "unknown" || got.Reversal != "queued" {
		t.Fatalf("the request was lost: exit %d, %+v", code, got)
	}
	h.start()
	if code, got := sale("40.00"); code != exitOK || got.Outcome != "approved" {
		t.Fatalf("after: exit %d, %+v\n%s", code, got, h.log)
	}
	h.logged(`"code":"25"`)
	h.stop()
	if got := balance(t, db); got != "96000" {
		t.Errorf("balance %s fen, want 96000", got)
	}
}

// TestInterruptedSale: Ctrl-C while the answer is awaited ends with 130 and leaves
// a reversal for the next sale.
func TestInterruptedSale(t *testing.T) {
	dir := t.TempDir()
	h := startHost(t, "--cards", cardFile(t, dir))
	between := startProxy(t, h)
	there := []string{"--host", between.addr, "--state", filepath.Join(dir, "state")}
	if code, _, errs := possim(t, append(there, "order", "sign-on")...); code != exitOK {
		t.Fatalf("sign-on: exit %d, %s", code, errs)
	}
	args := append(there, "sale", "20.00", "--swipe", "good")
	between.kill(theAnswer)
	sale := exec.Command("possim", args...)
	var out, screen syncBuffer
	sale.Stdout, sale.Stderr = &out, &screen
	if err := sale.Start(); err != nil {
		t.Fatal(err)
	}
	h.logged(`"mti":"0200"`)
	if err := sale.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	sale.Wait()
	if code := sale.ProcessState.ExitCode(); code != exitInterrupted || out.String() != "" ||
		!strings.Contains(screen.String(), "the next order of this terminal reverses it first") {
		t.Fatalf("exit %d, %q, %q", code, &out, &screen)
	}
	if code, _, errs := possim(t, args...); code != exitOK {
		t.Fatalf("the next sale: exit %d, %s", code, errs)
	}
	h.logged(`"mti":"0400","stan":"000002"`)
}

// TestHostRestarts: limits and status come from the card file of each start, balances
// from the books; and one set of books, like one address, serves one host.
func TestHostRestarts(t *testing.T) {
	dir := t.TempDir()
	db, cards := filepath.Join(dir, "books.db"), cardFile(t, dir)
	h := startHost(t, "--db", db, "--cards", cards, "--record", filepath.Join(dir, "j.jsonl"))
	sale := []string{"--swipe", "good", "--host", h.addr, "--state", filepath.Join(dir, "state")}
	if code, got := saleJSON(t, append(sale, "900.00")...); code != exitOK {
		t.Fatalf("exit %d, %+v", code, got)
	}
	for flag, value := range map[string]string{"--db": db, "--listen": h.addr} {
		code, _, errs := possim(t, "host", "--listen", "127.0.0.1:0", flag, value)
		if code != exitWorld || !strings.Contains(errs, value) {
			t.Errorf("a second host with %s: exit %d, %s", flag, code, errs)
		}
	}
	h.stop()
	journal, err := os.ReadFile(filepath.Join(dir, "j.jsonl"))
	if got := string(journal); err != nil || strings.Count(got, "\n") != 5 ||
		!strings.Contains(got, `"dir":">","mti":"0200"`) || !strings.Contains(got, `"dir":"<","mti":"0210"`) {
		t.Errorf("the journal: %v\n%s", err, journal)
	}

	h.start()
	code, got := saleJSON(t, append(sale, "100.01")...)
	if code != exitFailed || got.Code != "51" {
		t.Errorf("more than is left: exit %d, %+v, want code 51", code, got)
	}
	h.stop()

	frozen := strings.Replace(e2eCards, "balance: 1000.00", "balance: 5000.00, status: frozen", 1)
	if err := os.WriteFile(cards, []byte(frozen), 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	if code, got := saleJSON(t, append(sale, "1.00")...); code != exitFailed || got.Outcome != "declined" || got.Code != "62" {
		t.Errorf("frozen meanwhile: exit %d, %+v, want code 62", code, got)
	}
	h.stop()

	if err := os.Remove(db + ".key"); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := possim(t, "host", "--listen", "127.0.0.1:0", "--db", db); code != exitWorld || !strings.Contains(errs, "books.db.key is missing") {
		t.Errorf("books without their key: exit %d, %s", code, errs)
	}
}

// TestWalkIn: a card nobody registered has an account at first sight, where that is
// allowed.
func TestWalkIn(t *testing.T) {
	dir := t.TempDir()
	wav := filepath.Join(dir, "f.wav")
	if code, _, errs := possim(t, "swipe", "--track2", ";6210947000000021=29121010000000000?", "--wav", wav); code != exitOK {
		t.Fatal(errs)
	}
	for want, args := range map[string][]string{"14": nil, "00": {"--walk-in"}} {
		h := startHost(t, append(args, "--cards", cardFile(t, dir))...)
		_, got := saleJSON(t, "1.00", "--reader", "wav:"+wav, "--host", h.addr, "--state", filepath.Join(dir, want))
		if string(got.Code) != want {
			t.Errorf("%v: %+v, want code %s", args, got, want)
		}
		h.stop()
	}
}

// TestRunAgainstHost: scenarios against a host of its own process, and again: the
// terminal's numbers go on, so that the second run's sales are new ones.
func TestRunAgainstHost(t *testing.T) {
	dir := t.TempDir()
	h := startHost(t)
	file := filepath.Join(dir, "s.yaml")
	const text = "possim: 1\nscenarios:\n  - name: sells\n    steps:\n      - sale: 1.00\n      - swipe: good\n        expect: {rc: 00}\n" +
		"  - name: refuses\n    steps:\n      - sale: 1.00\n      - swipe: frozen\n        expect: {rc: 62}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"run", file, "--host", h.addr, "--state", dir, "--format", "json"}
	for range 2 {
		if code, out, errs := possim(t, args...); code != exitOK || !strings.Contains(out, `"passed":2,"failed":0,"skipped":0`) {
			t.Fatalf("exit %d\n%s\n%s\n%s", code, out, errs, h.log)
		}
	}
	h.stop()
	if strings.Contains(h.log.String(), `"repeat"`) {
		t.Errorf("the second run repeated numbers of the first:\n%s", h.log)
	}
	code, _, errs := possim(t, "run", "--host", h.addr, "--state", dir, "--filter", "next day")
	if code != exitFile || !strings.Contains(errs, "clock") {
		t.Errorf("a step that needs the simulated clock: exit %d, %s", code, errs)
	}
	code, out, _ := possim(t, "run", "--host", h.addr, "--state", dir, "--filter", "next day", "--skip-unsupported")
	if code != exitFailed || !strings.Contains(out, "skipped") {
		t.Errorf("nothing ran: exit %d, %s", code, out)
	}
}

// TestLockedState: two sales at one terminal at the same time cannot be.
func TestLockedState(t *testing.T) {
	dir := t.TempDir()
	s, err := openState(dir, "127.0.0.1:1", "00000001", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	code, out, errs := possim(t, "sale", "1.00", "--swipe", "good", "--host", "127.0.0.1:1", "--state", dir)
	if want := fmt.Sprintf("process %d since", os.Getpid()); code != exitWorld || out != "" || !strings.Contains(errs, want) {
		t.Errorf("exit %d, %q, %q; want 4 and %q", code, out, errs, want)
	}
}

// TestForeignDialect: host and terminal talk as a jPOS packager says, and leave out
// what it has no field for.
func TestForeignDialect(t *testing.T) {
	dir := t.TempDir()
	script, err := os.ReadFile("testdata/script/dialect.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, packager, _ := strings.Cut(string(script), "-- acquirer.xml --\n")
	packager, _, _ = strings.Cut(packager, "-- ")
	spec := filepath.Join(dir, "acquirer.xml")
	if err := os.WriteFile(spec, []byte(packager), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, opening := range []string{"", "?tpdu", "?header=6"} {
		h := startHost(t, "--cards", cardFile(t, dir), "--dialect", spec+opening)
		code, got := saleJSON(t, "12.34", "--swipe", "good", "--host", h.addr, "--dialect", spec+opening, "--state", dir)
		if code != exitOK || got.RRN == "" {
			t.Errorf("%q: exit %d, %+v\n%s", opening, code, got, h.log)
		}
		h.stop()
	}
}
