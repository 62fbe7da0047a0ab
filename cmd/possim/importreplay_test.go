package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostLog is a day at a counter as the log of the host has it that runs on jPOS: an
// echo, sales, a balance, an answer that the line lost and its reversal, a void, a
// refund, a settlement.
const hostLog = "testdata/day.q2.log"

// TestImportReplays plays what other programs recorded: to fresh books, to a host that
// listens, as a capture of the same messages too, and with a message that is not what
// the host says now.
func TestImportReplays(t *testing.T) {
	text, err := os.ReadFile(hostLog)
	if err != nil {
		t.Fatal(err)
	}
	day := journalOf(t, "day.log", text)
	green := func(args ...string) {
		t.Helper()
		code, out, errs := possim(t, append([]string{"replay"}, args...)...)
		if code != exitOK || !strings.Contains(out, "9 requests, 9 answers, 0 misses") {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	green(day, "--walk-in")
	green(day, "--cards", "../../scenarios/catalog/cards.yaml")
	green(day, "--host", startHost(t, "--dialect", "iso87ascii", "--walk-in").addr)
	packets, err := os.ReadFile(captureOf(t, day))
	if err != nil {
		t.Fatal(err)
	}
	green(journalOf(t, "day.pcap", packets), "--walk-in")

	for name, c := range map[string]struct{ old, changed, want string }{
		"another answer":             {`"39" value="00"`, `"39" value="51"`, "field 39: recorded 51, now 00"},
		"another amount":             {`"4" value="000000000500"`, `"4" value="000000000700"`, "field 4: recorded 000000000500, now 000000000700"},
		"another STAN in a reversal": {`value="0400"/>` + "\n" + `      <field id="3" value="000000"/>` + "\n" + `      <field id="4" value="000000002000"/>` + "\n" + `      <field id="11" value="000004"/>`, `value="0400"/>` + "\n" + `      <field id="3" value="000000"/>` + "\n" + `      <field id="4" value="000000002000"/>` + "\n" + `      <field id="11" value="000009"/>`, "field 11: recorded 000004, now 000009"},
	} {
		changed := strings.Replace(string(text), c.old, c.changed, 1)
		if changed == string(text) {
			t.Fatalf("%s: the log has no such message", name)
		}
		code, out, errs := possim(t, "replay", journalOf(t, "changed.log", []byte(changed)), "--walk-in")
		if code != exitFailed || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d, want %q\n%s%s", name, code, c.want, out, errs)
		}
	}
}

// TestImportExports saves what a log of jPOS has as a scenario, which the simulated
// host plays again.
func TestImportExports(t *testing.T) {
	text, err := os.ReadFile(hostLog)
	if err != nil {
		t.Fatal(err)
	}
	day, file := journalOf(t, "day.log", text), filepath.Join(t.TempDir(), "day.yaml")
	code, out, errs := possim(t, "export", day, "--out", file)
	if code != exitOK || !strings.Contains(out, "1 scenarios in ") || !strings.Contains(out, ", 0 lines of ") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	code, out, errs = possim(t, "run", file, "--dialect", "iso87ascii")
	if saved, _ := os.ReadFile(file); code != exitOK {
		t.Errorf("exit %d\n%s%s\n%s", code, out, errs, saved)
	}
}

// journalOf makes a journal of a log.
func journalOf(t *testing.T, name string, log []byte) (journal string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, log, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := possim(t, "import", path, "--out", path+".jsonl"); code != exitOK {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	return path + ".jsonl"
}

// captureOf is a journal's messages as a network carries them.
func captureOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, seq := newCapture(t), map[int]*[2]uint32{}
	for line := range strings.Lines(string(text)) {
		var l struct {
			Conn     int
			Dir, Hex string
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		frame, err := hex.DecodeString(l.Hex)
		if err != nil || len(frame) == 0 {
			continue
		}
		if seq[l.Conn] == nil {
			seq[l.Conn] = &[2]uint32{1, 1}
		}
		c.keep(uint16(firstPort+l.Conn), strings.Index("><", l.Dir), frame, seq[l.Conn])
	}
	file := filepath.Join(t.TempDir(), "day.pcap")
	c.save(file)
	return file
}

// TestImportTMK verifies the MACs of a capture with the key of its terminals, and
// makes them again with the published one.
func TestImportTMK(t *testing.T) {
	dir := t.TempDir()
	h := startHost(t, "--cards", cardFile(t, dir), "--tmk", secretTMK)
	c := startCapture(t, h.addr)
	if code, got := saleJSON(t, "1.00", "--swipe", "good", "--host", c.addr, "--state", dir, "--tmk", secretTMK); code != exitOK {
		t.Fatalf("exit %d, %+v", code, got)
	}
	file := filepath.Join(dir, "c.pcap")
	c.save(file)
	for _, keys := range [][]string{{"--tmk", secretTMK}, nil} {
		out := filepath.Join(dir, "c.jsonl")
		code, stdout, stderr := possim(t, append([]string{"import", file, "--out", out}, keys...)...)
		journal, err := os.ReadFile(out)
		if code != exitOK || err != nil {
			t.Fatalf("exit %d, %v\n%s%s", code, err, stdout, stderr)
		}
		want := 0
		if keys != nil {
			want = 2 // the sale and its answer
		}
		if n := strings.Count(string(journal), `"mac":"valid"`); n != want || strings.Contains(string(journal)+stdout+stderr, secretTMK) {
			t.Errorf("%d valid MACs with %d flags, want %d:\n%s", n, len(keys), want, journal)
		}
		if code, stdout, stderr = possim(t, "replay", out, "--walk-in"); code != exitOK {
			t.Errorf("exit %d\n%s%s", code, stdout, stderr)
		}
	}
}
