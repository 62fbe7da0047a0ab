package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sold sells at a host once and returns the journal of it.
func sold(t *testing.T, h *hostProcess, dialect string, more ...string) string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "sale.jsonl")
	args := append([]string{"12.34", "--swipe", "good", "--dialect", dialect, "--host", h.addr, "--state", t.TempDir(), "--record", log}, more...)
	if code, got := saleJSON(t, args...); code != exitOK {
		t.Fatalf("exit %d, %+v", code, got)
	}
	return log
}

// TestReplaySpy: what was recorded is answered from the journal, and anything else by
// the host, under the host's own keys on one side and the journal's on the other.
func TestReplaySpy(t *testing.T) {
	for _, mac := range [][2]string{{"unionpay", "require"}, {"iso87ascii", "off"}, {"iso87ascii", "require"}} {
		dialect, keys := mac[0], []string{"--mac", mac[1]}
		h := startHost(t, append([]string{"--dialect", dialect}, keys...)...)
		log := sold(t, startHost(t, append([]string{"--dialect", dialect}, keys...)...), dialect, keys...)
		spy := startPossim(t, "replay", log, "--listen", "127.0.0.1:0", "--mode", "spy", "--host", h.addr)
		state := t.TempDir()
		args := func(amount string) []string {
			return append([]string{amount, "--swipe", "good", "--pin", "123456", "--dialect", dialect, "--host", spy.addr, "--state", state}, keys...)
		}
		if code, got := saleJSON(t, args("43.21")...); code != exitOK || got.RRN == "" {
			t.Errorf("%s, MAC %s: a sale that was not recorded: exit %d, %+v\n%s", dialect, mac[1], code, got, h.log)
		}
		h.logged("43.21")
		spy.stop()
		if got := spy.out.String(); !strings.Contains(got, "sale.jsonl:") || !strings.Contains(got, "the recorded request never came") {
			t.Errorf("%s: the recorded sale never came, and the report says\n%s", dialect, got)
		}
	}
}

// TestReplaySpyWithoutItsHost: a host that is not there is the environment's fault.
func TestReplaySpyWithoutItsHost(t *testing.T) {
	h := startHost(t, "--dialect", "iso87ascii")
	log := sold(t, h, "iso87ascii")
	spy := startPossim(t, "replay", log, "--listen", "127.0.0.1:0", "--mode", "spy", "--host", "127.0.0.1:1")
	saleJSON(t, "43.21", "--swipe", "good", "--dialect", "iso87ascii", "--host", spy.addr, "--state", t.TempDir(), "--timeout", "5s")
	if code := spy.wait(); code != exitWorld {
		t.Errorf("exit %d, want %d\n%s", code, exitWorld, spy.log)
	}
}

// TestReplayUpdate: after a change that was meant, the journal takes the answers of now,
// and replays green again.
func TestReplayUpdate(t *testing.T) {
	h := startHost(t)
	log := sold(t, h, "unionpay")
	other := func() string { return startHost(t, "--issuer", "01990000").addr }
	code, out, errs := possim(t, "replay", log, "--host", other())
	if code != exitFailed || !strings.Contains(out, "field 44: recorded 01980000") {
		t.Fatalf("another issuer's code: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "replay", log, "--host", other(), "--mode", "update"); code != exitOK {
		t.Fatalf("update: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "replay", log, "--host", other()); code != exitOK {
		t.Errorf("after the update: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "replay", log, "--host", h.addr); code != exitFailed {
		t.Errorf("at the old host: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "scrub", "--check", log); code != exitOK {
		t.Errorf("scrub: exit %d\n%s%s", code, out, errs)
	}
}

// TestReplayUpdateThatFails leaves the journal as it was, and nothing beside it.
func TestReplayUpdateThatFails(t *testing.T) {
	h := startHost(t)
	log := sold(t, h, "unionpay")
	before, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errs := possim(t, "replay", log, "--host", "127.0.0.1:1", "--mode", "update"); code != exitWorld {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	after, _ := os.ReadFile(log)
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(log), "*"))
	if string(after) != string(before) || len(names) != 1 {
		t.Errorf("the journal has changed, or something is beside it: %v", names)
	}
}

// TestReplayUnderDUKPT: with the base derivation key a recording says what its MACs were
// worth, a replay seals each message under a key of its own, and a terminal is answered.
func TestReplayUnderDUKPT(t *testing.T) {
	for _, base := range []string{baseTDES, baseAES} {
		keys := []string{"--dukpt", base, "--mac", "require"}
		h := startHost(t, append([]string{"--dialect", "iso87bcd"}, keys...)...)
		log := sold(t, h, "iso87bcd", keys...)
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Count(string(text), `"mac":"valid"`) != 2 || strings.Contains(string(text), "unverified") {
			t.Errorf("got\n%s", text)
		}
		code, out, errs := possim(t, append([]string{"replay", log, "--walk-in"}, keys...)...)
		if code != exitOK {
			t.Errorf("with the key: exit %d\n%s%s", code, out, errs)
		}
		if code, out, errs = possim(t, "replay", log, "--walk-in", "--mac", "require"); code != exitFailed || !strings.Contains(out, "likely cause: MAC key") {
			t.Errorf("without the key: exit %d\n%s%s", code, out, errs)
		}
		r := startPossim(t, "replay", log, "--listen", "127.0.0.1:0", "--dukpt", base)
		if code, got := saleJSON(t, append([]string{"12.34", "--swipe", "good", "--dialect", "iso87bcd", "--host", r.addr, "--state", t.TempDir()}, keys...)...); code != exitOK {
			t.Errorf("as the host: exit %d, %+v", code, got)
		}
		if code := r.wait(); code != exitOK {
			t.Errorf("as the host: exit %d\n%s%s", code, r.out, r.log)
		}
	}
}

// TestAFolderCalledCatalog: files of the user's in a directory of that name are not taken
// for those that ship: recorded, replayed, annotated and run again they are the user's.
func TestAFolderCalledCatalog(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("catalog", 0o755); err != nil {
		t.Fatal(err)
	}
	for name, code := range map[string]string{"cards.yaml": "00", "purchase.yaml": "61"} {
		text := "possim: 1\ncards:\n  mine: {pan: 6222020000000015, expiry: 2912}\nscenarios:\n  - name: " + name + "\n    steps:\n      - sale: 10.00\n      - swipe: mine\n        expect: {rc: \"" + code + "\"}\n"
		if err := os.WriteFile(filepath.Join("catalog", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := possim(t, "run", "catalog", "--record", "j.jsonl", "--format", "github", "--report", "json:last.json")
	if code != exitFailed || !strings.Contains(out, "::error file=catalog/purchase.yaml,line=9,") || !strings.Contains(out, "again: possim run ./catalog/purchase.yaml") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "replay", "j.jsonl"); code != exitOK || !strings.Contains(out, " 0 misses") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs = possim(t, "run", "--rerun-failed", "last.json"); code != exitFailed || !strings.Contains(out, "purchase.yaml:9") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}
